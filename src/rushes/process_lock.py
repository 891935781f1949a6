"""A lock between threads and processes, as a file."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import filelock

from rushes.data_directory import make_private, using_data_directory

_POLL_S = 0.05


class ProcessLock:
    """Held by one `ProcessLock` at a time, in whichever thread or process that is.

    The operating system releases it when its holder dies. The file stays where it is: removing a lock file
    would let two holders in, one with the removed file and one with the new. Not reentrant. One object
    belongs to one thread at a time, but may be released by another thread than the one that acquired it.
    """

    def __init__(
        self,
        path: Path,
        *,
        root: Path,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._root = root
        self._sleep = sleep
        self._monotonic = monotonic
        self._held: filelock.BaseFileLock | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._held is not None

    def acquire(
        self, timeout_s: float | None = None, *, cancelled: Callable[[], bool] = lambda: False
    ) -> bool:
        """Wait until the lock is free and take it.

        Args:
            timeout_s: how long to wait; 0 asks once, None waits without end.
            cancelled: asked before each try; once it is true the wait ends.

        Returns:
            Whether the lock is held now.

        Raises:
            SaveError: the place cannot be written, or its file system has no locks.
        """
        with using_data_directory("A lock", self._root):
            make_private(self._path.parent, root=self._root)
        deadline = None if timeout_s is None else self._monotonic() + timeout_s
        while not cancelled():
            if self._try():
                return True
            if deadline is not None and self._monotonic() >= deadline:
                return False
            self._sleep(_POLL_S)
        return False

    def release(self) -> None:
        """Let others in. Does nothing where the lock is not held."""
        held, self._held = self._held, None
        if held is not None:
            held.release()

    def __enter__(self) -> ProcessLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _try(self) -> bool:
        with using_data_directory("A lock", self._root):
            # A new object each time: one FileLock may be acquired twice by its owner, which would let two in.
            lock = filelock.FileLock(self._path, mode=0o600, thread_local=False)
            try:
                # With a time limit of 0 and our own loop, so that `cancelled` is heard.
                lock.acquire(timeout=0)
            except filelock.Timeout:
                return False
            except NotImplementedError:  # how filelock before 3.20 says it
                raise OSError(errno.ENOTSUP, "its file system has no locks") from None
        self._held = lock
        return True
