"""How many bytes may be on the way to the pages without their having said that they arrived."""

from __future__ import annotations

import threading

from rushes.transfer import CHUNK_BYTES

SMALLEST_BYTES = 512 * 1024
FIRST_BYTES = 1536 * 1024
#: With 16 MiB a message of another widget waited for up to 347 ms, with these for 205 at the most (`bench/`).
LARGEST_BYTES = 12 * 1024 * 1024
#: Each message costs the server and the page as much again as 100 KB in it.
LONGEST_RUN_CHUNKS = 16

#: A chunk that takes longer than this queues somewhere, and everything else the notebook says queues behind it.
CROWDED_S = 0.5
#: Below this there is room for more.
ROOMY_S = 0.25

#: So long a page may take to acknowledge a full window before anything goes beyond it.
ACKNOWLEDGEMENT_GRACE_S = 0.5

#: What goes beyond the window is sent this slowly: a page on a busy kernel cannot acknowledge, and a network
#: of 20 Mbit/s must still have room for the notebook's other output.
PACE_BYTES_PER_S = 2 * 1024 * 1024
#: The same where a host turns bytes into numbers: half a second for each chunk.
PACE_AS_NUMBERS_BYTES_PER_S = 512 * 1024


class Window:
    """Grows by what arrives quickly, halves when something was slow. Safe to use from any thread.

    Over a link of 20 Mbit/s between server and page it settles where a full window takes about half a second (other
    messages waited for up to 0.62 s, `bench/`); on one machine it has its full size after the first 10 MiB.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = FIRST_BYTES
        self._settling_bytes = 0
        self._one_at_a_time = False

    @property
    def bytes(self) -> int:
        """So much may be on the way now."""
        return CHUNK_BYTES if self._one_at_a_time else self._bytes

    @property
    def run_chunks(self) -> int:
        """So many chunks go in one message: at least two messages fit into the window."""
        return max(1, min(LONGEST_RUN_CHUNKS, self.bytes // CHUNK_BYTES // 2))

    @property
    def acknowledged_every_bytes(self) -> int:
        """A page should say after so many that they arrived: after half of the window, so that the other half is on
        the way while it answers. The full size is reached only where answers are quick; there the wait for one costs
        less than another one, which makes the kernel busy and the notebook draw that.
        """
        return self.bytes if self.bytes == LARGEST_BYTES else self.bytes // 2

    @property
    def interval_s(self) -> float:
        """A chunk beyond the window goes so many seconds after the last one."""
        return CHUNK_BYTES / (PACE_AS_NUMBERS_BYTES_PER_S if self._one_at_a_time else PACE_BYTES_PER_S)

    def narrow_to_one(self) -> None:
        """Chunks go one at a time from now on: a host turns their bytes into numbers, and several at once
        would take it too much memory. For the life of the process, for the host stays there with its kernel.
        """
        self._one_at_a_time = True

    def observe(self, took_s: float, arrived_bytes: int) -> None:
        """So many bytes have arrived; the newest took so many seconds to the page, with the acknowledgement back."""
        with self._lock:
            if took_s < ROOMY_S:
                self._bytes = min(LARGEST_BYTES, self._bytes + arrived_bytes)
            elif self._settling_bytes > 0:
                # They were already on the way when the window was halved.
                self._settling_bytes -= arrived_bytes
            elif took_s > CROWDED_S:
                self._settling_bytes = self._bytes
                self._bytes = max(SMALLEST_BYTES, self._bytes // 2)
