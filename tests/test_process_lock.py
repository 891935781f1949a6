from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from two_processes import other_process

from rushes.errors import SaveError
from rushes.process_lock import ProcessLock

HOLD = """
import sys
from pathlib import Path
from rushes.process_lock import ProcessLock
root = Path(sys.argv[1])
lock = ProcessLock(root / "x" / ".lock", root=root)
print(lock.acquire(0))
input()
lock.release()
print("released")
input()
"""


def lock_in(root: Path) -> ProcessLock:
    return ProcessLock(root / "x" / ".lock", root=root)


def test_another_process_keeps_us_out_until_it_lets_go(tmp_path: Path) -> None:
    with other_process(HOLD, str(tmp_path)) as other:
        assert other.hears() == "True"
        assert not lock_in(tmp_path).acquire(0)
        other.say()
        assert other.hears() == "released"
        assert lock_in(tmp_path).acquire(0)


def test_the_system_frees_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    with other_process(HOLD, str(tmp_path)) as other:
        assert other.hears() == "True"
        other.kill()
        assert lock_in(tmp_path).acquire(30)


def test_two_locks_of_one_thread_keep_each_other_out_without_an_error(tmp_path: Path) -> None:
    with lock_in(tmp_path) as held:
        assert held.held
        assert not lock_in(tmp_path).acquire(0)
        assert not held.acquire(0)
    assert not held.held
    assert lock_in(tmp_path).acquire(0)


def test_waiting_ends_when_it_is_cancelled_or_its_time_is_up(tmp_path: Path) -> None:
    time_s = 0.0

    def sleep(seconds: float) -> None:
        nonlocal time_s
        time_s += seconds

    waiting = ProcessLock(tmp_path / "x" / ".lock", root=tmp_path, sleep=sleep, monotonic=lambda: time_s)
    with lock_in(tmp_path):
        assert not waiting.acquire(cancelled=lambda: time_s > 5)
        assert time_s == pytest.approx(5, abs=0.2)
        time_s = 0.0
        assert not waiting.acquire(3)
        assert time_s == pytest.approx(3, abs=0.2)
    assert not waiting.acquire(cancelled=lambda: True)


def test_a_waiting_thread_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    got = threading.Event()
    held = lock_in(tmp_path)
    assert held.acquire(0)

    def wait() -> None:
        if lock_in(tmp_path).acquire(30):
            got.set()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    assert not got.is_set()
    held.release()
    assert got.wait(30)
    waiting.join(30)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_lock_file_is_private_and_stays(tmp_path: Path) -> None:
    with lock_in(tmp_path):
        pass
    assert stat.S_IMODE((tmp_path / "x" / ".lock").stat().st_mode) == 0o600


def test_a_place_without_locks_is_a_save_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(SaveError, match="RUSHES_DATA_DIR"):
        lock_in(in_the_way).acquire(0)

    def no_locks(*_: object, **__: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    with pytest.raises(SaveError, match="no locks"):
        lock_in(tmp_path).acquire(0)
