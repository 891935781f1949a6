"""Finished videos on disk: one directory per operation, whole files or none, within a quota.

What was paid for is kept: a second watch of an operation finds its videos here, after a restart of the kernel
and after the provider has deleted them. Files written by `save_to` and `save()` lie elsewhere and are never
touched.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path

from rushes.data_directory import OperationKey, make_private, using_data_directory
from rushes.errors import InvalidInputError, SaveError
from rushes.ledger import ENTRY_FILE, Ledger, directories_in, read_entry
from rushes.ledger_entry import LedgerEntry, StoredSample, sample_file_name, sample_number
from rushes.mp4 import has_mp4_signature
from rushes.process_lock import ProcessLock
from rushes.webm import has_webm_signature

__all__ = ["QUOTA_VARIABLE", "OperationKey", "Store"]

QUOTA_VARIABLE = "RUSHES_QUOTA_BYTES"

_log = logging.getLogger(__name__)

_DEFAULT_QUOTA_BYTES = 20 << 30
_LOCK_FILE = ".lock"
_BLOCK_BYTES = 1 << 20
# Providers delete a file after about two days; what an unfinished download left by then cannot be resumed.
_UNFINISHED_IS_WORTHLESS_AFTER = timedelta(days=2)


def _now() -> datetime:
    return datetime.now(timezone.utc)


class Store:
    """The videos in the data directory. Safe to use from several threads and processes.

    Args:
        root: where to keep everything; None for the data directory, looked up at each use.
        now: the clock, for the age of what is stored.
    """

    def __init__(self, root: Path | None = None, *, now: Callable[[], datetime] = _now) -> None:
        self._ledger = Ledger(root)
        self._now = now

    def directory(self, key: OperationKey) -> Path:
        """The operation's own directory, which need not exist yet."""
        return self._ledger.directory(key)

    def prepare(self, key: OperationKey) -> Path:
        """The operation's own directory, created for this user alone.

        Raises:
            SaveError: it cannot be created.
        """
        directory = self.directory(key)
        with using_data_directory("The video", self._ledger.root):
            make_private(directory, root=self._ledger.root)
        return directory

    def video_path(self, key: OperationKey, sample: int) -> Path:
        """The file of a sample (0-based), which need not exist yet."""
        return self.directory(key) / sample_file_name(sample)

    def lock(self, key: OperationKey) -> ProcessLock:
        """The lock that whoever downloads the operation's videos holds.

        `with store.lock(key):` waits; `store.lock(key).acquire(timeout_s, cancelled=...)` waits for a while.
        A holder that was killed holds it no longer; its partial file is there to be resumed. The quota leaves
        an operation alone while its lock is held.
        """
        return self._lock(self.directory(key))

    def finished(self, key: OperationKey, *, verify: bool = False) -> LedgerEntry | None:
        """The operation's entry if it succeeded and every one of its videos is here and whole, else None.

        A broken file is removed, so that it is downloaded again; the others stay. Never raises.

        Args:
            key: which operation.
            verify: compare the SHA-256 too, which reads the files from end to end. Otherwise the size and the
                first bytes are looked at.
        """
        entry = self._ledger.entry(key)
        if entry is None or entry.status != "succeeded":
            return None
        try:
            broken = [sample for sample in entry.samples if not _is_whole(sample, verify=verify)]
        except OSError:
            return None  # a drive that does not answer right now says nothing about the video on it
        if broken:
            self._remove_broken(key, broken, verify=verify)
            return None
        here = {sample_number(sample) for sample in entry.samples}
        # Numbers in a file may be any: no set of all that it promises is made.
        return entry if 0 < entry.video_count == len(here) == max(here) + 1 else None

    def stored_sample(
        self, key: OperationKey, sample: int, mime_type: str | None = None
    ) -> StoredSample | None:
        """The file of a sample as it is on disk now, with its size and SHA-256; None where no video is there.

        For a download that has just ended, and for one that ended right before its kernel was killed: files
        appear under their name only when they are whole. Reads the file from end to end.
        """
        path = self.video_path(key, sample)
        try:
            with path.open("rb") as file:
                if not _is_video(file.read(16)):
                    return None
                size = os.fstat(file.fileno()).st_size
            return StoredSample(path, size, _sha256(path), mime_type)
        except OSError:
            return None

    def enforce_quota(self, keep: OperationKey | Collection[OperationKey] = ()) -> int:
        """Remove the videos of the operations finished longest ago until the rest fits the quota.

        The quota is RUSHES_QUOTA_BYTES, 20 GiB without it. Operations stay in the ledger, without their
        videos. Left alone are the operations in `keep`, those that someone holds the lock of, and downloads
        that can still be resumed. So the quota may stay exceeded. Never raises for what it finds on disk.

        Returns:
            How many bytes were removed.
        """
        keys = (keep,) if isinstance(keep, OperationKey) else keep
        kept = {key.directory_name for key in keys}
        used = self._used()
        excess = sum(item.bytes for item in used) - _quota_bytes()
        if excess <= 0:
            return 0
        removed = 0
        for item in sorted(
            (item for item in used if item.directory.name not in kept), key=self._eviction_order
        ):
            if removed >= excess:
                break
            if item.finished or self._age(item) > _UNFINISHED_IS_WORTHLESS_AFTER:
                removed += self._remove_videos(item.directory)
        return removed

    def usage(self) -> list[tuple[LedgerEntry, int]]:
        """The operations that have files here and how many bytes each, newest first."""
        listed = [(item.entry, item.bytes) for item in self._used() if item.entry is not None]
        return sorted(listed, key=lambda pair: pair[0].started_at, reverse=True)

    def clear(self, older_than: timedelta | None = None) -> int:
        """Remove stored videos. Operations stay in the ledger, downloads that are going on stay as they are.

        Args:
            older_than: only those of operations that ended (or, unfinished, began) longer ago than this; None
                for all.

        Returns:
            How many bytes were removed.

        Raises:
            InvalidInputError: `older_than` is not a length of time.
        """
        if older_than is not None and (not isinstance(older_than, timedelta) or older_than < timedelta(0)):
            raise InvalidInputError(
                f"older_than is {older_than!r}.", next_step="Pass a length of time, as in timedelta(days=7)."
            )
        return sum(
            self._remove_videos(item.directory)
            for item in self._used()
            if older_than is None or self._age(item) > older_than
        )

    def _lock(self, directory: Path) -> ProcessLock:
        return ProcessLock(directory / _LOCK_FILE, root=self._ledger.root)

    @contextmanager
    def _locked_now(self, directory: Path) -> Iterator[bool]:
        """Whether nobody else holds the operation's lock; if so it is held meanwhile."""
        lock = self._lock(directory)
        try:
            yield lock.acquire(timeout_s=0)
        finally:
            lock.release()

    def _remove_broken(self, key: OperationKey, broken: Collection[StoredSample], *, verify: bool) -> None:
        # Where it does not work now it is tried again by the next look, so nothing is raised.
        with suppress(SaveError, OSError), self._locked_now(self.directory(key)) as mine:
            if not mine:
                return  # whoever downloads this operation now replaces the file
            removed = []
            for sample in broken:
                # Looked at again under the lock: it may have been replaced by a good one just before.
                if not _is_whole(sample, verify=verify):
                    sample.path.unlink(missing_ok=True)
                    removed.append(sample.path)
            self._ledger.record_removed(self.directory(key), removed)

    def _remove_videos(self, directory: Path) -> int:
        """Remove an operation's videos unless its lock is held; returns how many bytes that freed."""
        freed = 0
        with suppress(SaveError, OSError), self._locked_now(directory) as mine:
            removed = []
            for path, size in _files(directory) if mine else ():
                # Windows keeps a file that someone has open; the others go all the same.
                with suppress(OSError):
                    path.unlink()
                    freed += size
                    removed.append(path)
            self._ledger.record_removed(directory, removed)
        return freed

    def _used(self) -> list[_Used]:
        used = []
        for directory in directories_in(self._ledger.operations):
            size = sum(size for _, size in _files(directory))
            if size:
                used.append(_Used(directory, size))
        return used

    def _age(self, item: _Used) -> timedelta:
        return self._now() - item.time

    def _eviction_order(self, item: _Used) -> tuple[bool, datetime]:
        return not item.finished, item.time


