"""The life of one watch as a pure state machine: (state, event) -> (state, actions). No threads, no clock, no I/O.

    running ──poll answers "done"──> downloading ──> succeeded
       │                                  └────────> failed      (resume downloads again)
       ├──> filtered, empty, failed                              (the operation's own end: final)
       ├──> failed     key, network past the deadline            (resume polls again)
       ├──> timed_out  a poll sent after the deadline still says "running"
       └──> stopped

The scheduler's threads and `Client.wait` both drive it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from rushes.errors import (
    APIError,
    DownloadError,
    OperationNotFoundError,
    RushesError,
    WatchTimeoutError,
)
from rushes.operation import Operation
from rushes.schedule import (
    LONGEST_RETRY_S,
    NOT_FOUND_GRACE_S,
    OFFLINE_GRACE_S,
    poll_interval_s,
    retry_delay_s,
)
from rushes.watch_events import (
    Action,
    DownloadEnded,
    Event,
    Joined,
    LatencyLearned,
    PollAnswered,
    PollDue,
    PollFailed,
    PollPutOff,
    SampleMoved,
    SendPoll,
    StartDownload,
    Started,
    Stopped,
    Wake,
)
from rushes.watch_state import Retry, SampleState, Status, WatchState

#: `createTime` is believed within these bounds: files and operations are kept for about two days.
_OLDEST_OPERATION_S = 3 * 86_400.0
_CLOCK_SLACK_S = 5.0
#: A finish is our own observation if the operation ran this short before; longer, and a laptop may have slept.
_LONGEST_OBSERVED_GAP_S = LONGEST_RETRY_S

Step: TypeAlias = tuple[WatchState, tuple[Action, ...]]


@dataclass(frozen=True)
class Now:
    """The two clocks of one moment, in seconds.

    Attributes:
        monotonic: counts time awake; deadlines and waits are on it.
        wall: seconds since the epoch; shown to people.
    """

    monotonic: float
    wall: float


def advance(state: WatchState, event: Event, now: Now, rng: random.Random) -> Step:
    """Take one step.

    Args:
        state: where the watch is.
        event: what happened.
        now: when.
        rng: the source of jitter.

    Returns:
        The next state, and what has to be done because of it. What nobody waits for changes nothing: an event of an
        earlier attempt, a start while an attempt runs or once the operation itself is final.
    """
    if isinstance(event, Started):
        return _start(state, event.timeout_s, now)
    if not state.can_stop or getattr(event, "attempt", state.attempt) != state.attempt:
        return state, ()
    if isinstance(event, Joined):
        return _join(state, event.timeout_s, now), ()
    if isinstance(event, LatencyLearned):
        return state if event.latency == state.latency else replace(state, latency=event.latency), ()
    if isinstance(event, Stopped):
        return _ended(state, "stopped", state.stop_error, now), ()
    if state.status == "downloading":
        return _fetching(state, event, now), ()
    if isinstance(event, PollDue) and state.poll_sent_at is None:
        return _send_poll(state, now)
    if isinstance(event, PollPutOff) and state.due_at is not None:
        return _due(state, event.at, now), ()
    if isinstance(event, PollAnswered) and state.poll_sent_at is not None:
        return _answered(state, event, now, rng)
    if isinstance(event, PollFailed) and state.poll_sent_at is not None:
        return _failed(state, event.error, now, rng)
    return state, ()


def restored(
    operation: Operation,
    samples: tuple[SampleState, ...],
    now: Now,
    *,
    total_s: float | None,
    began_at: float,
) -> WatchState:
    """The state of a watch whose videos are already on this machine: finished before it began.

    Args:
        operation: as it is written down.
        samples: its videos.
        now: when they were found.
        total_s: seconds that the generation took, None where nobody knows.
        began_at: when it began, by what is written down (seconds since the epoch).
    """
    return WatchState(
        status="succeeded",
        attempt=1,
        operation=operation,
        videos=operation.videos,
        started_at=began_at,
        finished_at=None if total_s is None else began_at + total_s,
        ended_at=now.wall,
        samples=samples,
    )


def _start(state: WatchState, timeout_s: float | None, now: Now) -> Step:
    if state.can_stop or (state.done and state.status != "succeeded" and not state.can_resume):
        return state, ()
    begun = replace(
        state,
        attempt=state.attempt + 1,
        started_at=now.wall if state.status == "idle" else state.started_at,
        error=None,
        ended_at=None,
        deadline=None if timeout_s is None else now.monotonic + timeout_s,
        failures=0,
        failing_since=None,
        grace_s=_grace_s(timeout_s),
    )
    operation = state.operation
    if operation is not None and operation.status == "succeeded" and state.status != "succeeded":
        samples = tuple(
            sample if sample.state == "ready" else replace(sample, state="waiting")
            for sample in state.samples
        )
        downloading = replace(begun, status="downloading", samples=samples)
        return downloading, (StartDownload(begun.attempt, operation, begun.total_s, begun.began_at),)
    # After success too: somebody has removed the files, and where they are now only the provider knows.
    asking = replace(begun, status="running", operation=None, videos=(), samples=())
    return _wait(asking, now.monotonic, now)


def _join(state: WatchState, timeout_s: float | None, now: Now) -> WatchState:
    if state.deadline is None or timeout_s is None:
        return replace(state, deadline=None)
    return replace(
        state,
        deadline=max(state.deadline, now.monotonic + timeout_s),
        grace_s=max(state.grace_s, _grace_s(timeout_s)),
    )


def _send_poll(state: WatchState, now: Now) -> Step:
    sent = replace(
        state,
        polls=state.polls + 1,
        poll_sent_at=now.monotonic,
        last_poll_at=now.wall,
        next_poll_at=None,
        due_at=None,
    )
    return sent, (SendPoll(state.attempt),)


def _answered(state: WatchState, event: PollAnswered, now: Now, rng: random.Random) -> Step:
    operation = event.operation
    state = replace(
        state,
        operation=operation,
        retry=None,
        failures=0,
        failing_since=None,
        history=state.history.answered(operation, event.status_code, **_timing(state, now)),
        created_at=state.created_at or _created_at(operation, event.server_date, now),
    )
    if not operation.done:
        state = replace(state, running_at=now.wall)
        if _past_deadline(state):
            return _ended(state, "timed_out", WatchTimeoutError(), now), ()
        age_s = None if state.created_at is None else now.wall - state.created_at
        due_at = now.monotonic + poll_interval_s(state.latency, age_s, rng)
        if state.deadline is not None:
            # The last poll goes out at the deadline: only its answer can say that the time is up.
            due_at = min(due_at, max(state.deadline, now.monotonic))
        return _wait(state, due_at, now)
    state = replace(state, poll_sent_at=None, finished_at=_finished_at(state, operation, now))
    if operation.status == "succeeded":
        samples = tuple(SampleState(mime_type=video.mime_type) for video in operation.videos)
        downloading = replace(state, status="downloading", samples=samples)
        return downloading, (StartDownload(state.attempt, operation, state.total_s, state.began_at),)
    return _ended(state, _end_of(operation), _error_of(operation), now), ()


def _failed(state: WatchState, error: RushesError, now: Now, rng: random.Random) -> Step:
    since = now.monotonic if state.failing_since is None else state.failing_since
    failing_s = now.monotonic - since
    late = _past_deadline(state)
    state = replace(
        state,
        failures=state.failures + 1,
        failing_since=since,
        history=state.history.failed(error, **_timing(state, now)),
    )
    if isinstance(error, OperationNotFoundError):
        passes = failing_s < NOT_FOUND_GRACE_S and not late
    else:
        passes = error.transient and not (late and failing_s >= state.grace_s)
    if not passes:
        return _ended(state, "failed", error, now), ()
    asked_s = error.retry_after_s if isinstance(error, APIError) else None
    due_at = now.monotonic + retry_delay_s(state.failures, asked_s, rng)
    if asked_s is None and state.deadline is not None and now.monotonic < state.deadline:
        due_at = min(due_at, state.deadline)
    return _wait(replace(state, retry=Retry(error.explanation, now.wall)), due_at, now)


def _timing(state: WatchState, now: Now) -> dict[str, float]:
    """When the poll that has just come back was sent, and how long it took."""
    assert state.poll_sent_at is not None, "only a poll under way comes back"
    assert state.last_poll_at is not None, "only a poll under way comes back"
    return {"sent_at": state.last_poll_at, "took_s": now.monotonic - state.poll_sent_at}


def _fetching(state: WatchState, event: Event, now: Now) -> WatchState:
    if isinstance(event, SampleMoved):
        samples = list(state.samples)
        samples[event.index] = event.sample
        return replace(state, samples=tuple(samples))
    return _downloaded(state, event, now) if isinstance(event, DownloadEnded) else state


def _downloaded(state: WatchState, event: DownloadEnded, now: Now) -> WatchState:
    state = replace(state, videos=event.videos)
    operation = state.operation
    assert operation is not None, "a download follows an answer"
    if event.error is None:
        # The downloaded videos in place of the answer's: those may hold megabytes of base64.
        fetched = replace(state, operation=replace(operation, videos=event.videos))
        return _ended(fetched, "succeeded", None, now)
    missing = [
        video
        for video, sample in zip(operation.videos, state.samples, strict=True)
        if sample.state != "ready"
    ]
    # A video in the provider's own storage is a success; fetching it is the user's to do, as the error says.
    elsewhere = isinstance(event.error, DownloadError) and all(
        (video.uri or "").startswith("gs://") for video in missing
    )
    return _ended(state, "succeeded" if elsewhere else "failed", event.error, now)


def _ended(state: WatchState, status: Status, error: RushesError | None, now: Now) -> WatchState:
    return replace(
        state,
        status=status,
        error=error,
        ended_at=now.wall,
        retry=None,
        poll_sent_at=None,
        next_poll_at=None,
        due_at=None,
    )


def _wait(state: WatchState, due_at: float, now: Now) -> Step:
    return _due(replace(state, poll_sent_at=None), due_at, now), (Wake(due_at),)


def _due(state: WatchState, due_at: float, now: Now) -> WatchState:
    at = now.wall + due_at - now.monotonic
    retry = None if state.retry is None else replace(state.retry, at=at)
    return replace(state, due_at=due_at, next_poll_at=at, retry=retry)


def _grace_s(timeout_s: float | None) -> float:
    return OFFLINE_GRACE_S if timeout_s is None else min(OFFLINE_GRACE_S, timeout_s)


def _past_deadline(state: WatchState) -> bool:
    """Whether the poll that has just come back was sent after the deadline."""
    return (
        state.deadline is not None and state.poll_sent_at is not None and state.poll_sent_at >= state.deadline
    )


def _created_at(operation: Operation, server_date: datetime | None, now: Now) -> float | None:
    """`createTime` in our own clock, or None where it cannot be true."""
    if operation.create_time is None:
        return None
    ahead_s = 0.0
    if server_date is not None:
        # A `Date` counts whole seconds: a difference that it cannot show is none.
        at_least_s = server_date.timestamp() - now.wall
        ahead_s = max(at_least_s, min(0.0, at_least_s + 1.0))
    created_at = operation.create_time.timestamp() - ahead_s
    believable = now.wall - _OLDEST_OPERATION_S < created_at < now.wall + _CLOCK_SLACK_S
    return min(created_at, now.wall) if believable else None


def _finished_at(state: WatchState, operation: Operation, now: Now) -> float | None:
    """When the operation ended: seen by ourselves if it ran just before, else by the provider's believable word."""
    if state.finished_at is not None:
        return state.finished_at
    seen_at = state.running_at
    if seen_at is not None and now.wall - seen_at <= _LONGEST_OBSERVED_GAP_S:
        return now.wall
    if state.created_at is None or operation.create_time is None or operation.update_time is None:
        return None
    took_s = (operation.update_time - operation.create_time).total_seconds()
    finished_at = state.created_at + took_s
    earliest = state.created_at if seen_at is None else seen_at - _CLOCK_SLACK_S
    return finished_at if took_s > 0 and earliest <= finished_at <= now.wall + _CLOCK_SLACK_S else None


def _end_of(operation: Operation) -> Status:
    return (
        "filtered" if operation.status == "filtered" else "empty" if operation.status == "empty" else "failed"
    )


def _error_of(operation: Operation) -> RushesError | None:
    try:
        operation.raise_for_status()
    except RushesError as error:
        return error.with_traceback(None)
    return None
