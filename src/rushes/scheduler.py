"""The one thread that owns the state of all watches, its timers, and the workers that do what would block it."""

from __future__ import annotations

import contextvars
import heapq
import itertools
import logging
import os
import queue
import threading
import time
from collections.abc import Callable

from rushes.workers import WorkerPool

POLL_WORKERS = 9
DOWNLOAD_WORKERS = 4

_logger = logging.getLogger(__name__)


class Timer:
    """A call that will be made at a time, unless it is cancelled."""

    __slots__ = ("_call", "at")

    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self._call: Callable[[], None] | None = call

    @property
    def is_set(self) -> bool:
        """Whether the call will still be made."""
        return self._call is not None

    def cancel(self) -> None:
        """Do not make the call."""
        self._call = None

    def fire(self) -> None:
        """Make the call, once."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Scheduler:
    """Runs short calls one after the other on a thread of its own, at once or at a time.

    It never runs user code, sends a comm message, or waits for a network or a disk: that is what its workers are for.

    Args:
        monotonic: the clock that timers are on, in seconds.

    Attributes:
        polls: workers for status requests.
        downloads: workers for downloads; a slow one delays no poll.
        disk: one worker for what is written down.
        notifier: one worker for callbacks of the user.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.polls = WorkerPool("rushes-poll", POLL_WORKERS)
        self.downloads = WorkerPool("rushes-download", DOWNLOAD_WORKERS)
        self.disk = WorkerPool("rushes-disk", 1)
        self.notifier = WorkerPool("rushes-notifier", 1)

    def start(self) -> None:
        """Start the thread, if it does not run yet."""
        with self._lock:
            if self._thread is None:
                context = contextvars.copy_context()
                self._thread = threading.Thread(
                    target=context.run, args=(self._run,), name="rushes-scheduler", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """End the thread and its workers after what is under way. Timers that are not due never fire."""
        self._calls.put(None)
        for pool in (self.polls, self.downloads, self.disk, self.notifier):
            pool.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for all threads to end, each for at most `timeout_s`; whether they all have."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        pools = (self.polls, self.downloads, self.disk, self.notifier)
        ended = [pool.join(timeout_s) for pool in pools]
        return all(ended) and not (self._thread is not None and self._thread.is_alive())

    def post(self, call: Callable[[], None]) -> None:
        """Make `call` on the scheduler's thread. Any thread."""
        self._calls.put(call)

    def at(self, at: float, call: Callable[[], None]) -> Timer:
        """Make `call` at a monotonic time. The scheduler's thread only."""
        timer = Timer(at, call)
        heapq.heappush(self._timers, (at, next(self._order), timer))
        return timer

    def _run(self) -> None:
        while True:
            try:
                call = self._calls.get(timeout=self._until_next_timer_s())
            except queue.Empty:
                call = _nothing
            if call is None:
                return
            self._make(call)
            del call
            while self._timers and self._timers[0][0] <= self._monotonic():
                self._make(heapq.heappop(self._timers)[2].fire)

    def _until_next_timer_s(self) -> float | None:
        if not self._timers:
            return None
        return min(max(0.0, self._timers[0][0] - self._monotonic()), threading.TIMEOUT_MAX)

    def _make(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            _logger.exception("A step of a watch failed.")


_shared: Scheduler | None = None
_shared_lock = threading.Lock()


def shared_scheduler() -> Scheduler:
    """The scheduler of this process, started at its first use."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Scheduler()
            _shared.start()
        return _shared


def _forget_after_fork() -> None:
    """A forked child has none of the threads: it starts its own."""
    global _shared, _shared_lock
    _shared, _shared_lock = None, threading.Lock()


def _nothing() -> None:
    pass


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
