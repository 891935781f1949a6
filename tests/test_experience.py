"""What the ledger teaches about a model's latency: its durations at this endpoint, read once in a while."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from rushes import experience
from rushes.data_directory import OperationKey, operation_key
from rushes.experience import experienced_latency
from rushes.latency import FEWEST_DURATIONS, prior_latency
from rushes.ledger import Ledger
from rushes.operation import Operation, OperationStatus, Video
from rushes.reference import Reference

BASE_URL = "https://api.gptproto.com"
MODEL = "veo-3.1-generate-preview"
PRIOR = prior_latency(MODEL, BASE_URL)
NOW = datetime(2026, 11, 23, 14, 2, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experience, "_read", {})


def seen(
    *durations_s: float | None,
    model_name: str = MODEL,
    base_url: str = BASE_URL,
    status: OperationStatus = "succeeded",
    created: bool = True,
) -> None:
    """Operations that the ledger of this machine holds."""
    ledger = Ledger()
    for duration_s in durations_s:
        number = len(ledger.recent(1000))
        key: OperationKey = operation_key(base_url, Reference(model_name, f"op{number}", None))
        operation = Operation(
            "operations/x",
            model_name,
            key.operation_id,
            done=True,
            status=status,
            videos=(Video(uri="https://host/v"),),
            create_time=NOW if created else None,
        )
        ledger.record_start(
            key, provider="p", base_url=base_url, label=None, started_at=NOW + timedelta(number)
        )
        ledger.record_outcome(key, operation, finished_at=NOW, total_s=duration_s, samples=())


def test_the_durations_of_the_ledger_sharpen_the_prior() -> None:
    seen(30.0, 31.0, 32.0, 33.0, 34.0, 35.0)
    latency = experienced_latency(MODEL, BASE_URL)
    assert 30.0 < latency.quantile_s(0.5) < 50.0 < PRIOR.quantile_s(0.5)
    assert latency.sigma < PRIOR.sigma


def test_a_machine_that_has_seen_little_goes_by_the_prior() -> None:
    assert experienced_latency(MODEL, BASE_URL) == PRIOR
    seen(*[30.0] * (FEWEST_DURATIONS - 1))
    experience._read.clear()
    assert experienced_latency(MODEL, BASE_URL) == PRIOR


def test_only_videos_of_this_model_at_this_endpoint_with_a_known_beginning_count() -> None:
    enough = [30.0] * FEWEST_DURATIONS
    seen(*enough, model_name="veo-3.1-fast-generate-preview")
    seen(*enough, base_url="https://elsewhere.example")
    seen(*enough, status="filtered")
    seen(*enough, created=False)
    seen(*[None] * FEWEST_DURATIONS)
    assert experienced_latency(MODEL, BASE_URL) == PRIOR


def test_a_batch_reads_the_ledger_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    recent = Ledger.recent
    monkeypatch.setattr(Ledger, "recent", lambda ledger, n=20: reads.append(n) or recent(ledger, n))
    for _ in range(1000):
        experienced_latency(MODEL, BASE_URL)
    assert len(reads) == 1
    experienced_latency("veo-3.1-fast-generate-preview", BASE_URL)
    assert len(reads) == 2, "another model's durations"


def test_what_is_seen_later_is_learned_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert experienced_latency(MODEL, BASE_URL) == PRIOR
    seen(*[30.0] * FEWEST_DURATIONS)
    assert experienced_latency(MODEL, BASE_URL) == PRIOR
    monkeypatch.setattr(experience, "_REREAD_AFTER_S", 0.0)
    assert experienced_latency(MODEL, BASE_URL) != PRIOR


def test_a_ledger_out_of_reach_is_no_hindrance(own_environment: Path) -> None:
    own_environment.parent.mkdir(parents=True, exist_ok=True)
    own_environment.write_text("a file where the directory should be")
    assert experienced_latency(MODEL, BASE_URL) == PRIOR
