from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.ledger_entry import LedgerEntry, StoredSample, entry_from_json, entry_to_json
from rushes.reference import read_reference

DIRECTORY = Path("/data/operations/x")
STARTED = datetime(2026, 11, 23, 14, 2, tzinfo=timezone.utc)
ENTRY = LedgerEntry(
    model_name="veo-3.1-generate-preview",
    operation_id="mg3pt9cbmvr1",
    origin="https://api.gptproto.com:443",
    base_url="https://api.gptproto.com",
    provider="gptproto",
    label="fox at dawn",
    status="succeeded",
    started_at=STARTED,
    finished_at=STARTED + timedelta(seconds=80),
    total_s=74.2,
    began_at=STARTED - timedelta(seconds=1),
    create_time=STARTED - timedelta(seconds=1),
    video_count=1,
    samples=(StoredSample(DIRECTORY / "sample-1.mp4", 700_000, "a" * 64, "video/mp4"),),
)

times = st.datetimes(
    min_value=datetime(1972, 1, 1), max_value=datetime(9990, 1, 1), timezones=st.just(timezone.utc)
)
samples = st.builds(
    StoredSample,
    st.integers(1, 9999).map(lambda number: DIRECTORY / f"sample-{number}.mp4"),
    st.integers(0, 1 << 40),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.none() | st.text(),
)
entries = st.builds(
    LedgerEntry,
    model_name=st.text(min_size=1),
    operation_id=st.text(min_size=1),
    origin=st.just("https://a:443"),
    base_url=st.just("https://a/prefix"),
    provider=st.sampled_from(["gptproto", "google", "custom"]),
    label=st.none() | st.text(),
    status=st.sampled_from(["running", "succeeded", "filtered", "empty", "failed"]),
    started_at=times,
    finished_at=st.none() | times,
    total_s=st.none() | st.integers(0, 10**6).map(float),
    began_at=st.none() | times,
    create_time=st.none() | times,
    video_count=st.integers(0, 100),
    filtered_count=st.integers(0, 100),
    filtered_reasons=st.lists(st.text(min_size=1), max_size=3).map(tuple),
    error_code=st.none() | st.integers() | st.text(),
    error_message=st.none() | st.text(min_size=1),
    samples=st.lists(samples, max_size=3).map(tuple),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(entries)
def test_an_entry_is_read_as_it_was_written(entry: LedgerEntry) -> None:
    assert entry_from_json(json.loads(json.dumps(entry_to_json(entry))), DIRECTORY) == entry


@given(entries)
def test_an_entry_reads_as_one_line_whatever_the_names_are(entry: LedgerEntry) -> None:
    text = repr(entry)
    assert text.isprintable()
    assert len(text) < 200
    assert entry.status in text


def test_its_seconds_are_those_that_have_passed_as_on_the_card() -> None:
    assert repr(replace(ENTRY, total_s=74.9)).endswith("1 video, 74 s>")


@given(st.dictionaries(st.sampled_from(sorted(entry_to_json(ENTRY))), json_values))
def test_a_garbled_field_costs_that_field_at_most(damage: dict[str, object]) -> None:
    entry = entry_from_json({**entry_to_json(ENTRY), **damage}, DIRECTORY)
    if entry is not None:
        assert repr(entry).isprintable()
        assert all(sample.path.parent == DIRECTORY for sample in entry.samples)
        if "label" not in damage:
            assert entry.label == "fox at dawn"


@pytest.mark.parametrize(
    "field", ["model_name", "operation_id", "origin", "base_url", "provider", "started_at"]
)
def test_an_entry_that_does_not_say_what_it_is_about_is_none(field: str) -> None:
    assert entry_from_json({**entry_to_json(ENTRY), field: None}, DIRECTORY) is None


@pytest.mark.parametrize(
    "file", ["../sample-1.mp4", "/etc/passwd", "sample-0.mp4", "sample-1.mp4\n", "a.mp4", ""]
)
def test_a_file_altered_by_hand_leads_nowhere(file: str) -> None:
    sample = {"file": file, "bytes": 1, "sha256": "a" * 64, "mime_type": None}
    entry = entry_from_json({**entry_to_json(ENTRY), "samples": [sample]}, DIRECTORY)
    assert entry is not None
    assert entry.samples == ()


def test_neither_an_absolute_path_nor_a_secret_in_the_url_is_written_down() -> None:
    text = json.dumps(
        entry_to_json(replace(ENTRY, base_url="https://user:canary@host:8443/v?key=canary#canary"))
    )
    assert "canary" not in text
    assert "https://host:8443/v" in text
    assert str(DIRECTORY) not in text
    assert "sample-1.mp4" in text


def test_it_reads_like_a_line_of_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    local = f"{STARTED.astimezone():%Y-%m-%d %H:%M}"
    assert repr(ENTRY) == (
        f'<{local} succeeded veo-3.1-generate-preview mg3pt9cbmvr1 "fox at dawn" 1 video, 74 s>'
    )
    assert repr(replace(ENTRY, samples=())).endswith('"fox at dawn" no video on disk, 74 s>')
    running = replace(ENTRY, status="running", label=None, samples=(), total_s=None, operation_id="x" * 99)
    assert repr(running) == f"<{local} running veo-3.1-generate-preview {'x' * 23}…>"
    assert repr(replace(ENTRY, status="filtered", filtered_count=2)).endswith("2 withheld, 74 s>")


def test_an_entry_can_be_watched_again_and_pickled() -> None:
    reference = read_reference(ENTRY)
    assert (reference.model_name, reference.operation_id) == (ENTRY.model_name, ENTRY.operation_id)
    assert reference.base_url == "https://api.gptproto.com"
    assert pickle.loads(pickle.dumps(ENTRY)) == ENTRY
    assert hash(ENTRY) == hash(pickle.loads(pickle.dumps(ENTRY)))


def test_long_words_of_the_provider_are_cut() -> None:
    written = entry_to_json(replace(ENTRY, error_message="x" * 10**6, filtered_reasons=("y" * 10**5,) * 100))
    assert len(json.dumps(written)) < 100_000
