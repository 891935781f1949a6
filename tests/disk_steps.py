"""In which order a file comes to the disk: what a power cut would leave."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest


def disk_steps(destination: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done from now on, as it is done: "N bytes" of a file or the "directory" synchronised, and "named" where
    a file gets the name of the destination.
    """
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synchronise(descriptor: int) -> None:
        state = os.fstat(descriptor)
        steps.append("directory" if stat.S_ISDIR(state.st_mode) else f"{state.st_size} bytes")
        fsync(descriptor)

    def name(source: os.PathLike[str], target: os.PathLike[str]) -> None:
        replace(source, target)
        if Path(target) == destination:
            steps.append("named")

    monkeypatch.setattr(os, "fsync", synchronise)
    monkeypatch.setattr(os, "replace", name)
    return steps
