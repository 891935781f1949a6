"""The unfinished file: kept, gone on with, never mixed, never in the way of another file."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest
from disk_steps import disk_steps
from download_runs import CLIP, OLD, OTHER, Run, ranges
from faults import (
    Drip,
    Drop,
    FaultServer,
    Resource,
    Stall,
    Truncate,
    busy,
)
from leaks import KEY, SIGNATURE
from timing import wait_until

from rushes.credentials import Secret
from rushes.download import download
from rushes.errors import (
    NetworkError,
    SaveError,
    WatchStoppedError,
)
from rushes.file_lock import try_lock
from rushes.operation import Video
from rushes.transport import Transport

pytest_plugins = ("server_fixtures",)


def test_the_same_bytes_in_the_place_are_fine(server: FaultServer, run: Run) -> None:
    run.destination.write_bytes(CLIP)
    assert run(server.serve("/a", Resource(CLIP))) == CLIP
    assert run.left == ["clip.mp4"]


def test_another_file_in_the_place_is_never_replaced_and_the_video_is_kept(
    server: FaultServer, run: Run
) -> None:
    run.destination.write_bytes(OTHER)
    uri = server.serve("/a", Resource(CLIP))
    with pytest.raises(SaveError, match="holds something else") as caught:
        run(uri)
    assert run.destination.read_bytes() == OTHER
    assert str(run.part) in str(caught.value)
    requests = len(server.requests)
    run.destination.unlink()
    assert run(uri) == CLIP
    assert len(server.requests) == requests  # what was kept is not fetched again


def test_another_file_of_another_size_is_told_before_the_video_is_fetched(
    server: FaultServer, run: Run
) -> None:
    run.destination.write_bytes(b"a home video")
    with pytest.raises(SaveError):
        run(server.serve("/a", Resource(CLIP)))
    assert run.destination.read_bytes() == b"a home video"
    assert run.left == ["clip.mp4"]


def test_a_missing_directory_and_a_directory_in_the_place_are_save_errors(
    server: FaultServer, run: Run, tmp_path: Path
) -> None:
    uri = server.serve("/a", Resource(CLIP))
    run.destination.mkdir()
    with pytest.raises(SaveError):
        run(uri)
    run.destination = tmp_path / "missing" / "clip.mp4"
    with pytest.raises(SaveError):
        run(uri)
    assert server.requests == []


def test_bytes_are_on_the_disk_before_they_have_their_name(
    server: FaultServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = disk_steps(run.destination, monkeypatch)
    run(server.serve("/a", Resource(CLIP)))
    assert steps[:2] == [f"{len(CLIP)} bytes", "named"]
    assert steps[2:] == ([] if os.name == "nt" else ["directory"])


def test_a_partial_that_its_holder_finishes_in_that_moment_is_not_written_to(
    server: FaultServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finished_meanwhile(descriptor: int) -> bool:
        monkeypatch.setattr("rushes.partial.try_lock", try_lock)
        run.part.write_bytes(CLIP)
        run.part.rename(run.destination)
        return try_lock(descriptor)

    monkeypatch.setattr("rushes.partial.try_lock", finished_meanwhile)
    assert run(server.serve("/a", Resource(CLIP))) == CLIP
    assert run.left == ["clip.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_the_place_of_the_partial_is_not_followed(
    server: FaultServer, run: Run, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    run.part.symlink_to(victim)
    with pytest.raises(SaveError, match="symbolic link"):
        run(server.serve("/a", Resource(CLIP)))
    assert victim.read_bytes() == b"precious"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("suffix", [".part.json", ".part.json~"])
def test_a_link_in_the_place_of_the_note_is_not_followed(
    server: FaultServer, run: Run, tmp_path: Path, suffix: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    run.destination.with_name(run.destination.name + suffix).symlink_to(victim)
    run(server.serve("/a", Resource(CLIP)))
    assert victim.read_bytes() == b"precious"
    assert run.destination.read_bytes() == CLIP


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in directories there")
def test_a_pipe_in_the_place_of_the_note_does_not_hold_the_download_up(server: FaultServer, run: Run) -> None:
    os.mkfifo(run.destination.with_name(run.destination.name + ".part.json"))
    run(server.serve("/a", Resource(CLIP)))
    assert run.destination.read_bytes() == CLIP


def test_a_disk_too_small_is_told_before_the_video_is_fetched(
    server: FaultServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(100_000, 50_000, 50_000))
    with pytest.raises(SaveError, match="50,000"):
        run(server.serve("/a", Resource(CLIP)))
    assert run.left == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_fills_up_leaves_nothing_broken(
    server: FaultServer, run: Run, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write = os.write
    written = 0

    def filling(descriptor: int, data: bytes) -> int:
        nonlocal written
        if len(data) < 1_000:  # the server's own business
            return write(descriptor, data)
        if written > 60_000:
            raise OSError(code, os.strerror(code))
        count = write(descriptor, data[:20_000])
        written += count
        return count

    monkeypatch.setattr(os, "write", filling)
    with pytest.raises(SaveError) as caught:
        run(server.serve("/a", Resource(CLIP)))
    assert caught.value.next_step
    assert run.left == []


def test_stopping_keeps_what_has_arrived_and_the_next_download_goes_on_with_it(
    server: FaultServer, run: Run
) -> None:
    uri = server.serve("/a", Resource(CLIP), Drip(10_000))
    with pytest.raises(WatchStoppedError):
        run(uri, cancelled=lambda: run.part.exists() and run.part.stat().st_size > 50_000)
    assert run.left == ["clip.mp4.part", "clip.mp4.part.json"]
    assert run(uri) == CLIP
    assert ranges(server)[-1] is not None
    assert run.left == ["clip.mp4"]


def test_stopping_is_heard_during_a_wait(server: FaultServer, run: Run) -> None:
    uri = server.serve("/a", Resource(CLIP), busy(503, "100"))
    with pytest.raises(WatchStoppedError):
        run(uri, cancelled=lambda: len(run.slept_s) > 5)
    assert sum(run.slept_s) < 5


def test_a_network_that_stays_away_keeps_what_has_arrived(server: FaultServer, run: Run) -> None:
    uri = server.serve("/a", Resource(CLIP), Truncate(150_000), *[Drop()] * 20)
    with pytest.raises(NetworkError):
        run(uri)
    assert run.part.read_bytes() == CLIP[:150_000]
    assert not run.destination.exists()


def test_the_note_beside_a_partial_holds_no_address_and_no_key(server: FaultServer, run: Run) -> None:
    resource = Resource(CLIP, etag=f'"{KEY}"', last_modified=OLD)
    uri = server.serve("/a", resource, Truncate(150_000), *[Drop()] * 20)
    with pytest.raises(NetworkError):
        run(f"{uri}?sig={SIGNATURE}")
    note = run.note.read_text()
    assert json.loads(note)["total"] == len(CLIP)
    for secret in (KEY, SIGNATURE, "127.0.0.1", "http"):
        assert secret not in note


def test_a_partial_of_another_video_is_not_gone_on_with(server: FaultServer, run: Run) -> None:
    first = server.serve("/a", Resource(CLIP), Truncate(150_000), *[Drop()] * 20)
    with pytest.raises(NetworkError):
        run(first)
    assert run(server.serve("/b", Resource(OTHER))) == OTHER
    assert [request.headers.get("range") for request in server.requests if request.path == "/b"] == [None]


@pytest.mark.parametrize(
    "note", ["", "{", "[]", '{"video": 1}', '{"total": -1}', "\0" * 10_000, "[" * 10_000]
)
def test_a_partial_with_a_torn_note_begins_again(server: FaultServer, run: Run, note: str) -> None:
    run.part.write_bytes(b"leftover")
    run.note.write_text(note)
    assert run(server.serve("/a", Resource(CLIP))) == CLIP
    assert ranges(server) == [None]


HOLDER = """
import sys
from pathlib import Path
from rushes.credentials import Secret
from rushes.download import download
from rushes.operation import Video
from rushes.provider import provider_at
from rushes.transport import Transport


