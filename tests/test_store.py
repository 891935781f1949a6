from __future__ import annotations

import hashlib
import os
import tracemalloc
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from two_processes import other_process

import rushes.store
from rushes.errors import InvalidInputError
from rushes.ledger import Ledger
from rushes.operation import Operation, Video
from rushes.store import OperationKey, Store

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=timezone.utc)
KEY = OperationKey("https://api.gptproto.com:443", "veo-3.1-generate-preview", "mg3pt9cbmvr1")
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"m" * 88
HOLD = """
import sys
from pathlib import Path
from rushes.store import OperationKey, Store
lock = Store(Path(sys.argv[1])).lock(OperationKey(*sys.argv[2:5]))
print(lock.acquire(0))
input()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(root: Path) -> Store:
    return Store(root, now=lambda: NOW)


def nth(n: int) -> OperationKey:
    return OperationKey("https://a:443", "veo", f"op{n}")


def keep_videos(
    root: Path,
    key: OperationKey = KEY,
    *,
    content: bytes = MP4,
    videos: int = 1,
    age: timedelta = timedelta(0),
) -> None:
    """What a watch that finished `age` ago leaves behind."""
    store, ledger, finished_at = Store(root), Ledger(root), NOW - age
    store.prepare(key)
    samples = []
    for n in range(videos):
        store.video_path(key, n).write_bytes(content)
        sample = store.stored_sample(key, n, "video/mp4")
        assert sample is not None
        samples.append(sample)
    operation = Operation(
        "",
        key.model_name,
        key.operation_id,
        True,
        "succeeded",
        tuple(Video(uri=f"https://h/{n}") for n in range(videos)),
    )
    ledger.record_outcome(key, operation, finished_at=finished_at, total_s=60.0, samples=samples)


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()} - {".lock"}


@given(st.builds(OperationKey, st.text(), st.text(), st.text()), st.integers(0, 99))
def test_a_video_lies_inside_the_data_directory_whatever_the_names_say(
    key: OperationKey, sample: int
) -> None:
    root = Path("/data")
    path = Path(os.path.normpath(Store(root).video_path(key, sample)))
    assert path.parent.parent == Path(os.path.abspath(root)) / "operations"
    assert path.name == f"sample-{sample + 1}.mp4"


def test_a_finished_operation_is_found_again_by_a_new_kernel(root: Path) -> None:
    keep_videos(root, videos=2)
    entry = Store(root).finished(KEY)
    assert entry is not None
    assert [sample.path.read_bytes() for sample in entry.samples] == [MP4, MP4]
    assert entry.samples[0].sha256 == hashlib.sha256(MP4).hexdigest()
    assert Store(root).finished(KEY, verify=True) == entry


def test_an_operation_nobody_watched_or_that_has_no_video_is_not_finished(root: Path, store: Store) -> None:
    assert store.finished(KEY) is None
    Ledger(root).record_start(KEY, provider="google", base_url="https://a", label=None, started_at=NOW)
    assert store.finished(KEY) is None
    keep_videos(root, nth(1), videos=0)
    assert store.finished(nth(1)) is None


def test_a_video_that_was_never_downloaded_keeps_the_operation_from_being_finished(root: Path) -> None:
    keep_videos(root, videos=1)
    two = Operation(
        "", KEY.model_name, KEY.operation_id, True, "succeeded", (Video(uri="a"), Video(uri="gs://b"))
    )
    Ledger(root).record_outcome(KEY, two, finished_at=NOW, total_s=1.0, samples=())
    assert Store(root).finished(KEY) is None
    assert Store(root).video_path(KEY, 0).exists()


@pytest.mark.parametrize("videos", [0, 2, 300_000])
def test_an_entry_that_promises_another_number_of_videos_is_not_finished(
    root: Path, store: Store, videos: int
) -> None:
    keep_videos(root, videos=1)
    path = store.directory(KEY) / "operation.json"
    path.write_text(path.read_text().replace('"video_count": 1,', f'"video_count": {videos},'))
    tracemalloc.start()
    try:
        assert store.finished(KEY) is None
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    keep_videos(root, videos=1)
    assert store.finished(KEY) is not None


@pytest.mark.parametrize("damaged", [MP4[:-1], MP4 + b"x", b"", b"<html>" + MP4[6:]])
def test_a_broken_file_is_removed_the_others_stay_and_the_next_download_heals_it(
    root: Path, store: Store, damaged: bytes
) -> None:
    keep_videos(root, videos=2)
    store.video_path(KEY, 1).write_bytes(damaged)
    assert store.finished(KEY) is None
    assert names_in(store.directory(KEY)) == {"operation.json", "sample-1.mp4"}
    entry = Ledger(root).entry(KEY)
    assert entry is not None
    assert len(entry.samples) == 1
    keep_videos(root, videos=2)
    assert store.finished(KEY) is not None


def test_a_flipped_bit_is_found_when_verifying(root: Path, store: Store) -> None:
    keep_videos(root)
    store.video_path(KEY, 0).write_bytes(MP4[:-1] + b"!")
    assert store.finished(KEY) is not None
    assert store.finished(KEY, verify=True) is None
    assert not store.video_path(KEY, 0).exists()


def test_a_file_removed_by_hand_is_downloaded_again(root: Path, store: Store) -> None:
    keep_videos(root)
    store.video_path(KEY, 0).unlink()
    assert store.finished(KEY) is None
    entry = Ledger(root).entry(KEY)
    assert entry is not None
    assert entry.samples == ()


def test_a_drive_that_does_not_answer_costs_no_video(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_videos(root)

    def silent(_: int) -> os.stat_result:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fstat", silent)
        assert store.finished(KEY) is None
    assert store.finished(KEY) is not None


def test_a_broken_file_is_left_to_whoever_downloads_it_now(root: Path, store: Store) -> None:
    keep_videos(root)
    store.video_path(KEY, 0).write_bytes(b"half")
    with other_process(HOLD, str(root), KEY.origin, KEY.model_name, KEY.operation_id) as other:
        assert other.hears() == "True"
        assert store.finished(KEY) is None
        assert store.video_path(KEY, 0).read_bytes() == b"half"


def test_a_file_that_is_no_video_is_no_stored_sample(store: Store) -> None:
    assert store.stored_sample(KEY, 0) is None
    store.prepare(KEY)
    store.video_path(KEY, 0).write_bytes(b"<!doctype html>")
    assert store.stored_sample(KEY, 0) is None
    store.video_path(KEY, 0).write_bytes(b"\x1a\x45\xdf\xa3 webm")
    sample = store.stored_sample(KEY, 0, "video/webm")
    assert sample is not None
    assert (sample.bytes, sample.mime_type) == (9, "video/webm")


def test_the_quota_takes_the_videos_finished_longest_ago_and_leaves_their_operations_written_down(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        keep_videos(root, nth(n), age=timedelta(hours=10 - n))
    monkeypatch.setenv("RUSHES_QUOTA_BYTES", "250")
    assert store.enforce_quota(nth(3)) == 200
    assert [store.finished(nth(n)) is not None for n in range(4)] == [False, False, True, True]
    entry = Ledger(root).entry(nth(0))
    assert entry is not None
    assert (entry.status, entry.total_s, entry.samples) == ("succeeded", 60.0, ())
    assert store.enforce_quota(nth(3)) == 0


def test_the_quota_never_takes_what_is_kept(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_videos(root, nth(1), age=timedelta(days=9))
    keep_videos(root, nth(2), age=timedelta(days=8))
    keep_videos(root, nth(3))
    monkeypatch.setenv("RUSHES_QUOTA_BYTES", "0")
    assert store.enforce_quota((nth(1), nth(2))) == 100
    assert store.finished(nth(1)) is not None
    assert store.finished(nth(2)) is not None


def test_the_quota_takes_nothing_that_another_process_is_busy_with(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = nth(1)
    keep_videos(root, key, age=timedelta(days=9))
    keep_videos(root, nth(2), age=timedelta(days=1))
    monkeypatch.setenv("RUSHES_QUOTA_BYTES", "150")
    with other_process(HOLD, str(root), key.origin, key.model_name, key.operation_id) as other:
        assert other.hears() == "True"
        assert store.enforce_quota(KEY) == 100
    assert store.finished(key) is not None
    assert store.finished(nth(2)) is None


def test_the_quota_leaves_a_download_that_can_be_resumed_and_takes_one_that_cannot(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, age in ((1, timedelta(hours=1)), (2, timedelta(days=3))):
        Ledger(root).record_start(
            nth(n), provider="google", base_url="https://a", label=None, started_at=NOW - age
        )
        store.video_path(nth(n), 0).with_suffix(".mp4.part").write_bytes(MP4)
    keep_videos(root, nth(3))
    monkeypatch.setenv("RUSHES_QUOTA_BYTES", "0")
    assert store.enforce_quota() == 200
    assert names_in(store.directory(nth(1))) == {"operation.json", "sample-1.mp4.part"}
    assert names_in(store.directory(nth(2))) == {"operation.json"}


def test_the_quota_is_twenty_gibibytes_unless_the_variable_says_otherwise(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("RUSHES_QUOTA_BYTES", raising=False)
    assert rushes.store._quota_bytes() == 20 * 1024**3
    keep_videos(root)
    for typing_error in ("20 GB", "-1", "0x10"):
        monkeypatch.setenv("RUSHES_QUOTA_BYTES", typing_error)
        assert store.enforce_quota() == 0
        assert typing_error in caplog.text
    assert store.finished(KEY) is not None


def test_usage_lists_what_is_on_disk_newest_first(root: Path, store: Store) -> None:
    assert store.usage() == []
    for n in range(3):
        keep_videos(root, nth(n), videos=n, age=timedelta(hours=10 - n))
    assert [(entry.operation_id, size) for entry, size in store.usage()] == [("op2", 200), ("op1", 100)]


def test_clear_removes_videos_by_age_and_nothing_else(root: Path, store: Store, tmp_path: Path) -> None:
    saved = tmp_path / "saved.mp4"
    saved.write_bytes(MP4)
    keep_videos(root, nth(1), age=timedelta(days=8))
    keep_videos(root, nth(2), age=timedelta(days=6))
    assert store.clear(older_than=timedelta(days=7)) == 100
    assert store.finished(nth(1)) is None
    assert store.finished(nth(2)) is not None
    assert store.clear() == 100
    assert store.usage() == []
    assert len(Ledger(root).recent()) == 2
    assert saved.exists()


def test_clear_leaves_a_running_download_alone(root: Path, store: Store) -> None:
    keep_videos(root)
    with store.lock(KEY):
        assert store.clear() == 0
    assert store.clear() == 100


@pytest.mark.parametrize("older_than", [7, timedelta(days=-1), "7 days"])
def test_clear_refuses_what_is_no_length_of_time(store: Store, older_than: object) -> None:
    with pytest.raises(InvalidInputError):
        store.clear(older_than)  # type: ignore[arg-type]  # the point


def test_a_directory_without_a_readable_entry_counts_and_can_be_cleared(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_videos(root)
    (store.directory(KEY) / "operation.json").write_bytes(b"{")
    assert store.finished(KEY) is None
    assert store.usage() == []
    # Its age is that of its directory, which was made after the NOW of these tests or just before.
    later = Store(root, now=lambda: datetime.now(timezone.utc) + timedelta(days=3))
    monkeypatch.setenv("RUSHES_QUOTA_BYTES", "0")
    assert later.enforce_quota() == 100


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_read_only_data_directory_still_shows_its_videos(root: Path, store: Store) -> None:
    keep_videos(root)
    store.directory(KEY).chmod(0o500)
    try:
        assert store.finished(KEY) is not None
        assert store.clear() == 0
    finally:
        store.directory(KEY).chmod(0o700)


def test_a_file_that_windows_keeps_open_stays_written_down(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_videos(root, videos=2)
    unlink = Path.unlink

    def open_elsewhere(path: Path, missing_ok: bool = False) -> None:
        if path.name == "sample-1.mp4":
            raise PermissionError(13, "in use")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", open_elsewhere)
    assert store.clear() == 100
    entry = Ledger(root).entry(KEY)
    assert entry is not None
    assert [sample.path.name for sample in entry.samples] == ["sample-1.mp4"]
