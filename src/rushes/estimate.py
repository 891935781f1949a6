"""How long a running operation may still take, in a form that ticks in a page without asking again. Pure functions.

The same distribution that the schedule polls by, conditioned on the age: of the operations that have come this far, two
in three end within the range. The table holds that range at a dozen ages; between two of them a straight line is near
enough, so whoever shows it only interpolates. After the last one 95 in 100 would have ended: nothing is claimed then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rushes.latency import UNKNOWN, Latency

#: Shares of operations that have ended at the ages of the table. Its last says where "longer than usual" begins.
_ENDED_SHARES = (0.0, 0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
#: The range leaves out as many of the soonest as of the latest.
_LEFT_OUT = 1 / 6


@dataclass(frozen=True)
class EstimateStep:
    """What can be said of an operation that still runs at an age.

    Attributes:
        age_s: seconds since the operation began.
        done_share: its age as a share of the time that half of those which have come this far take; below 1, and never
            less than at an earlier age.
        low_s: seconds that it usually takes at least from here.
        high_s: seconds that it usually takes at most from here.
    """

    age_s: float
    done_share: float
    low_s: float
    high_s: float


@lru_cache(maxsize=64)
def estimate_steps(latency: Latency) -> tuple[EstimateStep, ...]:
    """The table, youngest age first; empty where nothing is known of the latency."""
    if latency == UNKNOWN:
        return ()
    steps = [_step(latency, 0.0, 0.0)]
    for ended in _ENDED_SHARES:
        step = _step(latency, latency.quantile_s(ended), ended)
        if step.age_s > steps[-1].age_s:
            # A bar that went back would be no help, though the odds may.
            steps.append(
                EstimateStep(step.age_s, max(step.done_share, steps[-1].done_share), step.low_s, step.high_s)
            )
    return tuple(steps)


def _step(latency: Latency, age_s: float, ended: float) -> EstimateStep:
    def end_s(share: float) -> float:
        """The age at which this share of those that still run has ended."""
        return latency.quantile_s(ended + (1.0 - ended) * share)

    return EstimateStep(
        age_s,
        age_s / end_s(0.5),
        max(0.0, end_s(_LEFT_OUT) - age_s),
        max(0.0, end_s(1.0 - _LEFT_OUT) - age_s),
    )
