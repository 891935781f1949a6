"""The life of one watch as a pure state machine: what happens, and what it makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_driven import (
    BEGIN,
    BUCKET,
    FETCHED,
    FILE,
    READY,
    HandDriven,
    begun,
    broken,
    empty,
    filtered,
    running,
    succeeded,
)

from rushes.errors import NoVideoError, OperationFailedError, OperationFilteredError, RushesError
from rushes.operation import Operation, Video
from rushes.schedule import LONGEST_POLL_S, SHORTEST_POLL_S
from rushes.watch_events import PollDue, SendPoll, StartDownload, Wake
from rushes.watch_state import SampleState, WatchState


def test_a_watch_that_has_not_begun_does_nothing() -> None:
    watch = HandDriven()
    for actions in (
        watch.stop(),
        watch.join(10.0),
        watch.feed(PollDue()),
        watch.answer(running(), attempt=1),
    ):
        assert actions == ()
    assert watch.state == WatchState()
    assert not watch.state.done
    assert not watch.state.can_stop
    assert not watch.state.can_resume


def test_the_first_poll_goes_out_at_once() -> None:
    watch = HandDriven()
    assert watch.start() == (SendPoll(1),)
    assert (watch.state.status, watch.state.attempt, watch.state.polls) == ("running", 1, 1)
    assert watch.state.last_poll_at == watch.state.started_at == BEGIN
    assert watch.state.can_stop


def test_a_running_operation_is_asked_for_again() -> None:
    watch = begun()
    [wake] = watch.answer(running())
    assert isinstance(wake, Wake)
    assert 0.9 * SHORTEST_POLL_S <= wake.at - watch.awake_s <= 1.1 * LONGEST_POLL_S
    assert watch.state.next_poll_at == pytest.approx(watch.wall + wake.at - watch.awake_s)
    assert watch.wake() == (SendPoll(1),)
    assert watch.state.polls == 2


def test_a_poll_is_not_sent_while_another_is_under_way() -> None:
    watch = begun()
    assert watch.feed(PollDue()) == ()
    assert watch.state.polls == 1


def test_a_finished_operation_is_downloaded() -> None:
    watch = begun()
    operation = succeeded(FILE, BUCKET)
    assert watch.answer(operation) == (StartDownload(1, operation, None),)
    assert watch.state.status == "downloading"
    assert [sample.state for sample in watch.state.samples] == ["waiting", "waiting"]
    assert watch.state.can_stop


def test_what_the_answer_says_of_a_videos_type_is_known_before_it_is_here() -> None:
    watch = begun()
    watch.answer(succeeded(Video(uri="https://h/1", mime_type="video/webm")))
    assert [sample.mime_type for sample in watch.state.samples] == ["video/webm"]


def test_a_download_moves_its_samples_and_succeeds() -> None:
    watch = begun()
    watch.answer(succeeded())
    moving = SampleState("downloading", 0, 5, 10, Path("/data/sample-1.mp4.part"))
    watch.sample(0, moving)
    assert watch.state.samples == (moving,)
    watch.sample(0, READY)
    watch.passes(2)
    watch.fetched(FETCHED)
    assert (watch.state.status, watch.state.videos, watch.state.error) == ("succeeded", (FETCHED,), None)
    assert watch.state.ended_at == watch.wall
    assert not watch.state.can_stop
    assert not watch.state.can_resume


def test_what_was_inside_the_answer_is_not_kept_in_memory_once_it_is_on_disk() -> None:
    watch = begun()
    watch.answer(succeeded(Video(inline=True, _base64="AAAA")))
    path = Path("/data/sample-1.mp4")
    watch.fetched(Video(inline=True).with_path(path))
    assert watch.state.operation is not None
    [video] = watch.state.operation.videos
    assert (video.path, video._base64) == (path, None)


@pytest.mark.parametrize(
    ("operation", "status", "error"),
    [
        (filtered(), "filtered", OperationFilteredError),
        (empty(), "empty", NoVideoError),
        (broken(), "failed", OperationFailedError),
    ],
)
def test_an_operation_that_ends_without_a_video_ends_the_watch_for_good(
    operation: Operation, status: str, error: type[RushesError]
) -> None:
    watch = begun()
    assert watch.answer(operation) == ()
    assert watch.state.status == status
    assert type(watch.state.error) is error
    assert not watch.state.can_resume
    assert not watch.state.needs_key
    ended = watch.state
    assert watch.start() == ()
    assert watch.state == ended
