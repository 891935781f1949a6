"""When to ask again. Pure functions; the random generator comes from the caller.

Polling and retrying are two cadences. The poll interval follows the operation's age: finding a finish late by a fixed
share of the time it took costs a number of requests that grows with the logarithm of that time, not with the time. The
retry delay follows the number of failures in a row, and the provider's own word where it gave one.
"""

from __future__ import annotations

import random

SHORTEST_POLL_S = 2.5
LONGEST_POLL_S = 15.0
#: A finish is found late by at most this share of the operation's age.
POLL_SHARE_OF_AGE = 1 / 8

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
#: A provider may ask for a longer pause than we would take; a day-long one is a mistake.
LONGEST_RETRY_AFTER_S = 600.0

#: An operation submitted a moment ago may not be known everywhere yet.
NOT_FOUND_GRACE_S = 10.0
#: What a network may take to come back, for a laptop that woke up after its watch's deadline.
OFFLINE_GRACE_S = 30.0


def poll_interval_s(age_s: float, rng: random.Random) -> float:
    """Seconds until the next poll of an operation that is `age_s` seconds old, jittered by a tenth."""
    interval_s = min(LONGEST_POLL_S, max(SHORTEST_POLL_S, age_s * POLL_SHARE_OF_AGE))
    return float(interval_s * rng.uniform(0.9, 1.1))


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
