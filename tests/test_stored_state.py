"""A video that is kept on this machine tells its own time, not that of the cell that shows it again."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from rushes.ledger_entry import LedgerEntry, StoredSample
from rushes.save_to import OwnCopies
from rushes.snapshot import Caption, take_snapshot
from rushes.static_view import moment, static_html
from rushes.stored_state import restored_state

STARTED = datetime(2025, 11, 23, 14, 2, tzinfo=timezone.utc)
LATER = STARTED + timedelta(hours=1)


def entry(*, began_at: datetime | None, total_s: float | None) -> LedgerEntry:
    return LedgerEntry(
        model_name="veo",
        operation_id="op1",
        origin="https://a:443",
        base_url="https://a",
        provider="custom",
        label=None,
        status="succeeded",
        started_at=STARTED,
        finished_at=LATER + timedelta(seconds=20),
        total_s=total_s,
        began_at=began_at,
        video_count=1,
        samples=(StoredSample(Path("sample-1.mp4"), 1, "a" * 64),),
    )


@pytest.mark.parametrize(
    ("began_at", "told"),
    [(LATER, LATER), (None, STARTED)],
    ids=["as it was counted", "by an earlier version"],
)
def test_its_start_is_the_stored_one(began_at: datetime | None, told: datetime) -> None:
    state = restored_state(entry(began_at=began_at, total_s=14.0))
    snapshot = take_snapshot(state, Caption("veo", "op1", "Google"), version=1, now=time.time())
    clock = snapshot["clock"]
    assert clock is not None
    told_ms = round(told.timestamp() * 1000)
    assert (clock["started_at_ms"], clock["total_ms"]) == (told_ms, 14_000)
    assert f"Finished after 14 s (started {moment(told_ms)})." in static_html(snapshot)


def test_where_nobody_knows_how_long_it_took_no_start_is_told() -> None:
    state = restored_state(entry(began_at=None, total_s=None))
    snapshot = take_snapshot(state, Caption("veo", "op1", "Google"), version=1, now=time.time())
    assert snapshot["clock"] is None
    assert "started" not in static_html(snapshot)


def test_while_it_is_copied_to_where_the_user_wants_it_no_time_runs() -> None:
    state = restored_state(entry(began_at=LATER, total_s=14.0))
    copying = OwnCopies(Path("mine.mp4"), "op1", state).applied()
    snapshot = take_snapshot(copying, Caption("veo", "op1", "Google"), version=1, now=time.time())
    assert (snapshot["status"], snapshot["clock"]) == ("downloading", None)
