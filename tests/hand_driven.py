"""A watcher that a test drives by hand: it says what happens, and by which clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from rushes.errors import RushesError
from rushes.operation import ErrorDetail, Operation, Video
from rushes.watch_events import (
    Action,
    DownloadEnded,
    Event,
    Joined,
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
from rushes.watch_state import SampleState, WatchState
from rushes.watcher import Now, advance

#: When every test begins, by the clock on the wall.
BEGIN = 1_795_000_000.0
FILE = Video(uri="https://api.gptproto.com/files/a:download")
BUCKET = Video(uri="gs://bucket/clip.mp4")
#: The file once it is here.
FETCHED = FILE.with_path(Path("/data/sample-1.mp4"))
READY = SampleState("ready", 0, 10, 10, Path("/data/sample-1.mp4"))


@dataclass
class HandDriven:
    """A watcher and its two clocks.

    Attributes:
        state: where it is.
        awake_s: the monotonic clock.
        wall: the clock on the wall.
        wakes_at: when it wishes to be woken, None while it does not.
        polls_under_way: how many requests have not been answered, those of earlier attempts included.
        download: the download asked for last.
    """

    state: WatchState = field(default_factory=WatchState)
    awake_s: float = 1_000.0
    wall: float = BEGIN
    wakes_at: float | None = None
    polls_under_way: int = 0
    download: StartDownload | None = None
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    def feed(self, event: Event) -> tuple[Action, ...]:
        """Let `event` happen now; returns what is asked for."""
        self.state, actions = advance(self.state, event, Now(self.awake_s, self.wall), self.rng)
        for action in actions:
            if isinstance(action, SendPoll):
                self.polls_under_way += 1
            elif isinstance(action, Wake):
                self.wakes_at = action.at
            else:
                self.download = action
        if self.state.due_at is None:
            self.wakes_at = None
        return actions

    def passes(self, seconds: float) -> None:
        """Time passes, awake."""
        self.awake_s += seconds
        self.wall += seconds

    def sleeps(self, seconds: float) -> None:
        """The laptop's lid is closed: only the clock on the wall goes on."""
        self.wall += seconds

    def start(self, timeout_s: float | None = 3600.0) -> tuple[Action, ...]:
        """Begin; the first poll is due at once, and is sent at once."""
        actions = self.feed(Started(timeout_s))
        return self.wake() if actions == (Wake(self.awake_s),) else actions

    def join(self, timeout_s: float | None) -> tuple[Action, ...]:
        return self.feed(Joined(timeout_s))

    def stop(self) -> tuple[Action, ...]:
        return self.feed(Stopped())

    def put_off(self, seconds: float) -> tuple[Action, ...]:
        """The poll that is due is not sent for so many seconds."""
        actions = self.feed(PollPutOff(self.awake_s + seconds))
        self.wakes_at = self.state.due_at
        return actions

    def wake(self) -> tuple[Action, ...]:
        """Wait until the next poll is due, and let it be sent."""
        assert self.wakes_at is not None, "nothing is due"
        self.passes(max(0.0, self.wakes_at - self.awake_s))
        return self.feed(PollDue())

    def answer(
        self, operation: Operation, *, attempt: int | None = None, date: datetime | None = None
    ) -> tuple[Action, ...]:
        self.polls_under_way -= 1
        return self.feed(PollAnswered(attempt or self.state.attempt, operation, date))

    def fail(self, error: RushesError, *, attempt: int | None = None) -> tuple[Action, ...]:
        self.polls_under_way -= 1
        return self.feed(PollFailed(attempt or self.state.attempt, error))

    def sample(self, index: int, sample: SampleState, *, attempt: int | None = None) -> None:
        self.feed(SampleMoved(attempt or self.state.attempt, index, sample))

    def fetched(self, *videos: Video, error: RushesError | None = None, attempt: int | None = None) -> None:
        self.feed(DownloadEnded(attempt or self.state.attempt, videos, error))


def begun(timeout_s: float | None = 3600.0) -> HandDriven:
    """A watch whose first poll is under way."""
    watch = HandDriven()
    watch.start(timeout_s)
    return watch


def at(seconds: float) -> datetime:
    """A time on the wall, as a provider's timestamp."""
    return datetime.fromtimestamp(seconds, timezone.utc)


def running(created: datetime | None = None) -> Operation:
    return Operation("operations/x", "veo", "x", done=False, status="running", create_time=created)


def succeeded(*videos: Video, created: datetime | None = None, updated: datetime | None = None) -> Operation:
    return Operation(
        "operations/x",
        "veo",
        "x",
        done=True,
        status="succeeded",
        videos=videos or (FILE,),
        create_time=created,
        update_time=updated,
    )


def filtered() -> Operation:
    return Operation(
        "operations/x", "veo", "x", done=True, status="filtered", filtered_count=1, filtered_reasons=("No.",)
    )


def empty() -> Operation:
    return Operation("operations/x", "veo", "x", done=True, status="empty")


def broken() -> Operation:
    return Operation(
        "operations/x", "veo", "x", done=True, status="failed", error=ErrorDetail(13, "Internal.")
    )
