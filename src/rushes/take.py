"""One operation of a batch, as Python sees it: which one it is, where it stands, what came of it."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from rushes.data_directory import OperationKey, operation_key
from rushes.errors import RushesError
from rushes.operation import Operation
from rushes.provider import Provider
from rushes.stars import Stars
from rushes.video import Video
from rushes.waiting import wait_for
from rushes.watch_state import Status

if TYPE_CHECKING:
    from rushes.watching import Watch


class Take:
    """One operation of a board. Always says how things stand now; made by `watch_all`.

    Args:
        watch: what it is read from.
        stars: where its star is kept.
    """

    def __init__(self, watch: Watch, stars: Stars) -> None:
        self._watch = watch
        self._stars = stars

    @property
    def label(self) -> str | None:
        """The user's own name for it, or None."""
        return self._watch.label

    @property
    def model_name(self) -> str:
        """The model, as given."""
        return self._watch.reference.model_name

    @property
    def operation_id(self) -> str:
        """The operation ID, as given."""
        return self._watch.reference.operation_id

    @property
    def name(self) -> str:
        """The full operation name: `watch(take)` shows it alone."""
        return self._watch.reference.name

    @property
    def provider(self) -> Provider:
        """Where the operation is asked for."""
        return self._watch.provider

    @property
    def base_url(self) -> str:
        """The endpoint."""
        return self.provider.base_url

    @property
    def status(self) -> Status:
        """ "idle", "running", "downloading", "succeeded", "filtered", "empty", "failed", "stopped" or "timed_out"."""
        return self._watch.state.status

    @property
    def done(self) -> bool:
        """Whether its watch has ended, however it ended."""
        return self._watch.state.done

    @property
    def operation(self) -> Operation | None:
        """What the endpoint answered last; None before its first answer."""
        return self._watch.state.operation

    @property
    def videos(self) -> tuple[Video, ...]:
        """The videos, with `.path` once they are downloaded; empty before that."""
        return self._watch.state.videos

    @property
    def error(self) -> RushesError | None:
        """Why there is no video; None while it is watched and after success."""
        return self._watch.state.error

    @property
    def starred(self) -> bool:
        """Whether the user has starred it."""
        return self.key in self._stars

    @property
    def key(self) -> OperationKey:
        """What the operation is called in the data directory."""
        return operation_key(self.base_url, self._watch.reference)

    @property
    def future(self) -> Future[tuple[Video, ...]]:
        """The outcome of the current attempt."""
        return self._watch.future

    @property
    def files(self) -> tuple[Path, ...]:
        """Its videos as far as they are whole, in the data directory."""
        return tuple(
            sample.path for sample in self._watch.state.samples if sample.state == "ready" and sample.path
        )

    def result(self, timeout: float | None = None) -> tuple[Video, ...]:
        """Wait for the videos.

        Args:
            timeout: seconds to wait; None for as long as the watch's own timeout allows.

        Raises:
            TimeoutError: the built-in one; the watch goes on.
            RushesError: what ended the watch without a video.
        """
        future = self.future
        wait_for(future, timeout, self.operation_id)
        return future.result()

    def row(self) -> dict[str, object]:
        """It as a row of a table: text, numbers, and times that a DataFrame understands."""
        state = self._watch.state
        videos = state.videos
        return {
            "label": self.label,
            "model_name": self.model_name,
            "operation_id": self.operation_id,
            "provider": self.provider.name,
            "status": state.status,
            "starred": self.starred,
            "started_at": datetime.fromtimestamp(state.clock[1], timezone.utc),
            "seconds": state.total_s,
            "videos": len(videos),
            "path": None if not videos or videos[0].path is None else str(videos[0].path),
            "error": None if state.error is None else str(state.error),
        }

    def __repr__(self) -> str:
        told = [self.status, *(["starred"] if self.starred else [])]
        label = "" if self.label is None else f" {self.label!r}"
        return f"<Take{label} {self.model_name} {self.operation_id}: {', '.join(told)}>"
