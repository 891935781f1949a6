"""The videos of a finished operation on their way into the store, as a page is told of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import clips
import pytest
from faults import FaultServer, Resource, Truncate, WrongLength, finished, refused
from live_watches import Watches, ended, videos

from rushes.errors import SaveError
from rushes.watch_state import SampleState

pytest_plugins = ("watch_fixtures",)

CLIP = clips.clip(5_000)


@pytest.fixture
def server(watches: Watches) -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def test_no_attempt_falls_back_to_an_earlier_generation_which_a_page_would_ignore(
    server: FaultServer, watches: Watches
) -> None:
    # The last thing before the first attempt fails is that all its bytes turn out to be wrong.
    script = Truncate(2_000), WrongLength(-500), refused(403)
    uri = server.serve("/clip.mp4", Resource(CLIP, ranges=False), *script)
    server.operation("veo", "op1", finished(uri))
    watch = watches("veo", "op1", base_url=server.origin, api_key=server.key)
    told: list[SampleState] = []
    watch.subscribe(lambda: told.extend(watch.state.samples))
    assert ended(watch).status == "failed"
    watch.resume()
    videos(watch)
    with_bytes = [sample.generation for sample in told if sample.path is not None]
    assert len(set(with_bytes)) > 2
    assert with_bytes == sorted(with_bytes)


def test_what_another_kernel_has_fetched_is_a_generation_of_its_own(
    server: FaultServer, watches: Watches
) -> None:
    script = Truncate(2_000), refused(403)
    uri = server.serve("/clip.mp4", Resource(CLIP), *script)
    server.operation("veo", "op1", finished(uri))
    first = watches("veo", "op1", base_url=server.origin, api_key=server.key)
    assert ended(first).status == "failed"
    earlier = max(sample.generation for sample in first.state.samples)
    second = watches("veo", "op1", base_url=server.origin, api_key=server.key)
    videos(second)
    first.resume()
    videos(first)
    assert first.state.samples[0].generation > earlier


def test_a_video_that_is_here_keeps_its_generation_when_another_one_is_fetched_anew(
    server: FaultServer, watches: Watches
) -> None:
    here = server.serve("/1.mp4", Resource(CLIP))
    missing = server.serve("/2.mp4", Resource(CLIP), refused(403))
    server.operation("veo", "op1", finished(here, missing))
    watch = watches("veo", "op1", base_url=server.origin, api_key=server.key)
    assert ended(watch).status == "failed"
    before = watch.state.samples[0]
    watch.resume()
    videos(watch)
    assert watch.state.samples[0] == before


def test_size_codecs_and_frames_are_told_of_a_video_that_has_come_and_of_one_that_was_there(
    server: FaultServer, watches: Watches
) -> None:
    uri = server.serve("/clip.mp4", Resource(clips.clip(width=720, height=1280)))
    server.operation("veo", "op1", finished(uri))
    for _ in ("downloaded", "found in the store"):
        watch = watches("veo", "op1", base_url=server.origin, api_key=server.key)
        videos(watch)
        [sample] = watch.state.samples
        assert (sample.width, sample.height) == (720, 1280)
        assert (sample.video_codec, sample.audio_codec) == ("avc1.640028", "mp4a.40.2")
        assert sample.frame_duration_s == 1 / 24
    assert [request.path for request in server.requests].count("/clip.mp4") == 1


def test_a_drive_without_locks_still_gets_its_video(
    server: FaultServer, watches: Watches, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    server.operation("veo", "op1", finished(server.serve("/clip.mp4", Resource(CLIP))))
    watch = watches("veo", "op1", base_url=server.origin, api_key=server.key)
    assert [video.data for video in videos(watch)] == [CLIP]
    again = watches("veo", "op1", base_url=server.origin, api_key=server.key)
    assert [video.data for video in videos(again)] == [CLIP]
    assert [request.path for request in server.requests].count("/clip.mp4") == 1


def test_a_data_directory_that_cannot_be_written_is_a_save_error(
    server: FaultServer, watches: Watches, own_environment: Path
) -> None:
    own_environment.write_text("in the way")
    server.operation("veo", "op1", finished(server.serve("/clip.mp4", Resource(CLIP))))
    watch = watches("veo", "op1", base_url=server.origin, api_key=server.key)
    ended(watch)
    assert isinstance(watch.state.error, SaveError)
    assert "RUSHES_DATA_DIR" in str(watch.state.error)
