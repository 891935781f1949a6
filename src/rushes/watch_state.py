"""One moment of a watch: what the state machine moves from step to step, and every view is made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rushes.errors import (
    APIError,
    AuthenticationError,
    CredentialsError,
    InvalidInputError,
    NoVideoError,
    RushesError,
    SaveError,
    WatchStoppedError,
)
from rushes.latency import UNKNOWN, Latency
from rushes.operation import Operation
from rushes.poll_history import NO_POLLS, PollHistory
from rushes.schedule import OFFLINE_GRACE_S
from rushes.video import Video

Status = Literal[
    "idle", "running", "downloading", "succeeded", "filtered", "empty", "failed", "stopped", "timed_out"
]


def has_ended(status: Status) -> bool:
    """Whether a watch in this state has ended, however it ended."""
    return status not in ("idle", "running", "downloading")


@dataclass(frozen=True)
class Retry:
    """Why the last poll failed in passing, and when the next one goes out (seconds since the epoch)."""

    reason: str
    at: float


@dataclass(frozen=True)
class SampleState:
    """How far one sample's file is.

    Attributes:
        state: "waiting", "downloading", "ready", "unavailable" (not to be had) or "gone" (its file was
            removed, or is not as it was).
        generation: grows when the bytes start anew because the file changed; two generations are never mixed.
        bytes_done: bytes in the file so far.
        bytes_total: bytes it will have, None until that is known.
        path: where the bytes are now.
        mime_type: as the answer says, else None.
        sha256: of the whole file, once it is ready.
        saved_to: where the user asked to have it, once it is there.
        width: of the picture as displayed, in pixels; like the next four, None where the file does not say.
        height: of the picture as displayed, in pixels.
        video_codec: RFC 6381 string, such as "avc1.640028".
        audio_codec: RFC 6381 string, such as "mp4a.40.2"; None also where there is no sound.
        frame_duration_s: of each frame, in seconds; None also where they last unequally long.
    """

    state: Literal["waiting", "downloading", "ready", "unavailable", "gone"] = "waiting"
    generation: int = 0
    bytes_done: int = 0
    bytes_total: int | None = None
    path: Path | None = None
    mime_type: str | None = None
    sha256: str | None = None
    saved_to: Path | None = None
    width: int | None = None
    height: int | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    frame_duration_s: float | None = None


@dataclass(frozen=True)
class WatchState:
    """One moment of a watch; what every view is made from.

    Attributes:
        status: one of the nine states.
        attempt: 1 for the watch, one more for each resume.
        operation: the last one read, else None.
        videos: finished samples, each with its path.
        error: why the attempt ended without videos, else None.
        started_at: when the first attempt began (seconds since the epoch).
        created_at: when the operation began by the provider's believable word, in our clock, else None.
        running_at: when an answer last said that the operation runs (seconds since the epoch), None before.
        finished_at: when the operation ended, in our clock, None where nobody knows.
        ended_at: when the attempt ended, its downloads included (seconds since the epoch), None before.
        polls: requests for the status so far.
        history: what became of them.
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
        latency: how long such operations take, as far as is known.
    """

    status: Status = "idle"
    attempt: int = 0
    operation: Operation | None = None
    videos: tuple[Video, ...] = ()
    error: RushesError | None = None
    started_at: float = 0.0
    created_at: float | None = None
    running_at: float | None = None
    finished_at: float | None = None
    ended_at: float | None = None
    polls: int = 0
    history: PollHistory = NO_POLLS
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
    latency: Latency = UNKNOWN

    @property
    def done(self) -> bool:
        """Whether the attempt has ended, however it ended."""
        return has_ended(self.status)

    @property
    def can_stop(self) -> bool:
        """Whether there is anything to stop."""
        return self.status in ("running", "downloading")

    @property
    def stop_error(self) -> WatchStoppedError:
        """What a stop at this moment ends the watch with."""
        if self.status != "downloading":
            return WatchStoppedError()
        return WatchStoppedError(
            "The download was stopped; what has arrived is kept.", next_step="Call resume() to go on with it."
        )

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
        """Seconds that the generation took, None where nobody knows or not yet."""
        return None if self.finished_at is None else max(0.0, self.finished_at - self.clock[1])

    @property
    def began_at(self) -> float | None:
        """What `total_s` counts from (seconds since the epoch), None where that is None."""
        return None if self.finished_at is None else self.clock[1]

    def file_of(self, sample: int) -> Path:
        """The file of a finished sample, which may have been removed meanwhile.

        Raises:
            SaveError: the videos are not here yet.
            InvalidInputError: there is no such sample.
            RushesError: what ended the watch without a video.
        """
        count = len(self.samples)
        if count and not (isinstance(sample, int) and 0 <= sample < count):
            raise InvalidInputError(
                f"There is no sample {sample!r}: the operation made {count}.",
                next_step="Samples are counted from 0.",
            )
        if count and self.samples[sample].state in ("ready", "gone") and (path := self.samples[sample].path):
            return path
        if not self.done:
            raise SaveError(
                f"There is nothing to save yet: the watch is {self.status}.",
                next_step="Call result() first, or pass save_to=... to watch().",
            )
        raise self.error or NoVideoError()
