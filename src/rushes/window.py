"""How many bytes may be on the way to the pages without their having said that they arrived."""

from __future__ import annotations

import threading

from rushes.transfer import CHUNK_BYTES

SMALLEST_BYTES = 512 * 1024
FIRST_BYTES = 2 * 1024 * 1024
LARGEST_BYTES = 4 * 1024 * 1024

#: A chunk that takes longer than this queues somewhere, and everything else the notebook says queues behind it.
CROWDED_S = 0.5
#: Below this there is room for more.
ROOMY_S = 0.25


class Window:
    """Grows by a chunk for each that arrives quickly, halves when one was slow. Safe to use from any thread.

    Over a link of 20 Mbit/s between server and page it settles where other messages wait for half a second at the
    most; on one machine it grows to its full size within a few milliseconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = FIRST_BYTES
        self._settling = 0

    @property
    def bytes(self) -> int:
        """So much may be on the way now."""
        return self._bytes

    def observe(self, took_s: float) -> None:
        """A chunk took so many seconds to its page, with its acknowledgement back."""
        with self._lock:
            if took_s < ROOMY_S:
                self._bytes = min(LARGEST_BYTES, self._bytes + CHUNK_BYTES)
            elif self._settling > 0:
                # It was already on the way when the window was halved.
                self._settling -= 1
            elif took_s > CROWDED_S:
                self._settling = self._bytes // CHUNK_BYTES
                self._bytes = max(SMALLEST_BYTES, self._bytes // 2)
