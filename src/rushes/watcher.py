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
from pathlib import Path
from typing import Literal, TypeAlias

from rushes.errors import (
    APIError,
    AuthenticationError,
    CredentialsError,
    OperationNotFoundError,
    RushesError,
    WatchStoppedError,
    WatchTimeoutError,
)
from rushes.operation import Operation, Video
from rushes.schedule import NOT_FOUND_GRACE_S, OFFLINE_GRACE_S, poll_interval_s, retry_delay_s

Status = Literal[
    "idle", "running", "downloading", "succeeded", "filtered", "empty", "failed", "stopped", "timed_out"
]

#: `createTime` is believed within these bounds: files and operations are kept for about two days.
_OLDEST_OPERATION_S = 3 * 86_400.0
_CLOCK_SLACK_S = 5.0


@dataclass(frozen=True)
class Now:
    """The two clocks of one moment, in seconds.

    Attributes:
        monotonic: counts time awake; deadlines and waits are on it.
        wall: seconds since the epoch; shown to people.
    """

    monotonic: float
    wall: float


@dataclass(frozen=True)
class Retry:
    """Why the last poll failed in passing, and when the next one goes out (seconds since the epoch)."""

    reason: str
    at: float


@dataclass(frozen=True)
class SampleState:
    """How far one sample's file is.

    Attributes:
        state: "waiting", "downloading", "ready" or "unavailable".
        generation: grows when the bytes start anew because the file changed; two generations are never mixed.
        bytes_done: bytes in the file so far.
        bytes_total: bytes it will have, None until that is known.
        path: where the bytes are now.
        mime_type: as the answer says, else None.
        sha256: of the whole file, once it is ready.
        saved_to: where the user asked to have it, once it is there.
    """

    state: Literal["waiting", "downloading", "ready", "unavailable"] = "waiting"
    generation: int = 0
    bytes_done: int = 0
    bytes_total: int | None = None
    path: Path | None = None
    mime_type: str | None = None
    sha256: str | None = None
    saved_to: Path | None = None


@dataclass(frozen=True)
class WatchState:
    """One moment of a watch; what every view is made from.

    Attributes:
        status: one of the nine states.
        attempt: 1 for the watch, one more for each resume.
        operation: the last one read, else None.
        videos: finished samples, each with its path.
        error: why the attempt ended without videos, else None.
        started_at: when the attempt began (seconds since the epoch).
        created_at: when the operation began by the provider's believable word, in our clock, else None.
        finished_at: when the operation ended, in our clock, None where that was not seen.
        ended_at: when the attempt ended, its downloads included (seconds since the epoch), None before.
        polls: requests for the status so far.
        last_poll_at: when the last one was sent (seconds since the epoch).
        next_poll_at: when the next one is due (seconds since the epoch), None while none is.
        retry: set while polls fail in passing.
        samples: one for each of the operation's videos.
        deadline: on the monotonic clock, None for no limit.
        poll_sent_at: monotonic time of the poll under way, None while none is.
        due_at: monotonic time of the next poll, None while none is due.
        failures: polls failed in a row.
        failing_since: monotonic time of the first of them.
        grace_s: how long past the deadline polls may still fail in passing.
    """

    status: Status = "idle"
    attempt: int = 0
    operation: Operation | None = None
    videos: tuple[Video, ...] = ()
    error: RushesError | None = None
    started_at: float = 0.0
    created_at: float | None = None
    finished_at: float | None = None
    ended_at: float | None = None
    polls: int = 0
    last_poll_at: float | None = None
    next_poll_at: float | None = None
    retry: Retry | None = None
    samples: tuple[SampleState, ...] = ()
    deadline: float | None = None
    poll_sent_at: float | None = None
    due_at: float | None = None
    failures: int = 0
    failing_since: float | None = None
    grace_s: float = OFFLINE_GRACE_S

    @property
    def done(self) -> bool:
        """Whether the attempt has ended, however it ended."""
        return self.status not in ("idle", "running", "downloading")

    @property
    def can_stop(self) -> bool:
        """Whether there is anything to stop."""
        return self.status in ("running", "downloading")

    @property
    def can_resume(self) -> bool:
        """Whether another attempt could end differently: not once the operation itself is final and its videos here."""
        if not self.done or self.status == "succeeded":
            return False
        return self.operation is None or self.operation.status in ("running", "succeeded")

    @property
    def needs_key(self) -> bool:
        """Whether another key is what it takes."""
        if self.status != "failed":
            return False
        refused_token = (
            isinstance(self.error, APIError)
            and self.error.status_code == 403
            and "token" in (self.error.message or "").lower()
        )
        return isinstance(self.error, (CredentialsError, AuthenticationError)) or refused_token

    @property
    def clock(self) -> tuple[Literal["operation", "watch"], float]:
        """Whose beginning the elapsed time counts from, and when that was (seconds since the epoch)."""
        return ("operation", self.created_at) if self.created_at is not None else ("watch", self.started_at)

    @property
    def total_s(self) -> float | None:
        """Seconds that the generation took, None while it runs or where its end was not seen."""
        return None if self.finished_at is None else max(0.0, self.finished_at - self.clock[1])


