"""What a watch leaves on disk: paid for once, kept, resumed by whoever comes next, and copied where it was asked."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import clips
import pytest
from faults import FaultServer, Recorded, Resource, Stall, finished, running
from live_watches import LIMIT_S, Watches, error, videos
from timing import wait_until
from two_processes import other_process

import rushes
from rushes.destination import export
from rushes.errors import SaveError, WatchStoppedError
from rushes.store import Store

pytest_plugins = ("watch_fixtures",)

KEY = "canary-key-3ad5"
FILES = ("/v1beta/files/abc:download", "/v1beta/files/def:download")
CLIPS = (clips.clip(300_000), clips.clip(200_000, seed=1))
HALF = 150_000


@pytest.fixture
def server(watches: Watches) -> Iterator[FaultServer]:
    """One finished operation of two samples. Ends before the watches' threads have to."""
    with FaultServer(key=KEY) as started:
        for path, content in zip(FILES, CLIPS, strict=True):
            started.serve(path, Resource(content, needs_key=True))
        started.operation("veo", "op1", finished(*map(started.url, FILES)))
        yield started


def files_of(server: FaultServer) -> list[Recorded]:
    return [request for request in server.requests if request.path in FILES]


def ranges_of(server: FaultServer) -> list[str | None]:
    return [request.headers.get("range") for request in files_of(server)]


# save_to


@pytest.mark.parametrize("kind", ["existing directory", "trailing slash", "file name"])
def test_videos_are_copied_to_where_the_user_wants_them(
    watches: Watches, server: FaultServer, tmp_path: Path, kind: str
) -> None:
    directory = tmp_path / "clips"
    directory.mkdir()
    save_to: str | Path = directory
    names = ["op1.mp4", "op1-2.mp4"]
    if kind == "trailing slash":
        save_to = f"{directory}/"
    elif kind == "file name":
        save_to = directory / "fox.mp4"
        names = ["fox.mp4", "fox-2.mp4"]
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=save_to)
    found = videos(watch)
    assert [video.path for video in found] == [directory / name for name in names]
    assert [sample.saved_to for sample in watch.state.samples] == [directory / name for name in names]
    assert tuple(video.data for video in found) == CLIPS
    assert sorted(path.name for path in directory.iterdir()) == sorted(names)
    kept = [sample.path for sample in watch.state.samples]
    assert all(path is not None and path.parent != directory and path.is_file() for path in kept)


def test_the_same_line_again_finds_its_copies_and_asks_nobody(
    watches: Watches, server: FaultServer, tmp_path: Path
) -> None:
    options = {"base_url": server.origin, "api_key": KEY, "save_to": tmp_path}
    first = videos(watches("veo", "op1", **options))
    asked = len(server.requests)
    again = watches("veo", "op1", **options)
    assert [video.path for video in videos(again)] == [video.path for video in first]
    assert len(server.requests) == asked
    assert again.notice is not None
    assert "kept on this machine" in again.notice


def test_other_bytes_in_the_place_are_refused_before_anything_is_asked(
    watches: Watches, server: FaultServer, tmp_path: Path
) -> None:
    (tmp_path / "op1.mp4").write_text("my own")
    with pytest.raises(SaveError, match=r"op1\.mp4 exists already"):
        watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path)
    videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))
    with pytest.raises(SaveError):  # known to be another one now
        watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path)
    assert (tmp_path / "op1.mp4").read_text() == "my own"


def test_other_bytes_in_the_place_of_a_further_sample_are_seen_once_it_is_known(
    watches: Watches, server: FaultServer, tmp_path: Path
) -> None:
    videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))
    (tmp_path / "op1-2.mp4").write_text("my own")
    with pytest.raises(SaveError, match=r"op1-2\.mp4"):
        watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path)


def test_a_missing_directory_is_told_before_anything_is_asked(
    watches: Watches, server: FaultServer, tmp_path: Path
) -> None:
    for save_to in (tmp_path / "missing" / "clip.mp4", f"{tmp_path}/missing/"):
        with pytest.raises(SaveError, match="no directory"):
            watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=save_to)
    assert server.requests == []
    assert rushes.recent() == []


def test_a_working_directory_that_changes_meanwhile_does_not_move_the_copy(
    watches: Watches, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.operation("veo", "op1", Stall(), finished(server.url(FILES[0])))
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to="fox.mp4")
    wait_until(lambda: server.requests)
    monkeypatch.chdir(tmp_path / "there")
    (tmp_path / "there" / "fox.mp4").mkdir()
    server.release()
    [video] = videos(watch)
    assert video.path == tmp_path / "here" / "fox.mp4"


