from __future__ import annotations

import os
import random
import stat
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from two_processes import other_process

import rushes.ledger
from rushes.data_directory import OperationKey
from rushes.errors import InvalidInputError, SaveError
from rushes.ledger import Ledger, recent
from rushes.ledger_entry import StoredSample
from rushes.operation import ErrorDetail, Operation, Video
from rushes.process_lock import ProcessLock

STARTED = datetime(2026, 11, 23, 14, 2, tzinfo=timezone.utc)
KEY = OperationKey("https://api.gptproto.com:443", "veo-3.1-generate-preview", "mg3pt9cbmvr1")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "data")


def start(ledger: Ledger, key: OperationKey = KEY, *, label: str | None = None, after_s: float = 0) -> None:
    ledger.record_start(
        key,
        provider="gptproto",
        base_url="https://api.gptproto.com",
        label=label,
        started_at=STARTED + timedelta(seconds=after_s),
    )


def finished_operation(status: str = "succeeded", *, videos: int = 1) -> Operation:
    return Operation(
        name="operations/mg3pt9cbmvr1",
        model_name=KEY.model_name,
        operation_id=KEY.operation_id,
        done=status != "running",
        status=status,  # type: ignore[arg-type]  # a test's word
        videos=tuple(Video(uri=f"https://host/canary-{n}?key=canary") for n in range(videos)),
        create_time=STARTED - timedelta(seconds=1),
        metadata={"prompt": "canary"},
        raw={"prompt": "canary"},
    )


def end(
    ledger: Ledger,
    operation: Operation | None = None,
    *,
    key: OperationKey = KEY,
    samples: tuple[StoredSample, ...] = (),
) -> None:
    ledger.record_outcome(
        key,
        operation or finished_operation(),
        finished_at=STARTED + timedelta(seconds=80),
        total_s=74.0,
        samples=samples,
    )


def stored(ledger: Ledger, name: str = "sample-1.mp4") -> StoredSample:
    return StoredSample(ledger.directory(KEY) / name, 12, "a" * 64, "video/mp4")


def nth(n: int) -> OperationKey:
    return OperationKey("https://a:443", "veo", f"op{n}")