@dataclass(frozen=True)
class Started:
    """A watch or a resume begins. `timeout_s` None means no limit."""

    timeout_s: float | None


@dataclass(frozen=True)
class Joined:
    """An equal watch shares this one; the longer limit counts."""

    timeout_s: float | None


@dataclass(frozen=True)
class PollDue:
    """The time that a `Wake` asked for has come."""


@dataclass(frozen=True)
class PollAnswered:
    """A poll brought an operation; `server_date` is the clock of who answered."""

    attempt: int
    operation: Operation
    server_date: datetime | None = None


@dataclass(frozen=True)
class PollFailed:
    """A poll brought an error."""

    attempt: int
    error: RushesError


@dataclass(frozen=True)
class SampleMoved:
    """A sample's file has grown, is ready, or is not to be had."""

    attempt: int
    index: int
    sample: SampleState


@dataclass(frozen=True)
class DownloadEnded:
    """Every sample was tried: the ones that are here, and the first error among the others."""

    attempt: int
    videos: tuple[Video, ...]
    error: RushesError | None = None


@dataclass(frozen=True)
class Stopped:
    """Stop was asked for."""


Event: TypeAlias = (
    Started | Joined | PollDue | PollAnswered | PollFailed | SampleMoved | DownloadEnded | Stopped
)


@dataclass(frozen=True)
class SendPoll:
    """Ask the endpoint now; bring the answer back as an event of this attempt."""

    attempt: int


@dataclass(frozen=True)
class Wake:
    """Send `PollDue` at this monotonic time; replaces any earlier wish."""

    at: float


@dataclass(frozen=True)
class StartDownload:
    """Fetch every video of this operation; bring what happens back as events of this attempt."""

    attempt: int
    operation: Operation
    total_s: float | None


Action: TypeAlias = SendPoll | Wake | StartDownload
Step: TypeAlias = tuple[WatchState, tuple[Action, ...]]


def advance(state: WatchState, event: Event, now: Now, rng: random.Random) -> Step:
    """Take one step.

    Args:
        state: where the watch is.
        event: what happened.
        now: when.
        rng: the source of jitter.

    Returns:
        The next state, and what has to be done because of it. Events of an earlier attempt change nothing.
    """
    if isinstance(event, Started):
        return _start(state, event.timeout_s, now)
    if isinstance(event, Joined):
        return _join(state, event.timeout_s, now)
    if not state.can_stop or getattr(event, "attempt", state.attempt) != state.attempt:
        return state, ()
    if isinstance(event, PollDue):
        return _send_poll(state, now)
    if isinstance(event, PollAnswered):
        return _answered(state, event, now, rng)
    if isinstance(event, PollFailed):
        return _failed(state, event.error, now, rng)
    if isinstance(event, SampleMoved):
        samples = list(state.samples)
        samples[event.index] = event.sample
        return replace(state, samples=tuple(samples)), ()
    if isinstance(event, DownloadEnded):
        return _downloaded(state, event, now), ()
    return _ended(state, "stopped", WatchStoppedError(), now), ()


def restored(
    operation: Operation, samples: tuple[SampleState, ...], now: Now, *, total_s: float | None
) -> WatchState:
    """The state of a watch whose videos are already on this machine: finished before it began."""
    finished_at = None if total_s is None else now.wall
    return WatchState(
        status="succeeded",
        attempt=1,
        operation=operation,
        videos=operation.videos,
        started_at=now.wall if total_s is None else now.wall - total_s,
        finished_at=finished_at,
        ended_at=now.wall,
        samples=samples,
    )


def _start(state: WatchState, timeout_s: float | None, now: Now) -> Step:
    attempt = state.attempt + 1
    begun = replace(
        state,
        attempt=attempt,
        error=None,
        started_at=now.wall,
        ended_at=None,
        finished_at=state.finished_at if state.operation is not None and state.operation.done else None,
        retry=None,
        deadline=None if timeout_s is None else now.monotonic + timeout_s,
        failures=0,
        failing_since=None,
        grace_s=OFFLINE_GRACE_S if timeout_s is None else min(OFFLINE_GRACE_S, timeout_s),
    )
    if state.operation is not None and state.operation.status == "succeeded":
        return replace(begun, status="downloading"), (StartDownload(attempt, state.operation, begun.total_s),)
    return _send_poll(replace(begun, status="running", operation=None, samples=()), now)