uri, destination = sys.argv[1:]
with Transport(provider_at(uri), Secret("k")) as transport:
    download(transport, Video(uri=uri), Path(destination))
"""


def test_the_partial_of_a_killed_process_is_gone_on_with(server: FaultServer, run: Run) -> None:
    uri = server.serve("/a", Resource(CLIP), Stall(150_000))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, uri, str(run.destination)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )
    with holder:
        wait_until(lambda: run.part.exists() and run.part.stat().st_size == 150_000)
        assert holder.poll() is None, "the other process ended by itself"
        holder.kill()
    assert run(uri) == CLIP
    assert server.requests[-1].headers["range"] == f"bytes={150_000 - 1024}-"


def test_two_downloads_to_the_same_place_fetch_the_video_once(server: FaultServer, tmp_path: Path) -> None:
    uri = server.serve("/a", Resource(CLIP), Stall(150_000))
    first, second = Run(server, tmp_path), Run(server, tmp_path)
    outcomes: list[bytes] = []
    begun, pause = threading.Event(), threading.Event()

    def fetch_first() -> None:
        with Transport(first.provider, Secret(KEY)) as transport:
            download(transport, Video(uri=uri), first.destination, on_progress=lambda progress: begun.set())
        outcomes.append(first.destination.read_bytes())

    def fetch_second() -> None:
        def sleep(seconds: float) -> None:
            second.slept_s.append(seconds)
            pause.wait(0.01)

        with Transport(second.provider, Secret(KEY)) as transport:
            download(transport, Video(uri=uri), second.destination, sleep=sleep)
        outcomes.append(second.destination.read_bytes())

    threads = [threading.Thread(target=fetch_first), threading.Thread(target=fetch_second)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    wait_until(lambda: bool(second.slept_s))
    server.release()
    for thread in threads:
        thread.join(20)
    assert outcomes == [CLIP, CLIP]
    assert len(server.requests) == 2  # the stalled one and its rest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]
