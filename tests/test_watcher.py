"""The life of one watch as a pure state machine: what happens, and what it makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_driven import BEGIN, BUCKET, FILE, HandDriven, broken, empty, filtered, running, succeeded

from rushes.errors import (
    APIError,
    AuthenticationError,
    CredentialsError,
    InvalidInputError,
    NetworkError,
    NoVideoError,
    OperationFailedError,
    OperationFilteredError,
    OperationNotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RushesError,
    ServerError,
    UnreadableResponseError,
    WatchTimeoutError,
)
from rushes.operation import Operation, Video
from rushes.schedule import LONGEST_POLL_S, NOT_FOUND_GRACE_S, OFFLINE_GRACE_S, SHORTEST_POLL_S
from rushes.watch_events import PollDue, SendPoll, StartDownload, Started, Wake
from rushes.watch_state import Retry, SampleState, WatchState

FETCHED = FILE.with_path(Path("/data/sample-1.mp4"))
READY = SampleState("ready", 0, 10, 10, Path("/data/sample-1.mp4"))


def begun(timeout_s: float | None = 3600.0) -> HandDriven:
    watch = HandDriven()
    watch.start(timeout_s)
    return watch


# From one state to the next.


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


# Errors.


@pytest.mark.parametrize(
    ("error", "needs_key"),
    [
        (AuthenticationError(401, "401", "Invalid signature"), True),
        (PermissionDeniedError(403, 403, "Insufficient balance"), False),
        (PermissionDeniedError(403, 403, "Invalid token"), True),
        (APIError(400, 400, "Bad request"), False),
        (CredentialsError("No key."), True),
        (UnreadableResponseError("Another vendor's job."), False),
        (InvalidInputError("A bad URL."), False),
    ],
)
def test_an_error_that_stays_ends_the_attempt_at_once(error: RushesError, needs_key: bool) -> None:
    watch = begun(None)
    assert watch.fail(error) == ()
    assert (watch.state.status, watch.state.error) == ("failed", error)
    assert watch.state.needs_key == needs_key
    assert watch.state.can_resume
    assert watch.state.retry is None


PASSING = [
    NetworkError("Refused.", kind="refused"),
    NetworkError("A sign-in page.", kind="sign_in"),
    ServerError(500),
    ServerError(503, 503, "Overloaded"),
    RateLimitError(429, retry_after_s=7.0),
    APIError(408),
    UnreadableResponseError("Cut off.", transient=True),
]


@pytest.mark.parametrize("error", PASSING)
def test_an_error_that_passes_is_tried_again_and_told(error: RushesError) -> None:
    watch = begun()
    [wake] = watch.fail(error)
    assert isinstance(wake, Wake)
    assert watch.state.status == "running"
    assert watch.state.error is None
    assert watch.state.retry is not None
    assert watch.state.retry.reason == error.explanation
    assert watch.state.retry.at == watch.state.next_poll_at
    assert watch.wake() == (SendPoll(1),)
    watch.answer(running())
    assert (watch.state.retry, watch.state.failures, watch.state.failing_since) == (None, 0, None)


def test_a_poll_that_is_put_off_says_so_and_is_sent_when_it_may() -> None:
    watch = begun()
    watch.fail(ServerError(503))
    reason = watch.state.retry.reason if watch.state.retry else ""
    assert watch.put_off(90.0) == ()
    assert (watch.state.next_poll_at, watch.state.poll_sent_at) == (watch.wall + 90.0, None)
    assert watch.state.retry == Retry(reason, watch.wall + 90.0)
    assert watch.wake() == (SendPoll(1),)
    assert watch.state.poll_sent_at == watch.awake_s
    assert watch.state.next_poll_at is None
    # Its time has come already: nothing to put off.
    watch.put_off(5.0)
    assert (watch.state.due_at, watch.state.next_poll_at) == (None, None)


def test_the_first_poll_may_be_put_off_too() -> None:
    watch = HandDriven()
    watch.feed(Started(3600.0))
    assert (watch.state.status, watch.state.polls, watch.state.next_poll_at) == ("running", 0, BEGIN)
    watch.put_off(20.0)
    assert (watch.state.polls, watch.state.next_poll_at) == (0, BEGIN + 20.0)
    assert watch.wake() == (SendPoll(1),)
    assert watch.state.polls == 1


def test_a_poll_that_was_put_off_beyond_the_deadline_still_decides_by_its_answer() -> None:
    for answer, status in ((succeeded(), "downloading"), (running(), "timed_out")):
        watch = begun(10.0)
        watch.answer(running())
        watch.put_off(60.0)
        assert watch.state.status == "running"
        watch.wake()
        watch.answer(answer)
        assert watch.state.status == status


def test_retries_back_off() -> None:
    watch = begun(None)
    delays_s = []
    for _ in range(12):
        watch.fail(NetworkError("Gone."))
        assert watch.wakes_at is not None
        delays_s.append(watch.wakes_at - watch.awake_s)
        watch.wake()
    assert 0.5 <= delays_s[0] <= 1.0
    assert all(30.0 <= delay_s <= 60.0 for delay_s in delays_s[7:])


def test_the_providers_own_pause_is_never_undercut_by_the_deadline_either() -> None:
    watch = begun(10.0)
    watch.fail(RateLimitError(429, retry_after_s=42.0))
    assert watch.wakes_at is not None
    assert watch.wakes_at >= watch.awake_s + 42.0
    watch.wake()
    watch.answer(succeeded())
    assert watch.state.status == "downloading"


def test_a_404_has_a_short_grace_because_an_operation_may_just_have_been_submitted() -> None:
    error = OperationNotFoundError(404)
    watch = begun()
    began = watch.awake_s
    while watch.state.status == "running":
        watch.fail(error)
        if watch.state.status == "running":
            watch.wake()
    assert (watch.state.status, watch.state.error) == ("failed", error)
    assert NOT_FOUND_GRACE_S <= watch.awake_s - began < 2.5 * NOT_FOUND_GRACE_S
    assert watch.state.can_resume


def test_an_operation_that_appears_within_the_grace_is_watched() -> None:
    watch = begun()
    watch.fail(OperationNotFoundError(404))
    watch.wake()
    watch.answer(running())
    assert watch.state.status == "running"


def test_a_404_after_a_long_outage_has_no_grace() -> None:
    watch = begun()
    watch.fail(NetworkError("Gone."))
    watch.passes(NOT_FOUND_GRACE_S)
    watch.wake()
    watch.fail(OperationNotFoundError(404))
    assert watch.state.status == "failed"


def test_a_404_does_not_outlast_the_deadline() -> None:
    watch = begun(0.0)
    watch.fail(OperationNotFoundError(404))
    assert watch.state.status == "failed"


# The deadline.


def test_only_a_poll_sent_after_the_deadline_times_out() -> None:
    watch = begun(60.0)
    began = watch.awake_s
    while watch.state.status == "running":
        sent_at = watch.awake_s
        watch.passes(0.2)
        watch.answer(running())
        if watch.state.status == "running":
            watch.wake()
    assert watch.state.status == "timed_out"
    assert type(watch.state.error) is WatchTimeoutError
    assert sent_at == pytest.approx(began + 60.0)
    assert watch.state.can_resume


def test_an_answer_that_comes_late_to_a_poll_sent_in_time_is_asked_again_at_once() -> None:
    watch = begun(60.0)
    watch.passes(70.0)
    watch.answer(running())
    assert watch.state.status == "running"
    assert watch.wakes_at == watch.awake_s
    watch.wake()
    watch.answer(running())
    assert watch.state.status == "timed_out"


def test_an_operation_that_finished_while_the_time_ran_out_is_a_success() -> None:
    watch = begun(0.0)
    watch.answer(succeeded())
    assert watch.state.status == "downloading"
    watch.passes(10_000)
    watch.fetched(FETCHED)
    assert watch.state.status == "succeeded"


def test_an_operation_of_yesterday_ends_as_what_it_is() -> None:
    watch = begun(1.0)
    watch.passes(5.0)
    watch.answer(filtered())
    assert watch.state.status == "filtered"


def test_a_laptop_that_slept_goes_on() -> None:
    watch = begun(3600.0)
    watch.answer(running())
    watch.sleeps(9 * 3600.0)
    watch.wake()
    watch.fail(NetworkError("No network yet."))
    watch.wake()
    watch.answer(succeeded())
    watch.fetched(FETCHED)
    assert watch.state.status == "succeeded"


def test_a_network_that_is_dead_at_the_deadline_gets_a_bounded_grace() -> None:
    error = NetworkError("Unreachable.")
    watch = begun(100.0)
    watch.passes(100.0)
    watch.answer(running())
    watch.wake()
    failing_since = watch.awake_s
    while watch.state.status == "running":
        watch.fail(error)
        if watch.state.status == "running":
            watch.wake()
    assert (watch.state.status, watch.state.error) == ("failed", error)
    assert OFFLINE_GRACE_S <= watch.awake_s - failing_since < 3 * OFFLINE_GRACE_S
    assert watch.state.can_resume
    assert not watch.state.needs_key


def test_a_network_that_was_dead_all_along_ends_at_the_deadline() -> None:
    watch = begun(600.0)
    began = watch.awake_s
    while watch.state.status == "running":
        watch.fail(NetworkError("Unreachable."))
        if watch.state.status == "running":
            watch.wake()
    assert watch.awake_s - began == pytest.approx(600.0)
    assert watch.state.status == "failed"


def test_without_a_limit_a_watch_goes_on_for_days() -> None:
    watch = begun(None)
    for _ in range(20):
        watch.passes(86_400.0)
        watch.fail(NetworkError("Unreachable."))
        watch.wake()
        watch.answer(running())
        watch.wake()
    assert watch.state.status == "running"


@pytest.mark.parametrize(
    ("first_s", "second_s", "both_s"),
    [(10.0, 100.0, 100.0), (100.0, 10.0, 100.0), (10.0, None, None), (None, 10.0, None)],
)
def test_of_two_equal_watches_the_longer_limit_counts(
    first_s: float | None, second_s: float | None, both_s: float | None
) -> None:
    watch = begun(first_s)
    began = watch.awake_s
    watch.join(second_s)
    assert watch.state.deadline == (None if both_s is None else began + both_s)
    assert watch.state.attempt == 1


def test_an_equal_watch_that_waits_longer_brings_the_longer_grace_along() -> None:
    watch = begun(1.0)
    watch.join(100.0)
    assert watch.state.grace_s == OFFLINE_GRACE_S


def test_joining_a_watch_that_has_ended_changes_nothing() -> None:
    watch = begun()
    watch.answer(filtered())
    ended = watch.state
    watch.join(None)
    assert watch.state is ended
