"""The thread that sends everything the widgets have to tell their pages.

One for all widgets of the process, because they share one way to the browser: small messages first, then the
chunks that pages asked for, then pushes, one widget after the other, so that no video holds up another or any
other output.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from rushes.transfer import CHUNK_BYTES
from rushes.window import ACKNOWLEDGEMENT_GRACE_S, Window

log = logging.getLogger(__name__)


class Sender(Protocol):
    """What one widget still has to tell its pages (`rushes.outbox.Outbox`). The publisher's thread only."""

    def send_small(self, now: float) -> float | None:
        """Send what is small. Returns the seconds until held-back news is due."""

    def send_pulled(self, now: float, most_chunks: int) -> bool:
        """Send one run of chunks that a page asked for, at most so many, if there is one."""

    def send_pushed(self, now: float, most_chunks: int, *, window_bytes: int, last: bool) -> None:
        """Send one run of chunks nobody asked for yet, at most so many, if there is one. `window_bytes`: what the
        others leave of the window; `last`: it has no room for another run after this one.
        """

    def push_due_s(self, now: float, most_chunks: int) -> float | None:
        """Seconds until chunks should be pushed, so many in a message at most; None where none wait."""

    def chunks_to_push(self) -> int:
        """How many wait to be pushed."""

    def bytes_on_the_way(self, now: float) -> int:
        """Sent and not yet acknowledged."""


class Publisher:
    """Empties the outboxes, in a daemon thread that lives as long as there are any.

    Attributes:
        window: how many bytes may be on the way; one for all widgets, as they share one way.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.window = Window()
        self._lock = threading.Lock()
        self._outboxes: list[Sender] = []
        self._wakeup = threading.Event()
        self._thread: threading.Thread | None = None
        self._paced_until = float("-inf")

    def add(self, outbox: Sender) -> None:
        """Serve an outbox from now on."""
        with self._lock:
            self._outboxes.append(outbox)
        self.start()

    def remove(self, outbox: Sender) -> None:
        """Serve an outbox no longer."""
        with self._lock:
            self._outboxes = [other for other in self._outboxes if other is not outbox]
        self.wake()

    def start(self) -> None:
        """Start the thread if it does not run."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            # ipykernel 7.0 looks for the cell's context in each thread that sends, and fails without it.
            run = partial(contextvars.copy_context().run, self._run)
            self._thread = threading.Thread(target=run, name="rushes-publisher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Forget all outboxes; the thread ends."""
        with self._lock:
            self._outboxes = []
        self.wake()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for the thread to end."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def wake(self) -> None:
        """There is something to send. Never blocks."""
        self._wakeup.set()

    def turn(self, now: float) -> float | None:
        """Send all small messages and at most one message with chunks.

        Returns:
            Seconds until the next turn is due; None where only a wake-up makes one.
        """
        outboxes = self._rotated()
        waits = [
            wait_s for outbox in outboxes if (wait_s := _safely(partial(outbox.send_small, now))) is not None
        ]
        run_chunks = self.window.run_chunks
        if any(_safely(partial(outbox.send_pulled, now, run_chunks)) for outbox in outboxes):
            return 0.0
        room_bytes = self.window.bytes - sum(outbox.bytes_on_the_way(now) for outbox in outboxes)
        room_chunks = room_bytes // CHUNK_BYTES
        most_chunks = max(1, min(run_chunks, room_chunks))
        for outbox in outboxes:
            due_s = outbox.push_due_s(now, most_chunks)
            if due_s is None:
                continue
            if due_s == 0:
                due_s = self._pace_s(room_chunks, min(run_chunks, outbox.chunks_to_push()), now)
                if due_s <= 0:
                    push = partial(
                        outbox.send_pushed,
                        now,
                        most_chunks,
                        window_bytes=room_bytes + outbox.bytes_on_the_way(now),
                        last=room_chunks - most_chunks < run_chunks,
                    )
                    _safely(push)
                    return 0.0
            waits.append(due_s)
        return min(waits, default=None)

    def _rotated(self) -> list[Sender]:
        """The outboxes, another one first each time."""
        with self._lock:
            self._outboxes = self._outboxes[1:] + self._outboxes[:1]
            return list(self._outboxes)

    def _pace_s(self, room_chunks: int, run_chunks: int, now: float) -> float:
        """Seconds until the next push may go, where the window has room for so many chunks and the message would take
        a run: one that fills what little room there is costs as much as a long one. What is beyond the window goes
        once the pages have had the time to acknowledge.
        """
        is_beyond = room_chunks < run_chunks
        if is_beyond and now < self._paced_until:
            return self._paced_until - now
        self._paced_until = now + (self.window.interval_s if is_beyond else ACKNOWLEDGEMENT_GRACE_S)
        return 0.0

    def _run(self) -> None:
        while True:
            self._wakeup.clear()
            wait_s = self.turn(self._clock())
            with self._lock:
                if not self._outboxes:
                    self._thread = None
                    return
            self._wakeup.wait(wait_s)


def _safely(send: Callable[[], float | bool | None]) -> float | bool | None:
    """Send, and outlive what goes wrong: a comm that is closed, a kernel that shuts down, a file that is
    gone.
    """
    try:
        return send()
    except Exception:  # whatever it is, the other widgets still have to be served
        log.debug("A message to a page was not sent.", exc_info=True)
        return None


_shared = Publisher()


def shared_publisher() -> Publisher:
    """The publisher of this process."""
    return _shared
