"""How much the kernel's resident memory grows with a video, and how far it goes up meanwhile."""

from __future__ import annotations

import threading
import time

import psutil

from bench.clips import MB
from bench.stand import Stand
from bench.table import table
from bench.ways import EMBED, IPYWIDGETS, RUSHES

_CASES = ((100, RUSHES), (100, IPYWIDGETS), (100, EMBED), (500, RUSHES))
_INTERVAL_S = 0.005
_SETTLING_S = 2.0


class _Peak:
    """Watches a process from outside, as nothing in it could while it is busy."""

    def __init__(self, process: psutil.Process) -> None:
        self.bytes = 0
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_INTERVAL_S):
            self.bytes = max(self.bytes, self._process.memory_info().rss)


def measure_memory(stand: Stand) -> str:
    """Each way in a kernel of its own that has shown a small video before."""
    grown: dict[tuple[int, str], tuple[int, int]] = {}
    for megabytes, way in _CASES:
        notebook = stand.notebook()
        process = psutil.Process(int(notebook.run("print(os.getpid())", cell=2)))
        stand.show(notebook, way, 10)
        stand.clean_up(notebook)
        before = process.memory_info().rss
        peak = _Peak(process)
        stand.show(notebook, way, megabytes)
        time.sleep(_SETTLING_S)
        peak.stop()
        after = process.memory_info().rss
        grown[megabytes, way] = after - before, peak.bytes - before
        notebook.close()
        stand.server.end_kernels()
    rows = []
    for (megabytes, way), (growth, highest) in grown.items():
        _, usual = grown.get((megabytes, IPYWIDGETS), (0, 0))
        ratio = f"{highest / usual:.2f}" if usual else ""
        rows.append((f"{megabytes} MB", way, _megabytes(growth), _megabytes(highest), ratio))
    columns = ("file", "way", "growth", "at the peak", "peak, of ipywidgets.Video")
    return table("Kernel memory (resident)", columns, rows)


def _megabytes(size: int) -> str:
    return f"{size / MB:+.0f} MB"
