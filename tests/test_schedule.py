"""When to ask again: bounds that hold for every age, every count of failures and every word of a provider."""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes import schedule
from rushes.latency import UNKNOWN, Latency, prior_latency
from rushes.schedule import (
    FIRST_RETRY_S,
    LONGEST_POLL_S,
    LONGEST_RETRY_AFTER_S,
    LONGEST_RETRY_S,
    REQUESTS_PER_OPERATION,
    SHORTEST_POLL_S,
    poll_interval_s,
    retry_delay_s,
)

SEEDS = st.integers(0, 2**32).map(random.Random)
AGES = st.floats(allow_nan=True, allow_infinity=True)
FAILURES = st.integers(1, 10**9)
FAST = prior_latency("veo-3.1-fast-generate-preview", "https://generativelanguage.googleapis.com")
LATENCIES = st.sampled_from([FAST, UNKNOWN]) | st.builds(
    Latency, st.floats(0, 60), st.floats(1, 600), st.floats(0.15, 2.0)
)


class Fixed(random.Random):
    """Jitter at one place of its range: 0 at its lower end, 1 at its upper."""

    def __init__(self, place: float) -> None:
        super().__init__()
        self._place = place

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self._place


LEAST, MIDDLE, MOST = Fixed(0.0), Fixed(0.5), Fixed(1.0)


def poll_ages_s(latency: Latency, rng: random.Random, *, requests: float) -> Iterator[float]:
    """The ages at which an operation is polled that is watched from its beginning and never ends."""
    age_s = 0.0
    while True:
        yield age_s
        age_s += poll_interval_s(latency, age_s, rng, requests=requests)


def requests_until(end_s: float, latency: Latency, rng: random.Random, requests: float) -> int:
    for count, age_s in enumerate(poll_ages_s(latency, rng, requests=requests), 1):
        if age_s >= end_s:
            return count
    raise AssertionError("unreachable")


@given(LATENCIES, st.none() | AGES, SEEDS, st.floats(0, 1e6))
def test_the_poll_interval_has_a_floor_and_a_ceiling(
    latency: Latency, age_s: float | None, rng: random.Random, requests: float
) -> None:
    interval_s = poll_interval_s(latency, age_s, rng, requests=requests)
    assert 0.9 * SHORTEST_POLL_S <= interval_s <= 1.1 * LONGEST_POLL_S + 1e-9


@given(LATENCIES, st.floats(0, 1e5), st.floats(0, 1e5))
def test_who_looks_later_polls_no_sooner(latency: Latency, one_s: float, other_s: float) -> None:
    sooner, later = sorted((one_s, other_s))
    assert (
        sooner + poll_interval_s(latency, sooner, MIDDLE)
        <= later + poll_interval_s(latency, later, MIDDLE) + 1e-6
    )


@given(LATENCIES, st.floats(0, 1e5))
def test_more_requests_mean_no_longer_intervals(latency: Latency, age_s: float) -> None:
    intervals_s = [poll_interval_s(latency, age_s, MIDDLE, requests=requests) for requests in (4, 8, 12, 24)]
    assert all(more <= fewer + 1e-6 for fewer, more in pairwise(intervals_s))


@pytest.mark.parametrize("latency", [FAST, Latency(11.0, 49.0, 0.25), Latency(11.0, 49.0, 0.8), UNKNOWN])
@pytest.mark.parametrize("requests", [8.0, REQUESTS_PER_OPERATION, 16.0])
def test_the_budget_is_kept_on_average(latency: Latency, requests: float) -> None:
    rng = random.Random(1)
    ends_s = [latency.quantile_s((rank + 0.5) / 2000) for rank in range(2000)]
    spent = statistics.fmean(requests_until(end_s, latency, rng, requests) for end_s in ends_s)
    assert spent == pytest.approx(requests, rel=0.08)


def test_polls_are_dense_where_operations_end_and_sparse_where_they_do_not() -> None:
    before_s = poll_interval_s(FAST, 0.0, MIDDLE)
    likely_s = poll_interval_s(FAST, FAST.quantile_s(0.5), MIDDLE)
    overdue_s = poll_interval_s(FAST, 10 * FAST.quantile_s(0.99), MIDDLE)
    assert before_s > 3 * likely_s
    assert overdue_s > 3 * likely_s


@given(LATENCIES, st.floats(0, 1e5))
def test_past_the_usual_the_intervals_only_grow(latency: Latency, more_s: float) -> None:
    overdue_s = latency.quantile_s(0.9999)
    sooner_s, later_s = (poll_interval_s(latency, age_s, MIDDLE) for age_s in (overdue_s, overdue_s + more_s))
    assert later_s >= sooner_s - 1e-9


