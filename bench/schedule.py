"""How late a finish is found: the schedule of rushes beside fixed intervals, google-api-core and the exact optimum.

A simulation. Every side polls once at the beginning, every request counts, and each comparison is made at the number of
requests that the other side needs on average: the budget of rushes is set to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from bench.schedule_ways import LONGEST_LIFE_S, Ages, fixed, google_api_core, optimal, planned
from bench.table import table
from rushes.latency import Latency, sharpened
from rushes.schedule import REQUESTS_PER_OPERATION

_OPERATIONS = 10_000
#: How often each way with chance in it is run, on all operations.
_RUNS = 40
#: How many durations a machine has seen where the schedule has learned, and how often that is played.
_SEEN, _LESSONS = 30, 4

#: Median 60 s: what the schedule believes unless a row says otherwise.
_PRIOR = Latency(shift_s=11.0, scale_s=49.0, sigma=0.5)
_NARROW = Latency(shift_s=11.0, scale_s=49.0, sigma=0.25)

_Draw = Callable[[np.random.Generator], Ages]


@dataclass(frozen=True)
class _Case:
    """A truth, and what is hoped for.

    Attributes:
        name: the truth in words.
        draw: operations of it.
        prior: what the schedule believes before it has seen any.
        target: times less delay than fixed 10 s.
    """

    name: str
    draw: _Draw
    prior: Latency = _PRIOR
    target: float | None = None


def _lognormal(sigma: float, *, shift_s: float = 11.0, scale_s: float = 49.0) -> _Draw:
    return lambda rng: shift_s + scale_s * np.exp(sigma * rng.standard_normal(_OPERATIONS))


def _bimodal(rng: np.random.Generator) -> Ages:
    scales_s = np.where(rng.random(_OPERATIONS) < 0.5, 30.0, 110.0)
    return 11.0 + scales_s * np.exp(0.2 * rng.standard_normal(_OPERATIONS))


_CASES = (
    _Case("as believed: 11 s + lognormal, median 60 s, sigma 0.5", _lognormal(0.5), target=1.5),
    _Case("the same, median 71 s, fitted", _lognormal(0.5, scale_s=60.0), Latency(11.0, 60.0, 0.5)),
    _Case("sigma 0.25, fitted", _lognormal(0.25), _NARROW, target=2.3),
    _Case("sigma 0.25, not fitted", _lognormal(0.25)),
    _Case("shifted: 20 s later", _lognormal(0.5, shift_s=31.0), target=1.25),
    _Case("heavy-tailed: sigma 0.8", _lognormal(0.8), target=1.25),
    _Case("heavier still: sigma 1", _lognormal(1.0)),
    _Case("bimodal: half about 41 s, half about 121 s", _bimodal, target=1.25),
    _Case("11 s + exponential, mean 60 s", lambda rng: 11.0 + rng.exponential(60.0, _OPERATIONS), target=0.9),
)


def measure_schedule() -> str:
    """Simulate; returns the tables."""
    return "\n\n".join([_beside_fixed(10.0), _beside_fixed(20.0), _beside_google(), _at_the_budget()])


def _beside_fixed(interval_s: float) -> str:
    rows = []
    for case in _CASES:
        ends_s = _ends(case)
        requests, delay_s = _spent([fixed(interval_s)], ends_s)
        before = delay_s / _delay_at(case.prior, ends_s, requests)
        learned = [delay_s / _delay_at(latency, ends_s, requests) for latency in _lessons(case)]
        target = f"{case.target:.2f}" if case.target and interval_s == 10.0 else ""
        best = delay_s / optimal(ends_s, requests)
        rows.append(
            [case.name, f"{requests:.1f}", f"{delay_s:.2f} s"]
            + [f"{times:.2f}" for times in (before, float(np.mean(learned)), best)]
            + ([target] if interval_s == 10.0 else [])
        )
    columns = [
        "operations",
        "requests",
        f"delay, fixed {interval_s:.0f} s",
        "rushes",
        "rushes, learned",
        "optimum",
    ]
    return table(
        f"Times less delay than polling every {interval_s:.0f} s",
        columns + (["target"] if interval_s == 10.0 else []),
        rows,
    )


def _beside_google() -> str:
    rows = []
    runs = [google_api_core(seed) for seed in range(_RUNS)]
    for sigma in (0.25, 0.5, 0.8):
        latency = Latency(_PRIOR.shift_s, _PRIOR.scale_s, sigma)
        ends_s = _ends(_Case(f"sigma {sigma}", _lognormal(sigma)))
        requests, delay_s = _spent(runs, ends_s)
        times = delay_s / _delay_at(latency, ends_s, requests)
        best = delay_s / optimal(ends_s, requests)
        target = "3.00" if sigma <= 0.5 else ""
        rows.append(
            [f"sigma {sigma}", f"{requests:.1f}", f"{delay_s:.2f} s", f"{times:.2f}", f"{best:.2f}", target]
        )
    columns = ["operations", "requests", "delay, google-api-core", "rushes", "optimum", "target"]
    return table("Times less delay than google-api-core's default, where the model fits", columns, rows)


def _at_the_budget() -> str:
    rows = []
    for sigma in (0.25, 0.5, 0.8):
        latency = Latency(_PRIOR.shift_s, _PRIOR.scale_s, sigma)
        ends_s = _ends(_Case(f"sigma {sigma}", _lognormal(sigma)))
        as_budgeted, _ = _spent(_runs(latency, REQUESTS_PER_OPERATION, _RUNS), ends_s)
        delay_s = _delay_at(latency, ends_s, REQUESTS_PER_OPERATION)
        best_s = optimal(ends_s, REQUESTS_PER_OPERATION)
        rows.append(
            [
                f"sigma {sigma}",
                f"{as_budgeted:.2f}",
                f"{delay_s:.2f} s",
                f"{best_s:.2f} s",
                f"{100 * (delay_s / best_s - 1):.1f} %",
                "15 %",
            ]
        )
    columns = [
        "operations",
        "requests at a budget of 12",
        "delay, rushes",
        "delay, optimum",
        "above it",
        "target",
    ]
    return table(f"At {REQUESTS_PER_OPERATION:.0f} requests, where the model fits", columns, rows)


@cache
def _ends(case: _Case) -> Ages:
    """When the operations of a case end, in seconds of age."""
    return np.minimum(case.draw(np.random.default_rng(1)), LONGEST_LIFE_S)


@cache
def _lessons(case: _Case) -> tuple[Latency, ...]:
    """What a machine believes that has watched some operations: their ends as it found them, not as they were."""
    lessons = []
    for seed in range(_LESSONS):
        ends_s = np.random.default_rng(100 + seed).choice(_ends(case), _SEEN)
        polls_s = [
            planned(case.prior, REQUESTS_PER_OPERATION, 1000 * seed + number) for number in range(_SEEN)
        ]
        found_s = [
            float(ages_s[np.searchsorted(ages_s, end_s)])
            for ages_s, end_s in zip(polls_s, ends_s, strict=True)
        ]
        lessons.append(sharpened(case.prior, found_s))
    return tuple(lessons)


def _delay_at(latency: Latency, ends_s: Ages, requests: float) -> float:
    """The mean delay of rushes in seconds, its budget set so that it needs this many requests on average."""
    low, high = 2.0, 6.0 * requests
    for _ in range(12):
        budget = math.sqrt(low * high)
        spent, _ = _spent(_runs(latency, budget, 10), ends_s)
        low, high = (low, budget) if spent > requests else (budget, high)
    # The side of the search that spends no more: a comparison must not be bought.
    return _spent(_runs(latency, low, _RUNS), ends_s)[1]


def _runs(latency: Latency, requests: float, count: int) -> list[Ages]:
    return [planned(latency, requests, seed) for seed in range(count)]


def _spent(runs: Sequence[Ages], ends_s: Ages) -> tuple[float, float]:
    """Requests per operation and mean delay in seconds, over all runs and operations."""
    found = [np.searchsorted(ages_s, ends_s) for ages_s in runs]
    requests = np.mean([at.mean() + 1.0 for at in found])
    delay_s = np.mean([(ages_s[at] - ends_s).mean() for ages_s, at in zip(runs, found, strict=True)])
    return float(requests), float(delay_s)
