"""Python code in a process of its own, talked to over its pipes: what two kernels do to each other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


class OtherProcess:
    """A running process that says things line by line and waits for a line to go on."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def hears(self) -> str:
        """The next line that it prints; waits for it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the other process ended early"
        return line.strip()

    def say(self, line: str = "go") -> None:
        """A line for its `input()`."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait(30)


@contextmanager
def other_process(code: str, *arguments: str) -> Iterator[OtherProcess]:
    """Run `code` in a new interpreter that imports this working tree, killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield OtherProcess(process)
        finally:
            process.kill()
