"""The board as Python sees it."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from boards import fake_watch, made_board
from fake_watch import RUNNING, STOPPED, FakeWatch, RecordingComm, finished
from live_watches import live_watches
from timing import wait_until

import rushes
from rushes.board import Board
from rushes.errors import InvalidInputError, NoVideoError
from rushes.publisher import shared_publisher
from rushes.stars import Stars

EMPTY = replace(RUNNING, status="empty", error=NoVideoError(), finished_at=1_700_000_060.0)


@pytest.fixture
def watches() -> list[FakeWatch]:
    return [fake_watch(1, "storm"), fake_watch(2), fake_watch(3, "calm")]


@pytest.fixture
def comm() -> RecordingComm:
    return RecordingComm()


@pytest.fixture
def board(watches: list[FakeWatch], comm: RecordingComm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    board = made_board(watches, comm, monkeypatch)
    yield board
    board.close()
    shared_publisher().join(5)


def place(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_it_is_a_sequence_of_takes_in_the_order_of_the_call(board: Board) -> None:
    assert len(board) == 3
    assert [take.operation_id for take in board] == ["op1", "op2", "op3"]
    assert board[-1].label == "calm"
    assert board[:2] == (board[0], board[1])
    assert repr(board) == "<Board of 3: 3 running>"
    assert repr(board[0]) == "<Take 'storm' veo-3.1 op1: running>"


def test_what_has_ended_is_told_apart(board: Board, watches: list[FakeWatch], tmp_path: Path) -> None:
    watches[0].move(finished(tmp_path))
    watches[1].move(EMPTY)
    assert [take.operation_id for take in board.succeeded] == ["op1"]
    assert [take.operation_id for take in board.failed] == ["op2"]
    assert not board.done
    watches[2].move(STOPPED)
    assert [take.operation_id for take in board.failed] == ["op2", "op3"]
    assert board.done


def test_takes_come_as_they_end(board: Board, watches: list[FakeWatch], tmp_path: Path) -> None:
    watches[2].move(EMPTY)
    coming = board.as_completed(timeout=5)
    assert next(coming).operation_id == "op3"
    threading.Timer(0.05, lambda: watches[0].move(finished(tmp_path))).start()
    assert next(coming).operation_id == "op1"
    watches[1].move(STOPPED)
    assert [take.operation_id for take in coming] == ["op2"]


def test_a_take_that_ends_while_another_is_looked_at_comes_too(
    board: Board, watches: list[FakeWatch], tmp_path: Path
) -> None:
    watches[1].move(EMPTY)
    watches[2].move(EMPTY)
    came = []
    for take in board.as_completed(timeout=5):
        came.append(take.operation_id)
        if len(came) == 1:
            watches[0].move(finished(tmp_path))
    assert came == ["op2", "op3", "op1"]


def test_a_wait_that_is_too_short_says_how_many_are_left(board: Board, watches: list[FakeWatch]) -> None:
    watches[2].move(EMPTY)
    with pytest.raises(TimeoutError, match=r"2 of 3 are not finished after 0\.01 s"):
        board.wait(timeout=0.01)
    assert watches[0].calls == []


def test_waiting_raises_nothing_of_single_takes(board: Board, watches: list[FakeWatch]) -> None:
    for watch in watches:
        watch.move(EMPTY)
    board.wait(timeout=5)
    assert {type(take.error) for take in board} == {NoVideoError}


def test_a_take_hands_out_its_result(board: Board, watches: list[FakeWatch], tmp_path: Path) -> None:
    watches[0].move(finished(tmp_path))
    watches[1].move(EMPTY)
    assert board[0].result(timeout=5) == watches[0].state.videos
    with pytest.raises(NoVideoError):
        board[1].result(timeout=5)
    with pytest.raises(TimeoutError):
        board[2].result(timeout=0.01)


def test_rows_are_what_a_table_takes(board: Board, watches: list[FakeWatch], tmp_path: Path) -> None:
    watches[0].move(finished(tmp_path))
    watches[1].move(EMPTY)
    rows = board.rows
    assert len({tuple(row) for row in rows}) == 1
    first = rows[0]
    assert first["started_at"].isoformat() == "2023-11-14T22:13:20+00:00"  # type: ignore[attr-defined]
    assert {key: first[key] for key in first if key != "started_at"} == {
        "label": "storm",
        "model_name": "veo-3.1",
        "operation_id": "op1",
        "provider": "gptproto",
        "status": "succeeded",
        "starred": False,
        "seconds": 60.0,
        "videos": 1,
        "path": str(tmp_path / "sample-1.mp4"),
        "error": None,
    }
    assert rows[1]["seconds"] == 60.0
    assert "without a video" in str(rows[1]["error"])
    assert rows[2]["seconds"] is None


def test_stop_resume_and_close_reach_every_watch(board: Board, watches: list[FakeWatch]) -> None:
    board.stop()
    board.resume(api_key="canary-key")
    board.close()
    board.close()
    assert [watch.calls for watch in watches] == [["stop", "resume", "close"]] * 3
    assert "canary" not in repr([watch.secrets for watch in watches])


def test_the_trait_follows_the_watches(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, tmp_path: Path
) -> None:
    watches[0].move(finished(tmp_path))
    wait_until(lambda: comm.updates("snapshot")[-1]["rows"][0]["status"] == "succeeded")
    row = comm.updates("snapshot")[-1]["rows"][0]
    assert (row["ready"], row["bytes_done"], row["bytes_total"]) == (1, 10, 10)
    assert comm.updates("snapshot")[-1]["version"] > comm.updates("snapshot")[0]["version"]
    assert board.snapshot == comm.updates("snapshot")[-1]
    assert comm.senders == {"rushes-publisher"}


def test_rows_travel_a_few_times_a_second_however_much_happens(
    board: Board, watches: list[FakeWatch], comm: RecordingComm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rushes.board_page._INTERVAL_S", 3600.0)
    board._page.changed()
    shared_publisher().wake()
    before = len(comm.updates("snapshot"))
    for polls in range(1, 50):
        watches[0].move(replace(RUNNING, polls=polls, retry=None, samples=()))
    asked = {"type": "sync"}
    comm.message_from_page(asked)
    wait_until(lambda: comm.customs("board"))
    assert len(comm.updates("snapshot")) <= before + 1


def test_a_page_cannot_write_the_trait(board: Board, comm: RecordingComm) -> None:
    comm.from_page({"method": "update", "state": {"snapshot": {"version": 99}}, "buffer_paths": []})
    wait_until(lambda: len(comm.updates("snapshot")) > 1)
    assert board.snapshot["version"] != 99
    assert comm.updates("snapshot")[-1]["version"] == board.snapshot["version"]


def test_a_board_is_not_pickled(board: Board) -> None:
    with pytest.raises(TypeError, match=r"board\.rows"):
        pickle.dumps(board)


# On real watches.


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    with live_watches(monkeypatch), rushes.demo_endpoint(seconds=0.1) as endpoint:
        yield {"names": endpoint.create_operation, "base_url": endpoint.base_url, "api_key": endpoint.api_key}


def test_a_whole_shoot_ends_and_its_picks_are_saved_and_outlive_the_board(
    endpoint: dict[str, Any], tmp_path: Path
) -> None:
    create = endpoint.pop("names")
    names = [create(), create(status="filtered"), create()]
    board = rushes.watch_all(names, labels=["storm", None, "calm"], **endpoint)
    board.wait(timeout=30)
    assert [take.status for take in board] == ["succeeded", "filtered", "succeeded"]
    board._page.handle({"type": "star", "id": 1, "item": 2, "starred": True})
    assert board.picks == (board[2],)
    assert [path.name for path in board.save_picks(tmp_path / "picks")] == ["calm.mp4"]
    wait_until(lambda: _starred_on_disk() == 1)
    board.close()
    again = rushes.watch_all(rushes.recent(), **endpoint)
    again.wait(timeout=30)
    assert [(take.label, take.status) for take in again.picks] == [("calm", "succeeded")]
    again.close()


def _starred_on_disk() -> int:
    stars = Stars()
    stars.load()
    return len(stars._starred)


def test_nothing_begins_where_one_entry_is_wrong(endpoint: dict[str, Any]) -> None:
    name = endpoint.pop("names")()
    with pytest.raises(InvalidInputError, match=r"operations\[1\]"):
        rushes.watch_all([name, "operations/"], **endpoint)
    assert rushes.recent() == []


def test_an_operation_that_comes_twice_is_two_takes_of_one_poller(endpoint: dict[str, Any]) -> None:
    name = endpoint.pop("names")()
    board = rushes.watch_all([name, name], **endpoint)
    board.wait(timeout=30)
    assert [take.status for take in board] == ["succeeded", "succeeded"]
    board._page.handle({"type": "star", "id": 1, "item": 0, "starred": True})
    assert len(board.picks) == 2
    board.close()


def test_without_a_key_the_board_stands_and_resumes_with_one(endpoint: dict[str, Any]) -> None:
    names = endpoint.pop("names")
    key = endpoint.pop("api_key")
    board = rushes.watch_all([names(), names()], **endpoint)
    board.wait(timeout=30)
    assert {type(take.error).__name__ for take in board} == {"CredentialsError"}
    board.resume(api_key=key)
    board.wait(timeout=30)
    assert len(board.succeeded) == 2
    board.close()


def test_a_take_can_be_watched_alone(endpoint: dict[str, Any]) -> None:
    name = endpoint.pop("names")()
    board = rushes.watch_all([name], **endpoint)
    board.wait(timeout=30)
    alone = rushes.watch(board[0], api_key=endpoint["api_key"])
    assert alone.result(timeout=30)[0].path == board[0].videos[0].path
    alone.close()
    board.close()
