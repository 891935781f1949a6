"""How long a generation takes: a distribution per model family, sharpened by the durations seen here. Pure functions.

A latency is a shifted lognormal: nothing ends before the shift, and what follows is spread around its median by a
factor. Two numbers and a best case are all that the evidence bears. There is no statistic of the provider's, only:

- "11 seconds at best, 6 minutes at peak" (Google's documentation of Veo);
- single measurements of users: veo-3.1-fast 52 to 130 s, veo-3.1 72 to 161 s.

The medians below lie in the middle of those, and the spread is wider than they are, because they are few. Length and
resolution of the video are not told apart. Durations from the ledger count once there are five.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

from rushes.provider import is_loopback

_NORMAL = NormalDist()
#: Operations are forgotten after about two days; a greater age is a clock gone wrong.
_OLDEST_S = 3 * 86_400.0
#: Fewer durations than this say too little.
FEWEST_DURATIONS = 5
#: A prior weighs as much as this many durations: it rests on hardly more.
_PRIOR_WEIGHT = 2.0
#: How much generations of one model differ where nothing is known of it.
_USUAL_SPREAD = 0.5
#: However alike the durations were, the next may differ by this factor (as a logarithm).
_LEAST_SPREAD = 0.15


@dataclass(frozen=True)
class Latency:
    """How long generations take: `shift_s` plus a lognormal.

    Attributes:
        shift_s: seconds that every one takes.
        scale_s: median of what comes on top, in seconds.
        sigma: standard deviation of its natural logarithm.
    """

    shift_s: float
    scale_s: float
    sigma: float

    def log_survival(self, age_s: float) -> float:
        """Natural logarithm of the probability that an operation still runs at this age; never minus infinity."""
        beyond = (bounded_age_s(age_s) - self.shift_s) / self.scale_s
        if beyond <= 0.0:
            return 0.0
        z = math.log(beyond) / self.sigma
        if z < 20.0:
            return math.log(0.5 * math.erfc(z / math.sqrt(2.0)))
        return -0.5 * z * z - math.log(z * math.sqrt(2.0 * math.pi))  # where erfc underflows

    def quantile_s(self, probability: float) -> float:
        """The age in seconds at which this share has ended; 0 and 1 themselves have none but the shift and infinity."""
        if probability <= 0.0:
            return self.shift_s
        if probability >= 1.0:
            return math.inf
        return self.shift_s + self.scale_s * math.exp(self.sigma * _NORMAL.inv_cdf(probability))

    @property
    def mean_s(self) -> float:
        """The mean, in seconds."""
        return self.shift_s + self.scale_s * math.exp(self.sigma**2 / 2.0)


#: Of an endpoint or a model that nothing is known about: most take between some seconds and some minutes.
UNKNOWN = Latency(shift_s=0.0, scale_s=15.0, sigma=1.5)

_FAMILIES = (
    (re.compile(r"veo-?3\.1-fast"), Latency(shift_s=11.0, scale_s=70.0, sigma=0.5)),
    (re.compile(r"veo-?3\.1-generate"), Latency(shift_s=11.0, scale_s=96.0, sigma=0.5)),
    # Not measured: Google's best and worst case alone.
    (re.compile(r"veo"), Latency(shift_s=11.0, scale_s=80.0, sigma=0.7)),
)


def prior_latency(model_name: str, base_url: str) -> Latency:
    """What is known of a model's latency before any of its operations was seen.

    Args:
        model_name: without "models/".
        base_url: the endpoint; one on this machine plays a model rather than running it, so its name says nothing.
    """
    if is_loopback(base_url):
        return UNKNOWN
    name = model_name.lower()
    return next((latency for family, latency in _FAMILIES if family.match(name)), UNKNOWN)


def sharpened(prior: Latency, durations_s: Sequence[float]) -> Latency:
    """The prior and the durations that were seen, weighed against each other; the prior where they are too few.

    Args:
        prior: what was known before.
        durations_s: seconds from an operation's beginning to its end, of one model at one endpoint.
    """
    seen_s = [duration_s for duration_s in durations_s if 1.0 <= duration_s <= _OLDEST_S]
    if len(seen_s) < FEWEST_DURATIONS:
        return prior
    if prior == UNKNOWN:
        # That is no evidence, and would only blur what was seen.
        prior = Latency(0.0, median(seen_s), _USUAL_SPREAD)
    # The best case moves down where an operation came near it or beat it.
    shift_s = min(prior.shift_s, min(seen_s) / 2.0)
    logs = [math.log(duration_s - shift_s) for duration_s in seen_s]
    prior_log = math.log(prior.quantile_s(0.5) - shift_s)
    weight = _PRIOR_WEIGHT + len(logs)
    mean = (_PRIOR_WEIGHT * prior_log + sum(logs)) / weight
    spread = _PRIOR_WEIGHT * prior.sigma**2 + sum((log - mean) ** 2 for log in logs)
    return Latency(shift_s, math.exp(mean), max(_LEAST_SPREAD, math.sqrt(spread / weight)))


def finish_probability(latency: Latency, from_age_s: float, to_age_s: float) -> float:
    """The probability that an operation which still runs at `from_age_s` has ended by `to_age_s`.

    Args:
        latency: how long such operations take.
        from_age_s: seconds since its beginning; what is negative or not a number counts as 0.
        to_age_s: seconds since its beginning; not after `from_age_s`, the probability is 0.
    """
    survival = latency.log_survival(to_age_s) - latency.log_survival(from_age_s)
    return -math.expm1(min(0.0, survival))


def bounded_age_s(age_s: float) -> float:
    """An age that can be calculated with: what is absurd becomes the nearest that is not."""
    return min(age_s, _OLDEST_S) if age_s > 0.0 else 0.0
