"""Numbers for the bytes of a sample, so that a page never mixes two files and never misses the later one.

A page drops what is numbered below the highest it has seen, for all attempts of a watch. So a number is never below an
earlier one of this process, and a finished file keeps its own: a resume must not reload a video that plays.
"""

from __future__ import annotations

import itertools
import threading
from pathlib import Path


class Generations:
    """Gives the numbers. Safe to use from any thread."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._finished: dict[Path, tuple[int, str]] = {}

    def begin(self, path: Path) -> int:
        """The number of bytes that start from zero, or go on from where another attempt left them."""
        with self._lock:
            self._finished.pop(path, None)
            return next(self._numbers)

    def finish(self, path: Path, generation: int, sha256: str) -> None:
        """The bytes of this number are the whole file at `path`."""
        with self._lock:
            self._finished[path] = (generation, sha256)

    def of_finished(self, path: Path, sha256: str) -> int:
        """The number of a file that is whole already: its own, if its bytes were the last that had one."""
        with self._lock:
            generation, known = self._finished.get(path, (0, ""))
            if known != sha256:
                generation = next(self._numbers)
                self._finished[path] = (generation, sha256)
            return generation


#: Those of this process: a page and its kernel begin and end together.
generations = Generations()

__all__ = ["Generations", "generations"]
