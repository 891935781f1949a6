"""How long it may still take: a range that holds as often as it says, and a bar that never arrives before the end."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.estimate import EstimateStep, estimate_steps
from rushes.latency import UNKNOWN, Latency, finish_probability, prior_latency

FAST = prior_latency("veo-3.1-fast-generate-preview", "https://generativelanguage.googleapis.com")
LATENCIES = st.just(FAST) | st.builds(Latency, st.floats(0, 60), st.floats(1, 600), st.floats(0.15, 2.0))


def between(steps: tuple[EstimateStep, ...], age_s: float) -> tuple[float, float]:
    """The range at an age within the table, as a page reads it."""
    for one, other in pairwise(steps):
        if one.age_s <= age_s <= other.age_s:
            part = (age_s - one.age_s) / (other.age_s - one.age_s)
            return one.low_s + part * (other.low_s - one.low_s), one.high_s + part * (
                other.high_s - one.high_s
            )
    raise AssertionError("beyond the table")


@given(LATENCIES)
def test_the_bar_moves_forward_and_never_arrives(latency: Latency) -> None:
    steps = estimate_steps(latency)
    shares = [step.done_share for step in steps]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] < 1.0


@given(LATENCIES)
def test_the_range_is_in_order_and_ahead(latency: Latency) -> None:
    steps = estimate_steps(latency)
    assert steps[0].age_s == 0.0
    assert all(one.age_s < other.age_s for one, other in pairwise(steps))
    assert all(0.0 <= step.low_s < step.high_s for step in steps)


@given(LATENCIES)
def test_beyond_the_table_it_takes_longer_than_usual(latency: Latency) -> None:
    assert finish_probability(latency, 0.0, estimate_steps(latency)[-1].age_s) == pytest.approx(
        0.95, abs=1e-6
    )


@pytest.mark.parametrize(
    "latency", [FAST, Latency(11.0, 49.0, 0.25), Latency(11.0, 49.0, 0.8), Latency(0.0, 8.0, 0.6)]
)
def test_two_in_three_of_those_that_still_run_end_within_the_range(latency: Latency) -> None:
    rng = random.Random(1)
    ends_s = [
        latency.shift_s + latency.scale_s * rng.lognormvariate(0.0, latency.sigma) for _ in range(40_000)
    ]
    steps = estimate_steps(latency)
    for part in (0.0, 0.1, 0.25, 0.4, 0.6, 0.8, 0.99):
        age_s = part * steps[-1].age_s
        low_s, high_s = between(steps, age_s)
        running = [end_s for end_s in ends_s if end_s > age_s]
        inside = sum(age_s + low_s <= end_s <= age_s + high_s for end_s in running) / len(running)
        assert inside == pytest.approx(2 / 3, abs=0.06), f"at {age_s:.0f} s"


def test_of_an_unknown_model_nothing_is_claimed() -> None:
    assert estimate_steps(UNKNOWN) == ()


def test_the_table_is_small() -> None:
    assert len(estimate_steps(FAST)) <= 13
