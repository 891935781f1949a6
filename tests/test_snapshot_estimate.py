"""What a card is told of the time left: only what is known, and never that what runs is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rushes.latency import UNKNOWN, Latency
from rushes.operation import Operation
from rushes.snapshot import Caption, Estimate, same_news, take_snapshot
from rushes.watch_state import Status, WatchState

CAPTION = Caption(model_name="veo-3.1", operation_id="op1", provider="GPTProto")
LATENCY = Latency(11.0, 70.0, 0.5)
STATE = WatchState(status="running", attempt=1, started_at=1_000.0, created_at=990.0, latency=LATENCY)


def running(**metadata: object) -> WatchState:
    operation = Operation("operations/x", "veo", "x", done=False, status="running", metadata=metadata)
    return replace(STATE, operation=operation)


def told(state: WatchState) -> Estimate | None:
    return take_snapshot(state, CAPTION, version=1, now=1_010.0)["estimate"]


def test_a_running_operation_of_a_known_model_has_a_table_by_age() -> None:
    estimate = told(running())
    assert estimate is not None
    assert estimate["done_percent"] is None
    first, last = estimate["steps"][0], estimate["steps"][-1]
    assert (first["age_ms"], first["done_percent"]) == (0, 0)
    assert 50_000 < first["low_ms"] < 60_000 < 120_000 < first["high_ms"] < 130_000
    assert last["age_ms"] == pytest.approx(170_321, abs=1_000)
    assert last["done_percent"] < 100


def test_the_table_does_not_change_while_time_passes_so_the_page_ticks_alone() -> None:
    one, other = (take_snapshot(running(), CAPTION, version=1, now=now) for now in (1_010.0, 1_090.0))
    assert same_news(one, other)


def test_where_age_or_model_is_unknown_nothing_is_claimed() -> None:
    assert told(replace(running(), created_at=None)) is None
    assert told(replace(running(), latency=UNKNOWN)) is None


def test_before_an_answer_and_after_the_end_there_is_nothing_to_estimate() -> None:
    assert told(STATE) is None
    ended: tuple[Status, ...] = ("downloading", "succeeded", "stopped", "failed", "timed_out")
    for status in ended:
        assert told(replace(running(progressPercent=50), status=status)) is None


@pytest.mark.parametrize(("reported", "shown"), [(45, 45), ("45.4", 45), (99.9, 99), (100, 99), (0.4, 0)])
def test_the_providers_percentage_counts_and_is_never_100_while_it_runs(reported: object, shown: int) -> None:
    assert told(running(progressPercent=reported)) == {"done_percent": shown, "steps": []}
    assert told(replace(running(progressPercent=reported), created_at=None, latency=UNKNOWN)) is not None