@dataclass(frozen=True)
class _Used:
    """An operation's directory that has files in it."""

    directory: Path
    bytes: int

    @cached_property
    def entry(self) -> LedgerEntry | None:
        """What the ledger says of it; read only where somebody asks, for there may be thousands."""
        return read_entry(self.directory)

    @property
    def finished(self) -> bool:
        return self.entry is not None and self.entry.finished_at is not None

    @property
    def time(self) -> datetime:
        """When the operation ended, else when it began, else when its directory last changed."""
        if self.entry is not None:
            return self.entry.finished_at or self.entry.started_at
        try:
            return datetime.fromtimestamp(self.directory.stat().st_mtime, timezone.utc)
        except (OSError, OverflowError, ValueError):
            return datetime.fromtimestamp(0, timezone.utc)


def _files(directory: Path) -> list[tuple[Path, int]]:
    """Videos and partial files: everything in an operation's directory but its entry and locks."""
    found = []
    with suppress(OSError), os.scandir(directory) as items:
        for item in items:
            # .tmp: an entry that somebody writes at this moment.
            if item.name == ENTRY_FILE or item.name.endswith((".lock", ".tmp")):
                continue
            if item.is_file(follow_symlinks=False):
                found.append((directory / item.name, item.stat(follow_symlinks=False).st_size))
    return found


def _is_whole(sample: StoredSample, *, verify: bool) -> bool:
    """Whether the file is there and is what was written down.

    Raises:
        OSError: it is there, but cannot be read.
    """
    try:
        with sample.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != sample.bytes or not _is_video(file.read(16)):
                return False
    except FileNotFoundError:
        return False
    return not verify or _sha256(sample.path) == sample.sha256


def _is_video(head: bytes) -> bool:
    return has_mp4_signature(head) or has_webm_signature(head)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _quota_bytes() -> int:
    text = os.environ.get(QUOTA_VARIABLE, "").strip()
    if not text:
        return _DEFAULT_QUOTA_BYTES
    try:
        quota = int(text)
    except ValueError:
        quota = -1
    if quota < 0:
        # A typing error in an environment variable must not cost anybody a watch, nor the videos.
        _log.warning("%s is %r, which is no number of bytes; the default is used.", QUOTA_VARIABLE, text)
        return _DEFAULT_QUOTA_BYTES
    return quota
