"""When to ask again: bounds that hold for every age, every count of failures and every word of a provider."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes import schedule
from rushes.schedule import (
    FIRST_RETRY_S,
    LONGEST_POLL_S,
    LONGEST_RETRY_AFTER_S,
    LONGEST_RETRY_S,
    POLL_SHARE_OF_AGE,
    SHORTEST_POLL_S,
    poll_interval_s,
    retry_delay_s,
)

SEEDS = st.integers(0, 2**32).map(random.Random)
AGES = st.floats(0, allow_infinity=True, allow_nan=False)
FAILURES = st.integers(1, 10**9)


class Extreme(random.Random):
    """Jitter at one end of its range."""

    def __init__(self, upper: bool) -> None:
        super().__init__()
        self._upper = upper

    def uniform(self, a: float, b: float) -> float:
        return b if self._upper else a


LEAST, MOST = Extreme(False), Extreme(True)


@given(AGES, SEEDS)
def test_the_poll_interval_has_a_floor_and_a_ceiling(age_s: float, rng: random.Random) -> None:
    assert 0.9 * SHORTEST_POLL_S <= poll_interval_s(age_s, rng) <= 1.1 * LONGEST_POLL_S + 1e-9


@given(AGES, AGES)
def test_older_operations_are_not_asked_for_more_often(one_s: float, other_s: float) -> None:
    younger, older = sorted((one_s, other_s))
    assert poll_interval_s(younger, LEAST) <= poll_interval_s(older, LEAST)


@given(st.floats(20, 120), SEEDS)
def test_a_finish_is_found_late_by_a_fixed_share_of_the_age(age_s: float, rng: random.Random) -> None:
    assert poll_interval_s(age_s, rng) == pytest.approx(age_s * POLL_SHARE_OF_AGE, rel=0.11)


def test_polls_are_spread() -> None:
    rng = random.Random(1)
    intervals = {poll_interval_s(60, rng) for _ in range(100)}
    assert len(intervals) == 100
    assert max(intervals) - min(intervals) > 0.1 * 60 * POLL_SHARE_OF_AGE


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
    assert 0 < schedule.FIRST_RETRY_S < schedule.LONGEST_RETRY_S < schedule.LONGEST_RETRY_AFTER_S
    assert 0 < schedule.NOT_FOUND_GRACE_S < schedule.OFFLINE_GRACE_S