def test_an_outcome_outlives_a_power_cut_and_a_start_waits_for_no_disk(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    start(ledger)
    assert synced == []
    end(ledger, samples=(stored(ledger),))
    assert synced != []
    synced.clear()
    # By now there is something to lose.
    start(ledger, label="storm")
    assert synced != []


def test_an_operation_is_written_down_before_its_end_is_known(ledger: Ledger) -> None:
    start(ledger, label="fox")
    entry = ledger.entry(KEY)
    assert entry is not None
    assert (entry.status, entry.label, entry.provider) == ("running", "fox", "gptproto")
    assert (entry.started_at, entry.finished_at) == (STARTED, None)
    assert entry.name == "models/veo-3.1-generate-preview/operations/mg3pt9cbmvr1"


def test_the_end_is_written_down_with_its_videos_and_nothing_secret(ledger: Ledger) -> None:
    start(ledger, label="fox")
    end(ledger, samples=(stored(ledger),))
    entry = ledger.entry(KEY)
    assert entry is not None
    assert (entry.status, entry.label, entry.total_s, entry.video_count) == ("succeeded", "fox", 74.0, 1)
    assert entry.samples == (stored(ledger),)
    assert entry.create_time == STARTED - timedelta(seconds=1)
    written = b"".join(path.read_bytes() for path in ledger.root.rglob("*") if path.is_file())
    assert b"canary" not in written
    assert os.fsencode(ledger.root) not in written


def test_a_second_watch_keeps_the_first_start_the_label_and_the_end(ledger: Ledger) -> None:
    start(ledger, label="fox")
    end(ledger, samples=(stored(ledger),))
    before = ledger.entry(KEY)
    start(ledger, after_s=3600)
    assert ledger.entry(KEY) == before
    start(ledger, label="fox, again", after_s=3600)
    entry = ledger.entry(KEY)
    assert entry is not None
    assert (entry.label, entry.status, entry.started_at) == ("fox, again", "succeeded", STARTED)


def test_videos_written_down_earlier_stay_when_a_later_look_brings_none(ledger: Ledger) -> None:
    end(ledger, finished_operation(videos=2), samples=(stored(ledger),))
    end(ledger, finished_operation(videos=2), samples=(stored(ledger, "sample-2.mp4"),))
    entry = ledger.entry(KEY)
    assert entry is not None
    assert [sample.path.name for sample in entry.samples] == ["sample-1.mp4", "sample-2.mp4"]


def test_an_operation_that_still_runs_has_no_end(ledger: Ledger) -> None:
    start(ledger)
    end(ledger, finished_operation("running"))
    entry = ledger.entry(KEY)
    assert entry is not None
    assert (entry.status, entry.finished_at) == ("running", None)


def test_an_end_without_a_start_is_written_down_all_the_same(ledger: Ledger) -> None:
    failed = Operation(
        "", KEY.model_name, KEY.operation_id, True, "failed", error=ErrorDetail(13, "Internal.")
    )
    end(ledger, failed)
    entry = ledger.entry(KEY)
    assert entry is not None
    assert (entry.status, entry.error_code, entry.error_message) == ("failed", 13, "Internal.")
    assert entry.started_at == STARTED + timedelta(seconds=80 - 74)


def test_no_signature_in_the_words_of_a_provider_is_written_down(ledger: Ledger) -> None:
    words = "Blocked: https://storage.googleapis.com/b/o?X-Goog-Signature=canary"
    error = ErrorDetail(3, words)
    end(ledger, Operation("", KEY.model_name, KEY.operation_id, True, "failed", error=error))
    end(ledger, replace(finished_operation("filtered"), filtered_reasons=(words,)))
    entry = ledger.entry(KEY)
    assert entry is not None
    assert entry.filtered_reasons == ("Blocked: https://storage.googleapis.com/b/o",)
    written = b"".join(path.read_bytes() for path in ledger.root.rglob("*") if path.is_file())
    assert b"canary" not in written


def test_files_elsewhere_are_not_written_down(ledger: Ledger, tmp_path: Path) -> None:
    end(ledger, samples=(StoredSample(tmp_path / "sample-1.mp4", 12, "a" * 64, None),))
    entry = ledger.entry(KEY)
    assert entry is not None
    assert entry.samples == ()


def test_recent_lists_the_last_started_first_whatever_changed_last(ledger: Ledger) -> None:
    order = list(range(8))
    random.Random(1).shuffle(order)
    for n in order:
        start(ledger, nth(n), after_s=60.0 * n)
    end(ledger, key=nth(0))
    assert [entry.operation_id for entry in ledger.recent()] == [f"op{n}" for n in reversed(range(8))]
    assert [entry.operation_id for entry in ledger.recent(2)] == ["op7", "op6"]
    assert ledger.recent(0) == []


def test_recent_opens_no_more_files_than_it_lists(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(10):
        start(ledger, nth(n), after_s=60.0 * n)
    opened: list[Path] = []
    read = rushes.ledger.read_entry

    def counting(directory: Path) -> object:
        opened.append(directory)
        return read(directory)

    monkeypatch.setattr(rushes.ledger, "read_entry", counting)
    assert len(ledger.recent(3)) == 3
    assert len(opened) == 3


def test_recent_survives_garbage_and_a_torn_entry_is_healed_by_the_next_write(ledger: Ledger) -> None:
    assert ledger.recent() == []
    start(ledger, nth(1))
    start(ledger, nth(2), after_s=60)
    torn = ledger.directory(nth(2)) / "operation.json"
    torn.write_bytes(torn.read_bytes()[:40])
    (ledger.operations / "stranger").mkdir()
    (ledger.operations / "file").write_text("{}")
    (ledger.operations / "odd").mkdir()
    (ledger.operations / "odd" / "operation.json").mkdir()
    assert [entry.operation_id for entry in ledger.recent()] == ["op1"]
    start(ledger, nth(2), after_s=60)
    assert [entry.operation_id for entry in ledger.recent()] == ["op2", "op1"]


@pytest.mark.parametrize("n", [-1, 1.5, "3", None, True])
def test_recent_refuses_what_is_no_number_of_entries(n: object) -> None:
    with pytest.raises(InvalidInputError):
        recent(n)  # type: ignore[arg-type]  # the point


def test_an_entry_copied_to_another_operation_s_directory_is_not_believed(ledger: Ledger) -> None:
    start(ledger, nth(1))
    ledger.directory(nth(2)).mkdir()
    content = (ledger.directory(nth(1)) / "operation.json").read_bytes()
    (ledger.directory(nth(2)) / "operation.json").write_bytes(content)
    assert ledger.entry(nth(2)) is None


def test_a_data_directory_that_cannot_be_written_is_a_save_error_and_reads_as_empty(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    ledger = Ledger(in_the_way)
    with pytest.raises(SaveError, match="RUSHES_DATA_DIR"):
        start(ledger)
    with pytest.raises(SaveError):
        end(ledger)
    assert ledger.recent() == []
    assert ledger.entry(KEY) is None


def test_the_ledger_is_where_the_environment_says(own_environment: Path) -> None:
    start(Ledger())
    assert [entry.name for entry in recent()] == ["models/veo-3.1-generate-preview/operations/mg3pt9cbmvr1"]
    assert own_environment in next(own_environment.rglob("operation.json")).parents


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_can_read_the_ledger(ledger: Ledger) -> None:
    start(ledger)
    for path in (ledger.root, *ledger.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


PAUSED_IN_THE_MIDDLE = """
import sys
from datetime import datetime, timezone
from pathlib import Path
import rushes.ledger
from rushes.data_directory import OperationKey
write = rushes.ledger.write_json
def paused(*arguments, **options):
    print("has read, will write")
    input()
    write(*arguments, **options)
rushes.ledger.write_json = paused
rushes.ledger.Ledger(Path(sys.argv[1])).record_start(
    OperationKey(*sys.argv[2:5]), provider="custom", base_url="https://a", label="from the other kernel",
    started_at=datetime(2026, 1, 1, tzinfo=timezone.utc))
print("done")
"""


def test_two_kernels_that_write_the_same_entry_do_not_undo_each_other(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_or_done = threading.Event()

    class ToldLock(ProcessLock):
        def acquire(self, timeout_s: float | None = None, **options: Any) -> bool:
            waiting_or_done.set()
            return super().acquire(30, **options)

    def end_here() -> None:
        end(ledger)
        waiting_or_done.set()

    monkeypatch.setattr(rushes.ledger, "ProcessLock", ToldLock)
    ending = threading.Thread(target=end_here, daemon=True)
    with other_process(
        PAUSED_IN_THE_MIDDLE, str(ledger.root), KEY.origin, KEY.model_name, KEY.operation_id
    ) as other:
        assert other.hears() == "has read, will write"
        ending.start()
        assert waiting_or_done.wait(30)
        other.say()
        assert other.hears() == "done"
    ending.join(30)
    entry = ledger.entry(KEY)
    assert entry is not None
    assert (entry.status, entry.label) == ("succeeded", "from the other kernel")
    assert [path.name for path in ledger.directory(KEY).iterdir()] == ["operation.json"]


def test_a_stuck_holder_of_the_lock_does_not_stop_the_ledger(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rushes.ledger, "_UPDATE_TIMEOUT_S", 0.01)
    with ProcessLock(ledger.operations / ".lock", root=ledger.root):
        start(ledger)
    assert ledger.entry(KEY) is not None
