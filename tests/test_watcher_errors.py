"""What becomes of a watch when a poll fails: it ends, is tried again, or has a grace."""

from __future__ import annotations

import pytest
from hand_driven import BEGIN, HandDriven, begun, running, succeeded

from rushes.errors import (
    APIError,
    AuthenticationError,
    CredentialsError,
    InvalidInputError,
    NetworkError,
    OperationNotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RushesError,
    ServerError,
    UnreadableResponseError,
)
from rushes.schedule import NOT_FOUND_GRACE_S
from rushes.watch_events import SendPoll, Started, Wake
from rushes.watch_state import Retry


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
