"""Which operations the user has starred, on disk: outlives page and kernel, and is in no notebook."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from rushes.data_directory import OperationKey, data_directory, make_private, using_data_directory
from rushes.errors import SaveError
from rushes.private_json import read_json, write_json
from rushes.process_lock import ProcessLock

_FILE = "stars.json"
# Adding one star takes milliseconds; whoever holds the lock for longer is stuck.
_LOCK_TIMEOUT_S = 2.0

_logger = logging.getLogger(__name__)


class Stars:
    """The starred operations of this machine, in one small file. Safe to use from several threads and processes.

    What is starred here shows at once; `write` brings it to the disk.

    Args:
        root: where to keep the file; None for the data directory, looked up at each use.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._unwritten: dict[OperationKey, bool] = {}
        self._starred: frozenset[OperationKey] = frozenset()
        self._listeners: list[Callable[[], None]] = []

    def load(self) -> None:
        """Take over what is on disk, where another kernel may have added to it. Never raises."""
        on_disk = self._read()
        with self._lock:
            self._starred = _changed(on_disk, self._unwritten)

    def __contains__(self, key: OperationKey) -> bool:
        """Whether the operation is starred."""
        return key in self._starred

    def set(self, key: OperationKey, starred: bool) -> None:
        """Star an operation, or take its star away. Never blocks; `write` has to follow."""
        with self._lock:
            self._unwritten[key] = starred
            self._starred = _changed(self._starred, {key: starred})
        self._tell()

    def write(self) -> None:
        """Write down what was set since. Blocks.

        Raises:
            SaveError: the data directory cannot be written. What was set is taken back.
        """
        try:
            self._write()
        except SaveError:
            with self._lock:
                self._unwritten = {}
            self.load()
            self._tell()
            raise

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change made in this process, until the returned function is called."""
        with self._lock:
            self._listeners = [*self._listeners, listener]

        def leave() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not listener]

        return leave

    def _write(self) -> None:
        root = data_directory(self._root)
        lock = ProcessLock(root / "stars.lock", root=root)
        if not lock.acquire(_LOCK_TIMEOUT_S):
            raise SaveError(
                "The star could not be written down: another kernel has been writing for too long.",
                next_step="Try again.",
            )
        try:
            with self._lock:
                news = dict(self._unwritten)
            # As of now, not as of when the call was made: of two changes the later one stays.
            starred = _changed(self._read(), news)
            with using_data_directory("The star", root):
                make_private(root, root=root)
                write_json(root / _FILE, {"version": 1, "starred": sorted(map(_to_json, starred))})
            with self._lock:
                for key, value in news.items():
                    if self._unwritten.get(key) is value:
                        del self._unwritten[key]
        finally:
            lock.release()

    def _read(self) -> frozenset[OperationKey]:
        value = (read_json(data_directory(self._root) / _FILE) or {}).get("starred")
        items = value if isinstance(value, list) else []
        return frozenset(OperationKey(*item) for item in items if _is_key(item))

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener()
            except Exception:
                _logger.exception("A listener of the stars failed.")


_shared = Stars()


def shared_stars() -> Stars:
    """The stars as all boards of this process show them."""
    return _shared


def _changed(starred: frozenset[OperationKey], news: dict[OperationKey, bool]) -> frozenset[OperationKey]:
    return (starred | {key for key, value in news.items() if value}) - {
        key for key, value in news.items() if not value
    }


def _to_json(key: OperationKey) -> list[str]:
    return [key.origin, key.model_name, key.operation_id]


def _is_key(item: object) -> bool:
    return isinstance(item, list) and len(item) == 3 and all(isinstance(part, str) for part in item)


__all__ = ["Stars", "shared_stars"]
