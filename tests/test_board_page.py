"""What a page that shows a board asks, and what it gets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boards import fake_watch, made_board
from fake_watch import STOPPED, FakeWatch, RecordingComm, finished
from timing import wait_until

from rushes import outbox
from rushes.board import Board
from rushes.publisher import shared_publisher
from rushes.stars import Stars

JPEG = b"\xff\xd8\xff\xe0" + bytes(16)


@pytest.fixture
def watches() -> list[FakeWatch]:
    return [fake_watch(number) for number in range(20)]


@pytest.fixture
def comm() -> RecordingComm:
    return RecordingComm()


@pytest.fixture
def stars(tmp_path: Path) -> Stars:
    return Stars(tmp_path / "data")


@pytest.fixture
def board(
    watches: list[FakeWatch], comm: RecordingComm, stars: Stars, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Board]:
    board = made_board(watches, comm, monkeypatch, stars=stars)
    yield board
    board.close()
    shared_publisher().join(5)


def place(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def item_messages(comm: RecordingComm, item: int, kind: str) -> list[dict[str, Any]]:
    return [
        {**sent["message"], "buffers": sent["buffers"]}
        for sent in comm.customs("item")
        if sent["item"] == item and sent["message"]["type"] == kind
    ]


def settle(comm: RecordingComm) -> None:
    """Wait until the publisher has sent what it had to send before."""
    before = len(comm.customs("board"))
    comm.message_from_page({"type": "sync"})
    wait_until(lambda: len(comm.customs("board")) > before)


def ask(comm: RecordingComm, item: int, message: dict[str, Any], *buffers: bytes) -> None:
    assert comm.deliver is not None
    envelope = {"type": "item", "item": item, "message": message}
    comm.deliver({"content": {"data": {"method": "custom", "content": envelope}}, "buffers": list(buffers)})


def test_a_star_is_kept_acknowledged_and_shown(board: Board, comm: RecordingComm, stars: Stars) -> None:
    comm.message_from_page({"type": "star", "id": 7, "item": 3, "starred": True})
    wait_until(lambda: comm.customs("ack"))
    assert comm.customs("ack")[0]["id"] == 7
    wait_until(lambda: comm.updates("snapshot")[-1]["rows"][3]["starred"])
    assert [take.operation_id for take in board.picks] == ["op3"]


def test_a_star_that_cannot_be_written_down_is_taken_back_with_a_notice(
    board: Board, comm: RecordingComm, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("in the way")
    comm.message_from_page({"type": "star", "id": 7, "item": 3, "starred": True})
    wait_until(lambda: comm.updates("snapshot")[-1]["notice"])
    assert "could not be written" in comm.updates("snapshot")[-1]["notice"]
    assert board.picks == ()


def test_a_star_of_another_board_shows_here_too(board: Board, comm: RecordingComm, stars: Stars) -> None:
    stars.set(board[5].key, True)
    wait_until(lambda: comm.updates("snapshot")[-1]["rows"][5]["starred"])


def test_an_opened_card_is_told_its_whole_state_and_the_others_nothing(
    board: Board, comm: RecordingComm
) -> None:
    ask(comm, 2, {"type": "sync", "page": 0.5})
    wait_until(lambda: item_messages(comm, 2, "state"))
    assert item_messages(comm, 2, "state")[0]["snapshot"]["operation_id"] == "op2"
    assert {sent["item"] for sent in comm.customs("item")} == {2}


def test_an_opened_card_stops_resumes_and_takes_a_key(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(comm, 2, {"type": "stop", "id": 1})
    ask(comm, 2, {"type": "key", "id": 2, "key": "canary-key"})
    wait_until(lambda: len(item_messages(comm, 2, "ack")) == 2)
    assert watches[2].calls == ["stop", "resume"]
    assert watches[3].calls == []
    assert "canary-key" not in repr((comm.sent, board.get_state(), caplog.text))


def test_a_video_goes_to_the_cards_that_want_it_and_to_no_other(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    comm.message_from_page({"type": "wanted", "items": [1], "page": 0.5})
    watches[1].move(finished(place(tmp_path, "1"), b"one"))
    watches[2].move(finished(place(tmp_path, "2"), b"two"))
    wait_until(lambda: item_messages(comm, 1, "chunk"))
    assert [bytes(chunk["buffers"][0]) for chunk in item_messages(comm, 1, "chunk")] == [b"one"]
    settle(comm)
    assert {sent["item"] for sent in comm.customs("item")} == {1}


def test_a_card_that_left_the_view_gets_nothing_more_unless_it_asks(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    comm.message_from_page({"type": "wanted", "items": [1], "page": 0.5})
    settle(comm)
    comm.message_from_page({"type": "wanted", "items": [], "page": 0.5})
    watches[1].move(finished(tmp_path, b"one"))
    settle(comm)
    assert item_messages(comm, 1, "chunk") == []
    ask(comm, 1, {"type": "pull", "sample": 0, "generation": 0, "chunks": [0]})
    wait_until(lambda: item_messages(comm, 1, "chunk"))


def test_a_page_takes_no_video_from_another_that_wants_it(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    comm.message_from_page({"type": "wanted", "items": [1], "page": 0.5})
    comm.message_from_page({"type": "wanted", "items": [2], "page": 0.25})
    settle(comm)
    comm.message_from_page({"type": "wanted", "items": [], "page": 0.25})
    watches[1].move(finished(place(tmp_path, "1"), b"one"))
    watches[2].move(finished(place(tmp_path, "2"), b"two"))
    wait_until(lambda: item_messages(comm, 1, "chunk"))
    settle(comm)
    assert item_messages(comm, 2, "chunk") == []


def test_a_card_that_goes_with_its_page_takes_nothing_from_a_page_that_wants_it(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    ask(comm, 1, {"type": "sync", "page": 0.75})
    comm.message_from_page({"type": "wanted", "items": [1], "page": 0.25})
    ask(comm, 1, {"type": "gone", "page": 0.75})
    watches[1].move(finished(tmp_path, b"one"))
    wait_until(lambda: item_messages(comm, 1, "chunk"))


def test_a_board_on_its_way_to_a_page_has_its_first_cards_in_view(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    board._page.shown()
    watches[0].move(finished(place(tmp_path, "0"), b"first"))
    watches[19].move(finished(place(tmp_path, "19"), b"last"))
    wait_until(lambda: item_messages(comm, 0, "chunk"))
    settle(comm)
    assert item_messages(comm, 19, "chunk") == []


def test_a_picture_is_kept_told_and_handed_to_every_page_that_asks(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    watches[4].move(finished(tmp_path))
    ask(comm, 4, {"type": "poster", "sample": 0, "generation": 0}, JPEG)
    wait_until(lambda: comm.updates("snapshot")[-1]["rows"][4]["pictured"])
    comm.message_from_page({"type": "pictures", "items": [3, 4]})
    wait_until(lambda: comm.customs("picture"))
    settle(comm)
    assert [(sent["item"], bytes(sent["buffers"][0])) for sent in comm.customs("picture")] == [(4, JPEG)]


def test_what_is_no_picture_is_not_kept(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    watches[4].move(finished(tmp_path))
    ask(comm, 4, {"type": "poster", "sample": 0, "generation": 0}, b"<svg onload=...>")
    settle(comm)
    assert not comm.customs("board")[-1]["board"]["rows"][4]["pictured"]


@pytest.mark.parametrize(
    "message",
    [
        None,
        "sync",
        {"type": "star", "id": 1, "item": 20, "starred": True},
        {"type": "star", "id": 1, "item": -1, "starred": True},
        {"type": "star", "id": 1, "item": 1, "starred": "yes"},
        {"type": "wanted", "items": [0, 20], "page": 0.5},
        {"type": "wanted", "items": "all", "page": 0.5},
        {"type": "wanted", "items": [0]},
        {"type": "pictures", "items": list(range(20)) * 100},
        {"type": "item", "item": True, "message": {"type": "stop", "id": 1}},
        {"type": "item", "item": 1, "message": {"type": "delete"}},
        {"type": "stop", "id": 1},
    ],
)
def test_what_our_page_cannot_have_sent_is_ignored(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, message: object
) -> None:
    comm.message_from_page(message)
    settle(comm)
    assert comm.customs("ack") == []
    assert all(watch.calls == [] for watch in watches)
    assert board.picks == ()


def test_a_closed_board_says_nothing_more(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, stars: Stars
) -> None:
    ask(comm, 2, {"type": "sync", "page": 0.5})
    settle(comm)
    board.close()
    shared_publisher().join(5)
    before = len(comm.sent)
    watches[2].move(STOPPED)
    stars.set(board[2].key, True)
    assert len(comm.sent) == before


def test_a_board_whose_page_is_heard_is_sent_no_video_unasked(
    watches: list[FakeWatch],
    comm: RecordingComm,
    board: Board,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "_DISPLAY_PATIENCE_S", 3600.0)
    for number in range(3):
        watches[number].now = finished(place(tmp_path, str(number)))
    board._page.shown()
    settle(comm)
    monkeypatch.setattr(outbox, "_DISPLAY_PATIENCE_S", 0.0)
    settle(comm)
    assert [sent for sent in comm.customs("item") if sent["message"]["type"] == "chunk"] == []
