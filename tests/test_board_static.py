"""What a saved notebook holds of a board."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from boards import fake_watch
from fake_watch import RUNNING

from rushes.board_snapshot import BoardSnapshot, take_board_snapshot
from rushes.board_static import board_html, board_text
from rushes.errors import OperationFailedError
from rushes.latency import prior_latency
from rushes.operation import Operation
from rushes.poster import Poster
from rushes.stars import Stars
from rushes.take import Take
from rushes.watch_state import SampleState, WatchState

ENDED = replace(RUNNING, status="succeeded", finished_at=1_700_000_102.0, ended_at=1_700_000_102.0)
FAILED = replace(
    RUNNING,
    status="failed",
    ended_at=1_700_000_010.0,
    error=OperationFailedError(13, "https://secret.example"),
)
POSTER = Poster(b"\xff\xd8\xff\xe0")


def board(*states: WatchState, label: str | None = "storm & <b>calm</b>") -> BoardSnapshot:
    takes = []
    for number, state in enumerate(states):
        watch = fake_watch(number, label)
        watch.move(state)
        takes.append((Take(watch, Stars()), state))
    return take_board_snapshot(takes, set(), notice=None, version=1, now=1_700_000_103.0)


def test_it_tells_each_outcome_and_counts_them() -> None:
    html = board_html(board(ENDED, ENDED, FAILED))
    assert "3 operations: 2 finished, 1 failed" in html
    assert html.count("<td>storm &amp; &lt;b&gt;calm&lt;/b&gt;<td>Finished after 1 min 42 s") == 2
    assert "<b>calm" not in html
    assert "secret" not in html


def test_while_it_runs_it_says_what_stays_true() -> None:
    assert re.search(r"<td>Started 2023-11-1\d \d\d:\d\d UTC", board_html(board(RUNNING)))


def test_it_says_how_many_videos_there_are_and_how_to_play_them() -> None:
    ready = SampleState("ready")
    html = board_html(board(replace(ENDED, samples=(ready, ready, ready)), FAILED))
    assert "<td>Finished after 1 min 42 s, 3 videos<" in html
    assert "<div>Re-run the cell to play the videos.</div>" in html
    assert "to play the video." in board_html(board(replace(ENDED, samples=(ready,))))


def test_it_says_how_to_go_on_with_what_was_not_watched_to_its_end() -> None:
    stopped = replace(RUNNING, status="stopped", ended_at=1_700_000_011.9)
    html = board_html(board(stopped, replace(ENDED, samples=(SampleState("ready"),))))
    assert "<td>The watch was stopped after 11 s<" in html
    assert "<div>Re-run the cell to play the video and to watch on.</div>" in html
    assert "<div>Re-run the cell to watch on.</div>" in board_html(board(RUNNING))
    assert "Re-run" not in board_html(board(FAILED))


def test_without_a_label_the_operation_is_named() -> None:
    assert "<td>op0<td>" in board_html(board(ENDED, label=None))


def test_the_text_is_one_line() -> None:
    assert board_text(board(ENDED, RUNNING)) == "2 operations: 1 finished, 1 started"


def test_what_has_not_ended_is_counted_in_words_that_stay_true() -> None:
    assert "3 operations: 1 finished, 1 failed, 1 started" in board_html(board(ENDED, FAILED, RUNNING))
    assert board_text(board(WatchState())) == "1 operation: 1 started"


@pytest.mark.parametrize("label", ["take", "x" * 300, "\u2603" * 120, '"<&>' * 40])
def test_a_hundred_operations_take_less_than_4_kb(label: str) -> None:
    html = board_html(board(*[ENDED] * 99, FAILED, label=label))
    assert len(json.dumps(html)) < 4000
    more = re.search(r"and (\d+) more<td>(.*?)</table>", html)
    assert more is not None
    assert html.count("<tr>") == 100 - int(more[1]) + 1
    assert "1 failed" in more[2]


def test_pictures_stand_with_their_names() -> None:
    html = board_html(board(ENDED, ENDED), [(1, POSTER)])
    assert html.count("<img") == 1
    assert 'alt="storm &amp; &lt;b&gt;calm&lt;/b&gt;" src="data:image/jpeg;base64,' in html


def test_operations_of_one_model_share_their_estimate() -> None:
    known = replace(
        RUNNING,
        created_at=RUNNING.started_at,
        latency=prior_latency("veo-3.1", "https://api.gptproto.com"),
        operation=Operation("operations/x", "veo-3.1", "x", False, "running"),
    )
    taken = board(known, known, RUNNING, ENDED)
    assert [row["estimate"] for row in taken["rows"]] == [0, 0, None, None]
    [estimate] = taken["estimates"]
    assert estimate["steps"]
