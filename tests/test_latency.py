"""How long a generation takes: a distribution that stays one for every age, model name and ledger."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.latency import FEWEST_DURATIONS, UNKNOWN, Latency, finish_probability, prior_latency, sharpened

GOOGLE = "https://generativelanguage.googleapis.com"
FAST = prior_latency("veo-3.1-fast-generate-preview", GOOGLE)
STANDARD = prior_latency("veo-3.1-generate-preview", GOOGLE)
OTHER = prior_latency("veo-2.0-generate-001", GOOGLE)
KNOWN = [FAST, STANDARD, OTHER]

LATENCIES = st.builds(Latency, st.floats(0, 60), st.floats(1, 600), st.floats(0.15, 2.0))
ANY_AGES = st.floats(allow_nan=True, allow_infinity=True)
AGES = st.floats(0, 86_400)


def drawn(latency: Latency, count: int, seed: int = 1) -> list[float]:
    rng = random.Random(seed)
    return [latency.shift_s + latency.scale_s * rng.lognormvariate(0.0, latency.sigma) for _ in range(count)]


@given(LATENCIES, ANY_AGES, ANY_AGES)
def test_whatever_the_ages_the_probability_is_one(latency: Latency, one_s: float, other_s: float) -> None:
    assert 0.0 <= finish_probability(latency, one_s, other_s) <= 1.0


@given(LATENCIES, AGES, AGES, AGES)
def test_a_finish_gets_likelier_the_longer_one_waits(
    latency: Latency, from_s: float, one_s: float, other_s: float
) -> None:
    sooner, later = sorted((one_s, other_s))
    assert finish_probability(latency, from_s, sooner) <= finish_probability(latency, from_s, later) + 1e-12


@given(LATENCIES, AGES, st.floats(0, 1e4), st.floats(0, 1e4))
def test_waiting_in_two_steps_is_waiting(
    latency: Latency, from_s: float, first_s: float, then_s: float
) -> None:
    via_s = from_s + first_s
    to_s = via_s + then_s
    still_running = (1 - finish_probability(latency, from_s, via_s)) * (
        1 - finish_probability(latency, via_s, to_s)
    )
    assert 1 - finish_probability(latency, from_s, to_s) == pytest.approx(still_running, abs=1e-9)


@given(LATENCIES, st.floats(0.001, 0.999))
def test_a_quantile_is_the_age_at_which_that_share_has_ended(latency: Latency, share: float) -> None:
    assert finish_probability(latency, 0.0, latency.quantile_s(share)) == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("latency", [*KNOWN, UNKNOWN])
def test_probabilities_are_those_of_the_draws(latency: Latency) -> None:
    ends = drawn(latency, 20_000)
    for from_s, to_s in ((0.0, 30.0), (20.0, 60.0), (60.0, 90.0), (100.0, 200.0)):
        running = [end for end in ends if end > from_s]
        share = sum(end <= to_s for end in running) / len(running)
        assert finish_probability(latency, from_s, to_s) == pytest.approx(share, abs=0.03)
    assert statistics.fmean(ends) == pytest.approx(latency.mean_s, rel=0.1)


@given(LATENCIES)
def test_nothing_ends_before_the_shift_and_nothing_runs_for_ever(latency: Latency) -> None:
    assert finish_probability(latency, 0.0, latency.shift_s) == 0.0
    assert finish_probability(latency, 0.0, math.inf) > 0.98
    assert math.isfinite(latency.log_survival(math.inf))


def test_an_age_of_hardly_anything_is_an_age() -> None:
    assert finish_probability(Latency(0.0, 600.0, 0.5), 0.0, 5e-324) == 0.0


def test_the_priors_lie_where_the_evidence_does() -> None:
    """Google: 11 s at best, 6 min at peak. Users: veo-3.1-fast 52 to 130 s, veo-3.1 72 to 161 s."""
    assert all(latency.shift_s == 11.0 for latency in KNOWN)
    assert all(finish_probability(latency, 0.0, 360.0) > 0.98 for latency in KNOWN)
    for latency, shortest_s, longest_s in ((FAST, 52, 130), (STANDARD, 72, 161)):
        inside = finish_probability(latency, 0.0, longest_s) - finish_probability(latency, 0.0, shortest_s)
        assert 0.5 < inside < 0.9, "wider than a few measurements, and around them"
    assert FAST.quantile_s(0.5) < STANDARD.quantile_s(0.5)


@pytest.mark.parametrize("name", ["sora-2", "kling-video", "", "notveo-3.1-fast", "x" * 300])
def test_of_another_model_nothing_is_claimed(name: str) -> None:
    assert prior_latency(name, GOOGLE) is UNKNOWN


def test_an_endpoint_on_this_machine_only_plays_the_model() -> None:
    assert prior_latency("veo-3.1-generate-preview", "http://127.0.0.1:8000") is UNKNOWN
    assert prior_latency("veo-3.1-generate-preview", "https://gateway.example") is STANDARD


@pytest.mark.parametrize("prior", [STANDARD, UNKNOWN])
def test_durations_that_were_seen_move_the_prior_to_where_they_are(prior: Latency) -> None:
    truth = Latency(11.0, 49.0, 0.25)
    learned = sharpened(prior, drawn(truth, 50))
    assert learned.quantile_s(0.5) == pytest.approx(truth.quantile_s(0.5), rel=0.1)
    few = sharpened(prior, drawn(truth, FEWEST_DURATIONS))
    assert learned.sigma < few.sigma < prior.sigma, "surer with every duration"


def test_where_nothing_was_known_a_few_durations_say_where_the_middle_is() -> None:
    learned = sharpened(UNKNOWN, [300.0, 340.0, 380.0, 420.0, 460.0, 500.0])
    assert learned.quantile_s(0.5) == pytest.approx(395.0, rel=0.05)
    assert learned.sigma < 0.4


def test_too_few_durations_change_nothing() -> None:
    assert sharpened(STANDARD, [20.0] * (FEWEST_DURATIONS - 1)) is STANDARD
    assert sharpened(STANDARD, [0.0, -5.0, math.nan, math.inf, 1e9] * 5) is STANDARD


@given(
    st.sampled_from([*KNOWN, UNKNOWN]), st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60)
)
def test_whatever_the_ledger_holds_a_latency_comes_out(prior: Latency, durations_s: list[float]) -> None:
    learned = sharpened(prior, durations_s)
    assert 0.0 <= learned.shift_s <= prior.shift_s
    assert learned.scale_s > 0.0
    assert 0.15 <= learned.sigma < 10.0
    assert math.isfinite(learned.mean_s)


def test_an_operation_that_beats_the_best_case_moves_it() -> None:
    learned = sharpened(STANDARD, [8.0, 9.0, 9.5, 10.0, 12.0, 12.5])
    assert learned.shift_s < 8.0
    assert finish_probability(learned, 0.0, 15.0) > 0.4
