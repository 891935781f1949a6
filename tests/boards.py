"""A board on watches that a test moves by hand, with a comm that writes down what is sent."""

from __future__ import annotations

from typing import Any

import pytest
from fake_watch import FakeWatch, RecordingComm

from rushes.board import Board
from rushes.reference import Reference
from rushes.stars import Stars


def fake_watch(number: int, label: str | None = None) -> FakeWatch:
    watch = FakeWatch()
    watch.reference = Reference("veo-3.1", f"op{number}")
    watch.label = label
    return watch


def made_board(
    watches: list[FakeWatch], comm: RecordingComm, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> Board:
    def open_comm(self: Board) -> None:
        self.comm = comm
        comm.sent.append({"method": "update", "state": self.get_state(), "buffers": []})

    monkeypatch.setattr(Board, "open", open_comm)
    return Board(watches, options.pop("stars", None) or Stars(), **options)
