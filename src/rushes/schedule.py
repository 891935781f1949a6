"""When to ask again. Pure functions; the random generator comes from the caller.

Polling and retrying are two cadences. The retry delay follows the number of failures in a row, and the provider's own
word where it gave one. The poll interval follows what is known of the operation's end.

With n(t) polls per second at age t, a finish is found 1/(2 n) late on average, and the polls so far are the integral of
n. Of all n that cost the same number of requests, the one with the least mean delay goes with the square root of the
hazard, the rate at which the operations that still run end (Barlow and Proschan, 1965; Keller, 1974): no poll where
nothing ends, dense polls where most does, sparse ones in the tail. Knowledge of the hazard may be wrong, so a share of
the requests is spread evenly, whatever it says. A budget of requests per operation scales the density; a floor and a
ceiling bound the interval, and jitter keeps many watches apart. Where the operation's age is unknown the hazard says
nothing, and polling is even. Past the age at which nearly all have ended the model is evidently wrong: the interval
grows with the age then.

bench/schedule.py measures it beside fixed intervals and the exact optimum.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from itertools import accumulate, pairwise

from rushes.latency import Latency, bounded_age_s

#: Status requests that one operation costs on average, the first at once and the one that finds the end included.
REQUESTS_PER_OPERATION = 12.0
SHORTEST_POLL_S = 2.0
LONGEST_POLL_S = 30.0
_POLL_JITTER = 0.1
#: Of the requests between the first and the last, as many are spread evenly.
_EVEN_SHARE = 0.15
#: The first poll, and half of one: the last comes on average half an interval after the end.
_FIRST_AND_LAST = 1.5
#: The density is planned up to the age at which this share has ended, in so many steps.
_PLANNED_SHARE = 0.995
_STEPS = 256

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
#: A provider may ask for a longer pause than we would take; a day-long one is a mistake.
LONGEST_RETRY_AFTER_S = 600.0

#: An operation submitted a moment ago may not be known everywhere yet.
NOT_FOUND_GRACE_S = 10.0
#: What a network may take to come back, for a laptop that woke up after its watch's deadline.
OFFLINE_GRACE_S = 30.0


def poll_interval_s(
    latency: Latency, age_s: float | None, rng: random.Random, *, requests: float = REQUESTS_PER_OPERATION
) -> float:
    """Seconds until the next poll of an operation that still runs, jittered by a tenth.

    Args:
        latency: how long such operations take.
        age_s: seconds since the operation began, None where nobody knows.
        rng: the source of jitter.
        requests: the budget per operation.
    """
    if age_s is None:
        interval_s = latency.mean_s / max(1.0, requests - _FIRST_AND_LAST)
    else:
        age_s = bounded_age_s(age_s)
        interval_s = _planned_poll_s(latency, requests, age_s) - age_s
    bounded_s = min(LONGEST_POLL_S, max(SHORTEST_POLL_S, interval_s))
    return bounded_s * rng.uniform(1.0 - _POLL_JITTER, 1.0 + _POLL_JITTER)


def retry_delay_s(failures: int, retry_after_s: float | None, rng: random.Random) -> float:
    """Seconds until a failed poll is tried again.

    Args:
        failures: failed polls in a row, this one included.
        retry_after_s: what the provider asked for; never undercut, and spread a little so that many watches do not
            come back in the same instant.
        rng: the source of jitter.
    """
    backoff_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(failures - 1, 16)) * rng.uniform(0.5, 1.0)
    if retry_after_s is None:
        return backoff_s
    asked_s = min(retry_after_s, LONGEST_RETRY_AFTER_S)
    return max(backoff_s, asked_s + rng.uniform(0.0, 0.1) * min(asked_s, 10.0))


def _planned_poll_s(latency: Latency, requests: float, age_s: float) -> float:
    """The age at which one more poll has fallen due."""
    step_s, counts = _plan(latency, requests)
    end_s = step_s * _STEPS
    if age_s >= end_s:
        return age_s + age_s / end_s * step_s / (counts[-1] - counts[-2])
    at = age_s / step_s
    done = int(at)
    due = counts[done] + (at - done) * (counts[done + 1] - counts[done]) + 1.0
    for step in range(done, _STEPS):
        if counts[step + 1] >= due:
            return step_s * (step + (due - counts[step]) / (counts[step + 1] - counts[step]))
    return end_s + (due - counts[-1]) * step_s / (counts[-1] - counts[-2])


@lru_cache(maxsize=64)
def _plan(latency: Latency, requests: float) -> tuple[float, list[float]]:
    """The length of a step in seconds, and how many polls have fallen due at the beginning of each, and at the end."""
    step_s = latency.quantile_s(_PLANNED_SHARE) / _STEPS
    survivals = [latency.log_survival(step * step_s) for step in range(_STEPS + 1)]
    #: Seconds that an operation runs within each step, on average.
    running_s = [step_s * math.exp((one + other) / 2.0) for one, other in pairwise(survivals)]
    roots = [math.sqrt((one - other) / step_s) for one, other in pairwise(survivals)]

    def over_a_life(density: list[float]) -> float:
        return sum(polls * alive_s for polls, alive_s in zip(density, running_s, strict=True))

    by_hazard, evenly = (1.0 - _EVEN_SHARE) / over_a_life(roots), _EVEN_SHARE / sum(running_s)
    shape = [by_hazard * root + evenly for root in roots]

    def bounded(scale: float) -> list[float]:
        return [min(1.0 / SHORTEST_POLL_S, max(1.0 / LONGEST_POLL_S, scale * share)) for share in shape]

    low, high = 0.0, 1.0 / min(shape)
    for _ in range(40):
        scale = (low + high) / 2.0
        too_many = over_a_life(bounded(scale)) > requests - _FIRST_AND_LAST
        low, high = (low, scale) if too_many else (scale, high)
    return step_s, list(accumulate((polls * step_s for polls in bounded(low)), initial=0.0))
