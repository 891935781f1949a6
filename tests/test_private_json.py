from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

import pytest
from disk_steps import disk_steps
from hypothesis import given
from hypothesis import strategies as st

from rushes import private_json
from rushes.private_json import load_json, read_json, write_json


def test_what_is_written_is_read_and_only_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"label": "Füchse \ud83e", "n": 1}, modified_at=1_700_000_000.0)
    assert read_json(path) == {"label": "Füchse \ud83e", "n": 1}
    assert path.stat().st_mtime == 1_700_000_000.0
    assert list(tmp_path.iterdir()) == [path]
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(
    st.binary(max_size=200) | st.sampled_from([b"[1]", b"[" * 100_000, b"1" * 10_000, b'{"a": 1', b"\xff"])
)
def test_a_garbled_file_reads_as_none_and_never_raises(content: bytes) -> None:
    path = Path(os.environ["RUSHES_DATA_DIR"]).parent / "garbled.json"
    path.write_bytes(content)
    assert read_json(path) is None or content.strip().startswith(b"{")


def test_a_torn_file_reads_as_none_and_the_next_write_heals_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"n": 1})
    path.write_bytes(path.read_bytes()[:-3])
    assert read_json(path) is None
    write_json(path, {"n": 2})
    assert read_json(path) == {"n": 2}


def test_an_absurdly_large_file_is_not_taken_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": "' + b"x" * (1 << 20) + b'"}')
    assert read_json(path) is None


def test_the_content_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    steps = disk_steps(path, monkeypatch)
    write_json(path, {"a": 1})
    assert steps[:2] == [f"{path.stat().st_size} bytes", "named"]
    assert steps[2:] == ([] if os.name == "nt" else ["directory"])


@pytest.mark.parametrize("step", ["fsync", "replace", "utime"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"n": 1})

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space"):
        write_json(path, {"n": 2}, modified_at=1.0)
    assert list(tmp_path.iterdir()) == [path]
    assert read_json(path) == {"n": 1}


def test_a_file_system_without_fsync_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(_: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unsupported)
    write_json(tmp_path / "a.json", {"n": 1})
    assert read_json(tmp_path / "a.json") == {"n": 1}


def test_windows_refusing_for_a_moment_is_waited_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = [PermissionError(13, "in use"), PermissionError(13, "in use")]

    def action() -> str:
        if refusals:
            raise refusals.pop()
        return "done"

    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(os, "name", "nt")
    done = private_json._despite_windows(action)
    monkeypatch.undo()
    assert done == "done"
    assert waits == sorted(waits)
    assert len(waits) == 2


def test_no_file_is_none_but_an_unreadable_one_is_told_by_load_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_json(tmp_path / "none.json") is None
    directory = tmp_path / "directory.json"
    directory.mkdir()
    with pytest.raises(OSError):  # noqa: PT011  # which one is the system's business
        load_json(directory)
    assert read_json(directory) is None
