"""No secret shows on a board: neither one that it was given, nor one that is typed into an opened card."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import canary
import pytest
from faults import FaultServer, json_reply, refused
from live_watches import live_watches

import rushes
from rushes.board import Board
from rushes.details import take_details
from rushes.errors import InvalidInputError
from rushes.publisher import shared_publisher

KEY = "canary+key/0123456789=abcdef"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[FaultServer]:
    caplog.set_level(logging.DEBUG)
    with live_watches(monkeypatch), FaultServer(key=KEY) as server:
        failed = {"name": "operations/op1", "done": True, "error": {"code": 13, "message": f"no {KEY}"}}
        server.operation("veo", "op1", json_reply(failed))
        server.operation("veo", "op2", refused(403, f"invalid token {KEY}"))
        yield server


def watched(server: FaultServer, key: str) -> Board:
    board = rushes.watch_all(["op1", "op2"], model_name="veo", base_url=server.origin, api_key=key, timeout=0)
    board.wait(timeout=30)
    return board


def shown(board: Board) -> list[object]:
    takes = [(repr(take), vars(take), take.error, repr(take.operation)) for take in board]
    reports = [(rushes.report(take), take_details(take._watch)) for take in board]
    return [
        reports,
        board,
        board.rows,
        board.get_state(),
        board._repr_mimebundle_(),
        takes,
        board.trait_values(),
    ]


def test_a_key_that_servers_echo_shows_nowhere(
    server: FaultServer, caplog: pytest.LogCaptureFixture, own_environment: Path
) -> None:
    board = watched(server, KEY)
    try:
        board._page.handle({"type": "star", "id": 1, "item": 0, "starred": True})
        assert {take.status for take in board} == {"failed"}
        assert canary.find(KEY, *shown(board), caplog.text, own_environment) == []
    finally:
        board.close()
        shared_publisher().join(5)


def test_a_key_that_is_typed_into_an_opened_card_shows_nowhere(
    server: FaultServer, caplog: pytest.LogCaptureFixture, own_environment: Path
) -> None:
    board = watched(server, "another-key-0123456789")
    envelope = {"type": "item", "item": 1, "message": {"type": "key", "id": 1, "key": KEY}}
    try:
        board._page.handle(envelope)
        board.wait(timeout=30)
        assert canary.find(KEY, envelope, *shown(board), caplog.text, own_environment) == []
    finally:
        board.close()
        shared_publisher().join(5)


def test_no_traceback_of_a_refused_call_shows_the_key(server: FaultServer) -> None:
    with pytest.raises(InvalidInputError) as caught:
        rushes.watch_all(["op1", "not one"], model_name="veo", base_url=server.origin, api_key=KEY)
    assert canary.verbose_traceback(caught.value)
    assert canary.find(KEY, caught.value) == []