def _join(state: WatchState, timeout_s: float | None, now: Now) -> Step:
    if state.deadline is None:
        return state, ()
    deadline = None if timeout_s is None else max(state.deadline, now.monotonic + timeout_s)
    return replace(state, deadline=deadline), ()


def _send_poll(state: WatchState, now: Now) -> Step:
    if state.status != "running" or state.poll_sent_at is not None:
        return state, ()
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
        created_at=state.created_at or _created_at(operation, event.server_date, state, now),
    )
    if not operation.done:
        if _past_deadline(state):
            return _ended(state, "timed_out", WatchTimeoutError(), now), ()
        age_s = max(0.0, now.wall - state.clock[1])
        return _wait(state, poll_interval_s(age_s, rng), now, until_deadline=True)
    state = replace(
        state, poll_sent_at=None, next_poll_at=None, due_at=None, finished_at=_finished_at(state, event, now)
    )
    if operation.status == "succeeded":
        samples = tuple(SampleState(mime_type=video.mime_type) for video in operation.videos)
        downloading = replace(state, status="downloading", samples=samples)
        return downloading, (StartDownload(state.attempt, operation, state.total_s),)
    return _ended(state, _end_of(operation), _error_of(operation), now), ()


def _failed(state: WatchState, error: RushesError, now: Now, rng: random.Random) -> Step:
    since = now.monotonic if state.failing_since is None else state.failing_since
    failing_s = now.monotonic - since
    state = replace(state, failures=state.failures + 1, failing_since=since)
    if isinstance(error, OperationNotFoundError):
        passes = failing_s < NOT_FOUND_GRACE_S
    else:
        passes = error.transient and not (_past_deadline(state) and failing_s >= state.grace_s)
    if not passes:
        return _ended(state, "failed", error, now), ()
    asked_s = error.retry_after_s if isinstance(error, APIError) else None
    delay_s = retry_delay_s(state.failures, asked_s, rng)
    waiting, actions = _wait(state, delay_s, now, until_deadline=asked_s is None)
    return replace(waiting, retry=Retry(error.explanation, waiting.next_poll_at or now.wall)), actions


def _downloaded(state: WatchState, event: DownloadEnded, now: Now) -> WatchState:
    state = replace(state, videos=event.videos)
    if event.error is None:
        return _ended(state, "succeeded", None, now)
    videos = state.operation.videos if state.operation is not None else ()
    # A video in the provider's own storage is a success; fetching it is the user's to do, as the error says.
    elsewhere = all((video.uri or "").startswith("gs://") for video in videos)
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


def _wait(state: WatchState, delay_s: float, now: Now, *, until_deadline: bool) -> Step:
    due_at = now.monotonic + delay_s
    if until_deadline and state.deadline is not None and now.monotonic < state.deadline:
        # The last poll goes out at the deadline: only its answer can say that the time is up.
        due_at = min(due_at, state.deadline)
    waiting = replace(state, poll_sent_at=None, due_at=due_at, next_poll_at=now.wall + due_at - now.monotonic)
    return waiting, (Wake(due_at),)


def _past_deadline(state: WatchState) -> bool:
    """Whether the poll that has just come back was sent after the deadline."""
    return (
        state.deadline is not None and state.poll_sent_at is not None and state.poll_sent_at >= state.deadline
    )


def _created_at(
    operation: Operation, server_date: datetime | None, state: WatchState, now: Now
) -> float | None:
    """`createTime` in our own clock, or None where it cannot be true."""
    if operation.create_time is None:
        return None
    ahead_s = server_date.timestamp() - now.wall if server_date is not None else 0.0
    created_at = operation.create_time.timestamp() - ahead_s
    believable = now.wall - _OLDEST_OPERATION_S < created_at < now.wall + _CLOCK_SLACK_S
    return min(created_at, now.wall) if believable else None


def _finished_at(state: WatchState, event: PollAnswered, now: Now) -> float | None:
    """When the operation ended: seen by ourselves if an earlier poll found it running, else by the provider's word."""
    operation = event.operation
    if state.polls > 1:
        return now.wall
    if state.created_at is None or operation.create_time is None or operation.update_time is None:
        return None
    took_s = (operation.update_time - operation.create_time).total_seconds()
    return state.created_at + took_s if 0 < took_s < _OLDEST_OPERATION_S else None


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
