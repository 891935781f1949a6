"""Ctrl-C at the moment that matters: while the main thread waits for bytes that a server holds back."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

from timing import wait_until


@contextlib.contextmanager
def interrupted_while_reading() -> Iterator[None]:
    """Interrupts the main thread once, as soon as a fault server stalls and the main thread reads from a socket."""
    main = threading.main_thread().ident
    assert main is not None

    def reading() -> bool:
        frames = sys._current_frames()
        stalled = any(frame.f_code.co_name == "_stall" for frame in frames.values())
        return stalled and frames[main].f_code.co_name == "readinto"

    def interrupt() -> None:
        wait_until(reading)
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt, name="interrupting")
    thread.start()
    yield
    thread.join()
