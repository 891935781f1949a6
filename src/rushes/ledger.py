"""The operations that this machine has watched, written down on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from rushes.answer_text import public_words
from rushes.data_directory import OperationKey, data_directory, make_private, using_data_directory
from rushes.errors import InvalidInputError, SaveError
from rushes.ledger_entry import LedgerEntry, StoredSample, entry_from_json, entry_to_json, sample_number
from rushes.operation import Operation
from rushes.private_json import read_json, write_json
from rushes.process_lock import ProcessLock

ENTRY_FILE = "operation.json"

# An update takes milliseconds. Whoever holds the lock for longer is stuck, and a watch must not be stuck with
# it.
_UPDATE_TIMEOUT_S = 2.0


class Ledger:
    """Reads and writes one small file per operation. Safe to use from several threads and processes.

    Reading never raises: what is torn, garbled or out of reach counts as not there, and the next write heals
    it. Writing raises SaveError where the data directory cannot be written; a watch goes on without its
    ledger then.

    Args:
        root: where to keep everything; None for the data directory, looked up at each use.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root

    @property
    def root(self) -> Path:
        """The data directory."""
        return data_directory(self._root)

    @property
    def operations(self) -> Path:
        """Where the operations' directories are."""
        return self.root / "operations"

    def directory(self, key: OperationKey) -> Path:
        """The operation's own directory, which need not exist yet."""
        return self.operations / key.directory_name

    def entry(self, key: OperationKey) -> LedgerEntry | None:
        """What is written down about the operation, or None."""
        entry = read_entry(self.directory(key))
        # A directory copied or edited by hand may speak of another operation.
        return entry if entry is not None and entry.key == key else None

    def record_start(
        self, key: OperationKey, *, provider: str, base_url: str, label: str | None, started_at: datetime
    ) -> None:
        """Write down that an operation is being watched, before its first poll.

        What is known from earlier watches stays: the first start, the label unless there is a new one, and
        the outcome.

        Raises:
            SaveError: the data directory cannot be written.
        """

        def started(earlier: LedgerEntry | None) -> LedgerEntry:
            entry = earlier or _new_entry(key, started_at)
            return replace(
                entry, provider=provider, base_url=base_url, label=entry.label if label is None else label
            )

        self._update(key, started)

    def record_outcome(
        self,
        key: OperationKey,
        operation: Operation,
        *,
        finished_at: datetime,
        total_s: float | None,
        began_at: datetime | None = None,
        samples: Sequence[StoredSample],
    ) -> None:
        """Write down how an operation ended and which videos the data directory holds.

        An operation that still runs has no outcome: nothing changes. Videos written down earlier stay.

        Args:
            key: which operation.
            operation: its last answer.
            finished_at: when its end was seen; aware.
            total_s: seconds that the generation took.
            began_at: what they count from; aware.
            samples: the downloaded videos. Files outside the operation's directory are not written down: they
                are not the store's to look after, and their paths are nobody's business.

        Raises:
            SaveError: the data directory cannot be written.
        """
        if not operation.done:
            return
        directory = self.directory(key)
        message = operation.error.message if operation.error else None
        ours = {
            sample.path.name: replace(sample, path=directory / sample.path.name)
            for sample in samples
            if os.path.realpath(sample.path.parent) == os.path.realpath(directory)
        }

        def ended(earlier: LedgerEntry | None) -> LedgerEntry:
            entry = earlier or _new_entry(key, finished_at - timedelta(seconds=max(total_s or 0.0, 0.0)))
            kept = {sample.path.name: sample for sample in entry.samples} | ours
            return replace(
                entry,
                status=operation.status,
                finished_at=finished_at,
                total_s=total_s,
                began_at=began_at,
                create_time=operation.create_time,
                video_count=len(operation.videos),
                filtered_count=operation.filtered_count,
                filtered_reasons=tuple(map(public_words, operation.filtered_reasons)),
                error_code=operation.error.code if operation.error else None,
                error_message=None if message is None else public_words(message),
                samples=tuple(sorted(kept.values(), key=sample_number)),
            )

        self._update(key, ended)

    def record_removed(self, directory: Path, removed: Sequence[Path]) -> None:
        """Write down that videos are no longer on disk; everything else about their operation stays.

        Raises:
            SaveError: the data directory cannot be written.
        """
        with self._updating():
            entry = read_entry(directory)
            if entry is None:
                return
            samples = tuple(sample for sample in entry.samples if sample.path not in removed)
            if samples != entry.samples:
                self._write(directory, replace(entry, samples=samples))

    def recent(self, n: int = 20) -> list[LedgerEntry]:
        """The operations watched on this machine, those started last first.

        Opens only as many files as it lists: an entry's file carries the start as its time of modification.

        Args:
            n: how many at most.

        Raises:
            InvalidInputError: `n` is not a number of entries.
        """
        if not isinstance(n, int) or isinstance(n, bool) or n < 0:
            raise InvalidInputError(
                f"n is {n!r}.", next_step="Pass how many operations to list, as in recent(20)."
            )
        entries: list[LedgerEntry] = []
        for _, directory in sorted(self._directories(), reverse=True):
            if len(entries) == n:
                break
            entry = read_entry(directory)
            if entry is not None:
                entries.append(entry)
        return sorted(entries, key=lambda entry: entry.started_at, reverse=True)

    def _directories(self) -> Iterator[tuple[float, Path]]:
        """The time of modification of each entry, and its directory."""
        for directory in directories_in(self.operations):
            with suppress(OSError):
                yield (directory / ENTRY_FILE).stat().st_mtime, directory

    def _update(self, key: OperationKey, change: Callable[[LedgerEntry | None], LedgerEntry]) -> None:
        with self._updating():
            earlier = self.entry(key)
            entry = change(earlier)
            if entry != earlier:
                # That a watch has begun is in the notebook too: a thousand of them do not wait for the disk.
                durable = earlier is not None or entry.status != "running"
                self._write(self.directory(key), entry, durable=durable)

    def _write(self, directory: Path, entry: LedgerEntry, *, durable: bool = True) -> None:
        root = self.root
        with using_data_directory("The operation", root):
            make_private(directory, root=root)
            write_json(
                directory / ENTRY_FILE,
                entry_to_json(entry),
                modified_at=entry.started_at.timestamp(),
                durable=durable,
            )

    @contextmanager
    def _updating(self) -> Iterator[None]:
        """Reading, changing and writing an entry as one step: two kernels do not undo each other's."""
        root = self.root
        lock = ProcessLock(root / "operations" / ".lock", root=root)
        # Where locks cannot be had the write itself may still work, and says so itself if not.
        with suppress(SaveError):
            lock.acquire(_UPDATE_TIMEOUT_S)
        try:
            yield
        finally:
            lock.release()


def read_entry(directory: Path) -> LedgerEntry | None:
    """The entry in an operation's directory, or None where there is none that can be read."""
    value = read_json(directory / ENTRY_FILE)
    return entry_from_json(value, directory) if value is not None else None


def directories_in(parent: Path) -> list[Path]:
    """The directories in `parent`; none where it cannot be read."""
    try:
        with os.scandir(parent) as items:
            return [parent / item.name for item in items if item.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def recent(n: int = 20) -> list[LedgerEntry]:
    """The operations that this machine has watched, newest first; `watch(recent()[0])` attaches again.

    They come from files in the data directory (RUSHES_DATA_DIR moves it), so they outlive the kernel. Never
    raises for what it finds there.

    Args:
        n: how many at most.

    Raises:
        InvalidInputError: `n` is not a number of entries.
    """
    return Ledger().recent(n)


def _new_entry(key: OperationKey, started_at: datetime) -> LedgerEntry:
    return LedgerEntry(
        model_name=key.model_name,
        operation_id=key.operation_id,
        origin=key.origin,
        base_url=key.origin,
        provider="custom",
        label=None,
        status="running",
        started_at=started_at,
    )
