"""What can happen to a watch, and what it then asks for: the alphabet of `rushes.watcher`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from rushes.errors import RushesError
from rushes.latency import Latency
from rushes.operation import Operation
from rushes.video import Video
from rushes.watch_state import SampleState


@dataclass(frozen=True)
class Started:
    """A watch or a resume begins. `timeout_s` None means no limit."""

    timeout_s: float | None


@dataclass(frozen=True)
class Joined:
    """An equal watch shares this one; the longer limit counts."""

    timeout_s: float | None


@dataclass(frozen=True)
class LatencyLearned:
    """What this machine has seen of the model is read: polling goes by it from the next answer on."""

    latency: Latency


@dataclass(frozen=True)
class PollDue:
    """The time that a `Wake` asked for has come, and the poll may be sent."""


@dataclass(frozen=True)
class PollPutOff:
    """The poll that is due will not be sent before about `at`, on the monotonic clock: many others are due too."""

    at: float


@dataclass(frozen=True)
class PollAnswered:
    """A poll brought an operation; `server_date` is the clock of who answered, `status_code` the HTTP status."""

    attempt: int
    operation: Operation
    server_date: datetime | None = None
    status_code: int = 200


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
    Started
    | Joined
    | LatencyLearned
    | PollDue
    | PollPutOff
    | PollAnswered
    | PollFailed
    | SampleMoved
    | DownloadEnded
    | Stopped
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
    """Fetch every video of this operation; bring what happens back as events of this attempt. How long it took, and
    from when on, is written down beside them.
    """

    attempt: int
    operation: Operation
    total_s: float | None
    began_at: float | None = None


Action: TypeAlias = SendPoll | Wake | StartDownload
