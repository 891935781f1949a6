"""What `save_to=` asks for: the user's own copies of the videos, besides those in the data directory."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from pathlib import Path

from rushes.destination import check_destination, export, resolve_destination, same_bytes
from rushes.errors import RushesError, SaveError
from rushes.ledger_entry import LedgerEntry
from rushes.reference import Reference
from rushes.unforeseen import unforeseen_error
from rushes.watch_state import WatchState

_logger = logging.getLogger(__name__)


def check_save_to(
    save_to: str | os.PathLike[str], reference: Reference, finished: LedgerEntry | None
) -> Path:
    """Refuse before a wait of minutes what could not be written after it.

    Args:
        save_to: a file or a directory.
        reference: the operation, which names the files in a directory.
        finished: what the store has of it.

    Returns:
        The file of the first sample, absolute: what the notebook does to its working directory does not move it.

    Raises:
        InvalidInputError: it cannot be a file's name.
        SaveError: it cannot be written, or is there already and not known to be this video.
    """
    samples = finished.samples if finished is not None else ()
    first = resolve_destination(save_to, reference.operation_id, 0, 1)
    for index in range(len(samples) or 1):
        target = resolve_destination(first, reference.operation_id, index, len(samples) or 1)
        check_destination(target)
        if target.exists() and not (samples and same_bytes(samples[index].path, target)):
            raise SaveError(
                f"{target} exists already, and is not known to be this video.",
                next_step="Give another path, or remove the file.",
            )
    return first


class OwnCopies:
    """The stored videos on their way to where the user wants them, too.

    Args:
        first: the file for the first sample, as `check_save_to` returned it.
        operation_id: which operation's they are.
        state: the succeeded state whose videos are copied.
    """

    def __init__(self, first: Path, operation_id: str, state: WatchState) -> None:
        self._first = first
        self._operation_id = operation_id
        self._state = state
        self._outcome: WatchState | None = None

    def applied(self) -> WatchState:
        """The state of a watch with these copies: still downloading until they are made."""
        return self._outcome or replace(self._state, status="downloading", ended_at=None)

    def run(self) -> None:
        """Copy. Blocks."""
        state = self._state
        videos, samples = list(state.videos), list(state.samples)
        error: RushesError | None = None
        for index, video in enumerate(state.videos):
            try:
                target = resolve_destination(self._first, self._operation_id, index, len(videos))
                target = export(Path(video), target)
            except RushesError as failure:
                error = error or failure.with_traceback(None)
                continue
            except Exception as failure:
                _logger.exception("A copy failed in an unforeseen way.")
                error = error or unforeseen_error(failure)
                continue
            videos[index] = video.with_path(target)
            samples[index] = replace(samples[index], saved_to=target)
        self._outcome = replace(
            state,
            videos=tuple(videos),
            samples=tuple(samples),
            error=error,
            status="failed" if error is not None else state.status,
            ended_at=time.time(),
        )
