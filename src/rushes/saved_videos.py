"""Which videos a person has saved, and what a card says on a machine that does not last until they are."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from rushes.host import temporary_machine
from rushes.watch_state import SampleState

#: Where Colab mounts Google Drive; what is kept there outlives the machine.
_LASTING = Path("/content/drive")


class SavedVideos:
    """The videos that a person has saved somewhere. Safe to use from any thread.

    A video is known by its file in the data directory, so that every widget of one operation knows about it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: set[Path] = set()

    def add(self, path: Path) -> None:
        """A person has saved this one."""
        with self._lock:
            self._paths.add(path)

    def has(self, sample: SampleState) -> bool:
        """Whether this video is somewhere else than in a place that goes with the machine."""
        path = sample.path
        if sample.saved_to is not None or (path is not None and path.is_relative_to(_LASTING)):
            return True
        with self._lock:
            return path in self._paths


def save_notice(
    samples: Iterable[SampleState], saved: SavedVideos, environment: Mapping[str, str] = os.environ
) -> str | None:
    """What a card says on a temporary machine until its videos are saved; None where there is nothing to say."""
    if temporary_machine(environment) is None:
        return None
    unsaved = [sample for sample in samples if sample.state == "ready" and not saved.has(sample)]
    if not unsaved:
        return None
    return f"temporary machine: save {'this video' if len(unsaved) == 1 else 'these videos'}"


_shared = SavedVideos()


def shared_saved_videos() -> SavedVideos:
    """Those of this process."""
    return _shared
