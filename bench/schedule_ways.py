"""Ways to poll, as the ages at which an operation is asked for that never ends; and the best that is possible."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from unittest import mock

import numpy as np
from google.api_core.future.polling import PollingFuture
from google.api_core.retry import retry_unary
from numpy.typing import NDArray

from rushes.latency import Latency
from rushes.schedule import poll_interval_s

Ages = NDArray[np.float64]

#: No simulated operation takes longer.
LONGEST_LIFE_S = 3600.0


def fixed(interval_s: float) -> Ages:
    """At once, then every so many seconds."""
    return np.arange(0.0, LONGEST_LIFE_S + 2 * interval_s, interval_s)


def planned(latency: Latency, requests: float, seed: int) -> Ages:
    """As rushes polls an operation that it watches from its beginning."""
    rng = random.Random(seed)
    ages_s = [0.0]
    while ages_s[-1] < LONGEST_LIFE_S:
        ages_s.append(ages_s[-1] + poll_interval_s(latency, ages_s[-1], rng, requests=requests))
    return np.array(ages_s)


def google_api_core(seed: int) -> Ages:
    """As google-api-core polls by default: its own code, on a clock that only its own pauses move."""
    random.seed(seed)
    with _clock() as clock:
        future = _Endless(clock)
        future.result(timeout=None)
    return np.array(future.asked_at_s)


def optimal(ends_s: Ages, requests: float) -> float:
    """The least mean delay in seconds that polls at whole seconds can have, at this many requests on average.

    Exact for these ends, by dynamic programming over the age of the last poll; the requests are weighed against the
    delay by a multiplier that is searched for, and between two multipliers one may toss a coin.
    """
    ends_s = np.sort(ends_s)
    grid_s = np.arange(math.ceil(ends_s[-1]) + 1, dtype=float)
    ended = np.searchsorted(ends_s, grid_s, side="right")
    lived_s = np.concatenate([[0.0], np.cumsum(ends_s)])[ended]
    points = []
    low, high = 1e-3, 1e3
    for _ in range(24):
        multiplier = math.sqrt(low * high)
        spent, delay_s = _weighed(grid_s, ended, lived_s, multiplier)
        points.append((spent, delay_s))
        low, high = (multiplier, high) if spent > requests else (low, multiplier)
    spents, delays_s = zip(*sorted(points), strict=True)
    return float(np.interp(requests, spents, delays_s))


def _weighed(grid_s: Ages, ended: NDArray[np.intp], lived_s: Ages, multiplier: float) -> tuple[float, float]:
    """Requests and delay of the polls that are best where a request costs `multiplier` seconds of delay."""
    count, last = int(ended[-1]), len(grid_s) - 1
    cost = np.zeros(last + 1)
    following = np.zeros(last + 1, dtype=int)
    for at in range(last - 1, -1, -1):
        later = slice(at + 1, last + 1)
        late_s = grid_s[later] * (ended[later] - ended[at]) - (lived_s[later] - lived_s[at])
        total = late_s + cost[later]
        best = int(total.argmin())
        cost[at] = total[best] + multiplier * (count - ended[at])
        following[at] = at + 1 + best
    at, requests, late = 0, count, 0.0
    while at < last:
        to = int(following[at])
        requests += count - int(ended[at])
        late += grid_s[to] * (ended[to] - ended[at]) - (lived_s[to] - lived_s[at])
        at = to
    return requests / count, late / count


class _Endless(PollingFuture):  # type: ignore[misc]  # ships no types
    """Writes down when it was asked, and ends at the longest life."""

    def __init__(self, clock: SimpleNamespace) -> None:
        super().__init__()
        self._clock = clock
        self.asked_at_s: list[float] = []

    def done(self, retry: object = None) -> bool:
        self.asked_at_s.append(self._clock.monotonic())
        over = self.asked_at_s[-1] >= LONGEST_LIFE_S
        if over:
            self.set_result(None)
        return over

    def set_result(self, result: object) -> None:
        self._result, self._result_set = result, True

    def cancel(self) -> bool:
        return False

    def cancelled(self) -> bool:
        return False


@contextmanager
def _clock() -> Iterator[SimpleNamespace]:
    """A clock that stands still until somebody sleeps, in place of google-api-core's."""
    now_s = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    clock = SimpleNamespace(monotonic=lambda: now_s, sleep=sleep)
    with mock.patch.object(retry_unary, "time", clock):
        yield clock