def test_what_comes_into_the_way_meanwhile_is_told_and_a_resume_copies_without_asking(
    watches: Watches, server: FaultServer, tmp_path: Path
) -> None:
    server.operation("veo", "op1", Stall(), finished(*map(server.url, FILES)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path)
    wait_until(lambda: server.requests)
    (tmp_path / "op1.mp4").write_text("my own")
    server.release()
    assert isinstance(error(watch), SaveError)
    assert "op1.mp4" in str(error(watch))
    assert (watch.state.status, watch.state.can_resume) == ("failed", True)
    assert (tmp_path / "op1-2.mp4").read_bytes() == CLIPS[1]
    assert [sample.state for sample in watch.state.samples] == ["ready", "ready"]
    (tmp_path / "op1.mp4").unlink()
    asked = len(server.requests)
    watch.resume()
    assert tuple(video.data for video in videos(watch)) == CLIPS
    assert (tmp_path / "op1.mp4").read_bytes() == CLIPS[0]
    assert len(server.requests) == asked


def test_of_two_copies_in_the_way_the_first_is_told(
    watches: Watches, server: FaultServer, tmp_path: Path
) -> None:
    server.operation("veo", "op1", Stall(), finished(*map(server.url, FILES)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path)
    wait_until(lambda: server.requests)
    for name in ("op1.mp4", "op1-2.mp4"):
        (tmp_path / name).write_text("my own")
    server.release()
    assert "op1.mp4" in str(error(watch))


def test_a_copy_that_fails_in_an_unforeseen_way_ends_the_watch_all_the_same(
    watches: Watches, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Path:
        raise ZeroDivisionError

    monkeypatch.setattr("rushes.save_to.export", failing)
    told = error(watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path))
    assert "ZeroDivisionError" in str(told)


def test_a_stop_is_heard_while_the_copies_are_made(
    watches: Watches, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(source: Path, destination: Path) -> Path:
        begun.set()
        assert go_on.wait(LIMIT_S)
        return export(source, destination)

    monkeypatch.setattr("rushes.save_to.export", slow)
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path)
    assert begun.wait(LIMIT_S)
    assert watch.state.status == "downloading"
    watch.stop()
    stopped = error(watch)
    assert isinstance(stopped, WatchStoppedError)
    assert "billed" not in str(stopped)
    go_on.set()
    wait_until(lambda: (tmp_path / "op1-2.mp4").exists())  # they are made, but nobody is told any more
    assert watch.state.status == "stopped"
    watch.resume()
    assert [video.path for video in videos(watch)] == [tmp_path / "op1.mp4", tmp_path / "op1-2.mp4"]


# Kept.


WATCH = """
import sys
from rushes.watching import open_watch
watch = open_watch("veo", "op1", base_url=sys.argv[1], api_key=sys.argv[2])
print("watching")
print(" ".join(str(video.path) for video in watch.future.result(30)))
"""


def test_a_new_kernel_shows_what_is_kept_without_a_request(watches: Watches, server: FaultServer) -> None:
    found = videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))
    server.clear()  # the provider has deleted everything
    with other_process(WATCH, server.origin, KEY) as kernel:
        assert kernel.hears() == "watching"
        assert kernel.hears().split() == [str(video.path) for video in found]
    assert server.requests == []


def test_what_is_kept_began_when_it_began_and_took_what_it_took(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", running())
    first = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    wait_until(lambda: first.state.running_at)
    first.close()  # its kernel ended; the watch that sees the end counts from its own start
    wait_until(lambda: not server.connections)
    server.operation("veo", "op1", running(), finished(*map(server.url, FILES)))
    second = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    videos(second)
    [entry] = rushes.recent()
    assert entry.began_at is not None
    assert entry.began_at.timestamp() == pytest.approx(second.state.clock[1], abs=0.001)
    again = watches(entry, api_key=KEY)
    videos(again)
    assert again.state.polls == 0
    assert again.state.total_s == pytest.approx(second.state.total_s, abs=0.001)
    assert again.state.clock[1] == pytest.approx(second.state.clock[1], abs=0.001)


def test_files_that_somebody_removed_are_fetched_again(watches: Watches, server: FaultServer) -> None:
    first = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    os.unlink(videos(first)[0])
    again = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    assert tuple(video.data for video in videos(again)) == CLIPS
    assert [request.path for request in files_of(server)] == [*FILES, FILES[0]]


def test_a_file_that_is_found_missing_is_told_and_watching_again_fetches_it(
    watches: Watches, server: FaultServer
) -> None:
    first = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    os.unlink(videos(first)[0])
    lost = first.state.samples[0]
    assert lost.path is not None
    first.file_missing(lost.path, lost.generation + 100)  # another one's place
    first.file_missing(lost.path.with_suffix(".part"), lost.generation)  # as it was called before
    first.file_missing(lost.path, lost.generation)
    wait_until(lambda: first.state.samples[0].state == "gone")
    assert (first.state.status, first.state.samples[1].state) == ("succeeded", "ready")
    with pytest.raises(SaveError, match="Watch the operation again"):
        export(first.state.file_of(0), lost.path.with_name("copy.mp4"))
    again = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    assert tuple(video.data for video in videos(again)) == CLIPS
    assert [sample.state for sample in again.state.samples] == ["ready", "ready"]
    assert again.state.samples[0].generation > lost.generation


def test_the_quota_takes_the_oldest_and_never_what_save_to_wrote(
    watches: Watches, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUSHES_QUOTA_BYTES", "600000")
    server.operation("veo", "op2", finished(server.url(FILES[1])))
    first = videos(watches("veo", "op1", base_url=server.origin, api_key=KEY, save_to=tmp_path))
    videos(watches("veo", "op2", base_url=server.origin, api_key=KEY))
    assert [entry.operation_id for entry, _ in Store().usage()] == ["op2"]
    assert tuple(video.data for video in first) == CLIPS
    server.requests.clear()
    assert videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))
    assert len(files_of(server)) == 2