@given(LATENCIES)
def test_where_the_age_is_unknown_polling_is_even_and_keeps_the_budget(latency: Latency) -> None:
    interval_s = poll_interval_s(latency, None, MIDDLE)
    spent = 1.5 + latency.mean_s / interval_s
    assert spent <= REQUESTS_PER_OPERATION + 1e-6 or interval_s == LONGEST_POLL_S
    assert spent >= REQUESTS_PER_OPERATION - 1e-6 or interval_s == SHORTEST_POLL_S


def test_an_operation_of_seconds_at_an_unknown_endpoint_is_found_within_seconds() -> None:
    found_s = next(
        age_s for age_s in poll_ages_s(UNKNOWN, MOST, requests=REQUESTS_PER_OPERATION) if age_s >= 8.0
    )
    assert found_s < 8.0 + 5.0
    assert poll_interval_s(UNKNOWN, None, MOST) < 5.0


def test_a_budget_of_hardly_any_requests_is_kept_too() -> None:
    assert poll_interval_s(Latency(0.0, 20.0, 0.15), None, MIDDLE, requests=2.5) == pytest.approx(
        20.2, rel=0.01
    )


@pytest.mark.parametrize("latency", [Latency(0.0, 20.0, 1.0), Latency(0.0, 60.0, 0.5)])
def test_the_intervals_go_on_where_the_plan_ends_and_grow_with_the_age(latency: Latency) -> None:
    end_s = latency.quantile_s(0.995)
    before_s, after_s, twice_s = (
        poll_interval_s(latency, age_s, MIDDLE) for age_s in (0.999 * end_s, end_s, 2 * end_s)
    )
    assert SHORTEST_POLL_S < before_s < LONGEST_POLL_S / 2
    assert after_s == pytest.approx(before_s, rel=0.01)
    assert twice_s == pytest.approx(2 * after_s, rel=0.01)


def test_polls_are_spread() -> None:
    rng = random.Random(1)
    intervals_s = {poll_interval_s(FAST, 60.0, rng) for _ in range(100)}
    assert len(intervals_s) == 100
    assert max(intervals_s) - min(intervals_s) > 0.15 * poll_interval_s(FAST, 60.0, MIDDLE)


@given(FAILURES, SEEDS)
def test_retries_without_a_word_of_the_provider_have_a_floor_and_a_ceiling(
    failures: int, rng: random.Random
) -> None:
    assert 0.5 * FIRST_RETRY_S <= retry_delay_s(failures, None, rng) <= LONGEST_RETRY_S


@given(FAILURES)
def test_the_delay_grows_with_the_failures(failures: int) -> None:
    assert retry_delay_s(failures, None, MOST) <= retry_delay_s(failures + 1, None, MOST)
    assert retry_delay_s(failures, None, LEAST) == pytest.approx(retry_delay_s(failures, None, MOST) / 2)


@given(FAILURES, st.floats(0, LONGEST_RETRY_AFTER_S), SEEDS)
def test_what_the_provider_asks_for_is_never_undercut(
    failures: int, asked_s: float, rng: random.Random
) -> None:
    delay_s = retry_delay_s(failures, asked_s, rng)
    assert asked_s <= delay_s <= max(asked_s + 1.0, LONGEST_RETRY_S)


@given(FAILURES, st.floats(LONGEST_RETRY_AFTER_S, allow_infinity=True), SEEDS)
def test_a_pause_of_days_is_taken_for_a_mistake(failures: int, asked_s: float, rng: random.Random) -> None:
    assert LONGEST_RETRY_AFTER_S <= retry_delay_s(failures, asked_s, rng) <= LONGEST_RETRY_AFTER_S + 1.0


@given(FAILURES, SEEDS)
def test_a_pause_of_no_seconds_is_no_reason_to_hammer(failures: int, rng: random.Random) -> None:
    assert retry_delay_s(failures, 0.0, rng) >= 0.5 * FIRST_RETRY_S


def test_watches_told_to_come_back_at_once_do_not_come_in_the_same_instant() -> None:
    rng = random.Random(1)
    assert len({retry_delay_s(1, 30.0, rng) for _ in range(100)}) == 100


@pytest.mark.parametrize("failures", [1, 16, 17, 1024, sys.maxsize])
def test_any_number_of_failures_can_be_counted(failures: int) -> None:
    assert retry_delay_s(failures, None, MOST) <= LONGEST_RETRY_S


def test_constants_are_in_order() -> None:
    assert 0 < schedule.SHORTEST_POLL_S < schedule.LONGEST_POLL_S
    assert schedule.REQUESTS_PER_OPERATION > 2
    assert 0 < schedule.FIRST_RETRY_S < schedule.LONGEST_RETRY_S < schedule.LONGEST_RETRY_AFTER_S
    assert 0 < schedule.NOT_FOUND_GRACE_S < schedule.OFFLINE_GRACE_S
