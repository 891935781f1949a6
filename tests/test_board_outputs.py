"""What a notebook keeps of a board: sent once all watches have ended, and when the pictures have come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from boards import fake_watch, made_board
from fake_watch import STOPPED, FakeWatch, RecordingComm, finished
from recording_shell import JPEG, VIEW, Shell, recording_shell
from timing import wait_until

from rushes.board import Board
from rushes.publisher import shared_publisher


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = recording_shell(monkeypatch)
    monkeypatch.setattr("rushes.board_page._SETTLING_S", 0.05)
    monkeypatch.setattr("rushes.static_outputs.PLAYING_LEASE_S", 0.2)
    return shell


@pytest.fixture
def watches() -> list[FakeWatch]:
    return [fake_watch(1, "storm"), fake_watch(2, "calm")]


@pytest.fixture
def comm() -> RecordingComm:
    return RecordingComm()


Make = Callable[..., Board]


@pytest.fixture
def make(
    watches: list[FakeWatch], comm: RecordingComm, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> Iterator[Make]:
    opened: list[Board] = []

    def make_one(**options: Any) -> Board:
        opened.append(made_board(watches, comm, monkeypatch, **options))
        return opened[-1]

    yield make_one
    for board in opened:
        board.close()
    shared_publisher().join(5)


def send_picture(comm: RecordingComm, item: int) -> None:
    assert comm.deliver is not None
    message = {"type": "poster", "sample": 0, "generation": 0}
    content = {"type": "item", "item": item, "message": message}
    comm.deliver({"content": {"data": {"method": "custom", "content": content}}, "buffers": [JPEG]})


def place(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_a_displayed_board_is_one_output_with_view_table_and_text(make: Make, shell: Shell) -> None:
    make()._ipython_display_()
    [sent] = shell.sent
    assert set(sent["data"]) >= {VIEW, "text/html", "text/plain"}
    assert "<td>storm<td>Started" in shell.html
    assert sent["data"]["text/plain"] == "2 operations: 2 started"


def test_the_output_is_renewed_when_the_last_watch_has_ended(
    make: Make, shell: Shell, watches: list[FakeWatch], tmp_path: Path
) -> None:
    make()._ipython_display_()
    watches[0].move(finished(tmp_path))
    watches[1].move(STOPPED)
    wait_until(lambda: "The watch was stopped" in shell.html)
    assert "<td>storm<td>Finished after 1 min 0 s" in shell.html
    assert len(shell.sent) == 2
    assert shell.sent[1]["update"] is True
    assert VIEW in shell.sent[1]["data"]


def test_pictures_follow_once_for_all(
    make: Make,
    shell: Shell,
    watches: list[FakeWatch],
    comm: RecordingComm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make()._ipython_display_()
    for number, watch in enumerate(watches):
        watch.move(finished(place(tmp_path, str(number))))
    wait_until(lambda: "Finished" in shell.html)
    before = len(shell.sent)
    monkeypatch.setattr("rushes.board_page._SETTLING_S", 2.0)
    send_picture(comm, 0)
    send_picture(comm, 1)
    wait_until(lambda: shell.html.count("<img") == 2)
    assert len([sent for sent in shell.sent[before:] if sent.get("update")]) == 1


def test_without_poster_the_notebook_keeps_no_picture_and_the_grid_has_it_all_the_same(
    make: Make, shell: Shell, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    make(poster=False)._ipython_display_()
    for number, watch in enumerate(watches):
        watch.move(finished(place(tmp_path, str(number))))
    send_picture(comm, 0)
    comm.message_from_page({"type": "pictures", "items": [0]})
    wait_until(lambda: comm.customs("picture"))
    wait_until(lambda: "Finished" in shell.html)
    assert "<img" not in shell.html


def test_nothing_is_renewed_while_somebody_works_with_the_board(
    make: Make, shell: Shell, watches: list[FakeWatch], comm: RecordingComm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rushes.static_outputs.PLAYING_LEASE_S", 3600.0)
    board = make()
    board._ipython_display_()
    comm.message_from_page({"type": "busy"})
    for watch in watches:
        watch.move(STOPPED)
    wait_until(lambda: comm.updates("snapshot")[-1]["rows"][1]["status"] == "stopped")
    comm.message_from_page({"type": "sync"})
    wait_until(lambda: comm.customs("board"))
    assert [sent for sent in shell.sent if sent.get("update")] == []
