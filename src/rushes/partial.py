"""The unfinished file beside its destination, and the note that lets another process go on with it.

`clip.mp4.part` holds the first bytes of the video, `clip.mp4.part.json` what tells whether the server's file
is still the same one: its length and validators (RFC 9110, section 8.8), and a hash that names the video. No
URL, no key.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from rushes.destination import NOTE_SUFFIX, PART_SUFFIX, same_bytes, sync_directory
from rushes.errors import SaveError, WatchStoppedError
from rushes.file_lock import open_for_lock, still_names, try_lock
from rushes.save_fault import saving

_LOCK_POLL_S = 0.1
_NOTE_LIMIT_BYTES = 4096
# On Windows a page's reader or a virus scanner may have the file open for a moment, which forbids a rename.
_RENAME_TRIES = 20 if os.name == "nt" else 1
_RENAME_PAUSE_S = 0.05


@dataclass(frozen=True)
class Revision:
    """Which state of the server's file the bytes belong to.

    Attributes:
        total: the length of the whole file in bytes, None where the server did not say.
        etag: its strong entity tag, else None.
        last_modified: its date as the server wrote it, where that is fit to be a strong validator, else None.
    """

    total: int | None = None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def if_range(self) -> str | None:
        """The value for an `If-Range` header, None where there is no validator."""
        return self.etag or self.last_modified


class Partial(AbstractContextManager["Partial"]):
    """The `.part` file of one destination, held by one `Partial` at a time among all threads and processes.

    Attributes:
        path: the `.part` file.
        revision: what the bytes in it are the beginning of.
        generation: grows whenever the bytes start again from zero; kept as long as the partial is.
        size_bytes: how many bytes have arrived.

    Args:
        destination: the finished file, absolute.
        video: a hash that names the video; a partial of another one is not gone on with.
    """

    def __init__(self, destination: Path, video: str) -> None:
        self.destination = destination
        self.path = destination.with_name(destination.name + PART_SUFFIX)
        self.revision = Revision()
        self.generation = 0
        self.size_bytes = 0
        self._note = destination.with_name(destination.name + NOTE_SUFFIX)
        self._video = video
        self._descriptor = -1
        self._published = False

    def acquire(self, *, cancelled: Callable[[], bool], sleep: Callable[[float], None]) -> bool:
        """Wait for whoever holds the file, then take it over with the bytes that are there.

        Returns:
            False where the holder has finished this very video meanwhile: nothing is left to do.

        Raises:
            SaveError: the place cannot be written.
            WatchStoppedError: `cancelled()` turned true.
        """
        before = self._destination_state()
        same_video = False
        while not self._try():
            same_video = same_video or self._read_note() is not None
            if cancelled():
                raise WatchStoppedError
            sleep(_LOCK_POLL_S)
        self._adopt()
        now = self._destination_state()
        return not (same_video and now is not None and now != before)

    @property
    def resumable(self) -> bool:
        """Whether a server can be asked for the rest: there are bytes, and means to tell if they belong."""
        return self.size_bytes > 0 and (self.revision.if_range is not None or self.revision.total is not None)

    def restart(self, revision: Revision) -> None:
        """Begin again from zero, with bytes of `revision`.

        Raises:
            SaveError: the place cannot be written.
        """
        # In this order, so that a note never stands beside bytes of another revision, whenever the process
        # dies.
        self.empty()
        self.revision = revision
        self._write_note()

    def learn_total(self, total: int) -> None:
        """Take over the length of the file from a later answer about the same revision."""
        if self.revision.total is None:
            self.revision = replace(self.revision, total=total)
            self._write_note()

    def append(self, piece: bytes) -> None:
        """Add bytes at the end; they are in the file when this returns.

        Raises:
            SaveError: the disk is full, or refuses for another reason. The bytes are given up then: they
                would go on filling the disk that the user's notebooks are on.
        """
        view = memoryview(piece)
        try:
            with saving(self.destination):
                while view:
                    written = os.write(self._descriptor, view)
                    self.size_bytes += written
                    view = view[written:]
        except SaveError:
            self.empty()
            raise

    def tail(self, length: int) -> bytes:
        """The last `length` bytes that have arrived."""
        tail = b""
        with saving(self.path):
            os.lseek(self._descriptor, -length, os.SEEK_END)
            while len(tail) < length and (piece := os.read(self._descriptor, length - len(tail))):
                tail += piece
        return tail

    def empty(self) -> None:
        """Forget the bytes: they are wrong, or of no use any more.

        Raises:
            SaveError: the place cannot be written.
        """
        with saving(self.path):
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        if self.size_bytes:
            self.generation += 1
        self.size_bytes = 0
        self.revision = Revision()

    def publish(self) -> None:
        """Give the finished bytes their name. The same bytes in its place are fine.

        Raises:
            SaveError: it cannot be written, or other bytes are in its place; the finished partial stays then.
        """
        with saving(self.destination):
            os.fsync(self._descriptor)
            if self.destination.is_dir():
                raise IsADirectoryError(errno.EISDIR, "Is a directory")
        if self.destination.exists():
            if not same_bytes(self.path, self.destination):
                raise SaveError(
                    f"{self.destination} exists and holds something else; it was left as it is. "
                    f"The video is kept in {self.path}.",
                    next_step="Move that file away and download again: nothing is fetched twice.",
                )
            self.empty()
            return
        with saving(self.destination):
            if os.name == "nt":
                self._close()  # Windows does not rename an open file
            _rename(self.path, self.destination)
        self._published = True
        sync_directory(self.destination.parent)
        with contextlib.suppress(OSError):
            self._note.unlink(missing_ok=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor < 0:
            return
        if not self.size_bytes and not self._published:
            self._remove()
        self._close()

    def _try(self) -> bool:
        with saving(self.destination):
            descriptor = open_for_lock(self.path)
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            if regular and try_lock(descriptor) and still_names(self.path, descriptor):
                self._descriptor = descriptor
                return True
            os.close(descriptor)
            if not regular:
                raise FileExistsError(errno.EEXIST, f"{self.path.name} is in the way and not a file")
        return False

    def _adopt(self) -> None:
        note = self._read_note()
        with saving(self.path):
            size = os.lseek(self._descriptor, 0, os.SEEK_END)
        self.size_bytes = size
        if note is not None:
            self.revision, self.generation = note
        total = self.revision.total
        if size and (not self.resumable or (total is not None and size > total)):
            self.empty()

    def _read_note(self) -> tuple[Revision, int] | None:
        """What the note says about this video; None for another video's, a torn one, or none."""
        note: Any = None  # Any: arbitrary JSON
        with contextlib.suppress(OSError, ValueError, RecursionError):
            # Somebody else may have put a link or a pipe there, in a directory that others write to.
            if stat.S_ISREG(os.lstat(self._note).st_mode):
                with open(self._note, "rb") as file:
                    note = json.loads(file.read(_NOTE_LIMIT_BYTES))
        if not isinstance(note, dict) or note.get("video") != self._video:
            return None
        total, generation = note.get("total"), note.get("generation")
        revision = Revision(
            total=total if type(total) is int and total >= 0 else None,
            etag=_line(note.get("etag")),
            last_modified=_line(note.get("last_modified")),
        )
        return revision, generation if type(generation) is int and generation >= 0 else 0

    def _write_note(self) -> None:
        note = {
            "video": self._video,
            "generation": self.generation,
            "total": self.revision.total,
            "etag": self.revision.etag,
            "last_modified": self.revision.last_modified,
        }
        with saving(self._note):
            draft = self._note.with_name(self._note.name + "~")
            draft.unlink(missing_ok=True)
            with open(draft, "x", encoding="ascii") as file:  # "x" follows no link
                json.dump(note, file)
            os.replace(draft, self._note)

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self._note.unlink(missing_ok=True)
        if os.name == "nt":
            self._close()  # Windows does not remove an open file
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _destination_state(self) -> tuple[int, int, int] | None:
        with contextlib.suppress(OSError):
            state = os.stat(self.destination)
            return state.st_ino, state.st_size, state.st_mtime_ns
        return None


def _rename(path: Path, destination: Path) -> None:
    for _ in range(_RENAME_TRIES - 1):
        try:
            return os.replace(path, destination)
        except PermissionError:
            time.sleep(_RENAME_PAUSE_S)
    os.replace(path, destination)


def _line(value: object) -> str | None:
    """A text that may stand in a request header, else None: a note can be written by anybody."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= 256:
        return value
    return None


__all__ = ["Partial", "Revision"]