# Resumed.


def part_bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*.part"))


def test_a_stopped_download_goes_on_where_it_was(
    watches: Watches, server: FaultServer, own_environment: Path
) -> None:
    server.operation("veo", "op1", finished(server.url(FILES[0])))
    server.serve(FILES[0], Resource(CLIPS[0], needs_key=True), Stall(after_bytes=HALF))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    wait_until(lambda: part_bytes(own_environment) == HALF)
    assert watch.state.status == "downloading"
    watch.stop()
    assert isinstance(error(watch), WatchStoppedError)
    assert watch.state.can_resume
    server.release()
    watch.resume()
    assert videos(watch)[0].data == CLIPS[0]
    [whole, rest] = ranges_of(server)
    assert whole is None
    assert rest is not None
    assert HALF - 2048 <= int(rest.removeprefix("bytes=").removesuffix("-")) <= HALF
    assert watch.state.polls == 1


def test_a_download_that_is_under_way_is_not_cleared_away(
    watches: Watches, server: FaultServer, own_environment: Path
) -> None:
    server.operation("veo", "op1", finished(server.url(FILES[0])))
    server.serve(FILES[0], Resource(CLIPS[0], needs_key=True), Stall(after_bytes=HALF))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    wait_until(lambda: part_bytes(own_environment) == HALF)
    assert Store().clear() == 0
    assert part_bytes(own_environment) == HALF
    server.release()
    assert videos(watch)[0].data == CLIPS[0]


def test_a_killed_kernels_download_is_resumed_by_the_next(
    watches: Watches, server: FaultServer, own_environment: Path
) -> None:
    server.operation("veo", "op1", finished(server.url(FILES[0])))
    server.serve(FILES[0], Resource(CLIPS[0], needs_key=True), Stall(after_bytes=HALF))
    with other_process(WATCH, server.origin, KEY) as kernel:
        assert kernel.hears() == "watching"
        wait_until(lambda: part_bytes(own_environment) == HALF)
        kernel.kill()
    [entry] = rushes.recent()
    watch = watches(entry, api_key=KEY)
    assert videos(watch)[0].data == CLIPS[0]
    [whole, rest] = ranges_of(server)
    assert whole is None
    assert rest is not None
    assert part_bytes(own_environment) == 0


def test_two_kernels_that_watch_the_same_operation_download_it_once(
    watches: Watches, server: FaultServer, own_environment: Path
) -> None:
    server.operation("veo", "op1", finished(server.url(FILES[0])))
    server.serve(FILES[0], Resource(CLIPS[0], needs_key=True), Stall(after_bytes=HALF))
    with other_process(WATCH, server.origin, KEY) as kernel:
        assert kernel.hears() == "watching"
        wait_until(lambda: part_bytes(own_environment) == HALF)
        watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
        wait_until(lambda: watch.state.status == "downloading")
        assert len(files_of(server)) == 1
        server.release()
        path = kernel.hears()
        [video] = videos(watch)
    assert str(video.path) == path
    assert video.data == CLIPS[0]
    assert len(files_of(server)) == 2  # begun and gone on with, by the first kernel


def test_a_watch_that_waits_for_another_kernel_can_be_stopped(
    watches: Watches, server: FaultServer, own_environment: Path
) -> None:
    server.operation("veo", "op1", finished(server.url(FILES[0])))
    server.serve(FILES[0], Resource(CLIPS[0], needs_key=True), Stall(after_bytes=HALF))
    with other_process(WATCH, server.origin, KEY) as kernel:
        assert kernel.hears() == "watching"
        wait_until(lambda: part_bytes(own_environment) == HALF)
        watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
        wait_until(lambda: watch.state.status == "downloading")
        watch.stop()
        assert isinstance(error(watch), WatchStoppedError)
        kernel.kill()
    watch.resume()
    assert videos(watch)[0].data == CLIPS[0]


def test_two_keys_of_one_process_download_the_same_video_once(watches: Watches, server: FaultServer) -> None:
    server.reply("/v1beta/models/veo/operations/op1", finished(server.url(FILES[0])))
    server.serve(FILES[0], Resource(CLIPS[0]))
    found = [watches("veo", "op1", base_url=server.origin, api_key=key) for key in ("one", "other")]
    assert videos(found[0]) == videos(found[1])
    assert len(files_of(server)) == 1


def test_the_video_of_a_directory_that_was_moved_is_found_there(
    watches: Watches, server: FaultServer, own_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))
    moved = own_environment.parent / "drive"
    shutil.move(own_environment, moved)
    monkeypatch.setenv("RUSHES_DATA_DIR", str(moved))
    server.clear()
    found = videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))
    assert all(video.path is not None and moved in video.path.parents for video in found)
    assert server.requests == []
