from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.errors import (
    AuthenticationError,
    DownloadError,
    NoVideoError,
    OperationFailedError,
    RushesError,
    SaveError,
)
from rushes.operation import Operation, Video
from rushes.poster import Poster
from rushes.snapshot import Caption, take_snapshot
from rushes.static_view import relative_sources, static_html, static_text
from rushes.watch_state import SampleState, WatchState

RUNNING = WatchState(status="running", attempt=1, started_at=1_700_000_000.0)
CAPTION = Caption(
    model_name="veo-3.1", operation_id="op1", provider="GPTProto", key_source="the api_key argument"
)


SUCCEEDED = replace(RUNNING, status="succeeded", finished_at=1_700_000_072.0)
POSTER = Poster(b"\xff\xd8\xff\xe0")


def html(
    state: WatchState,
    caption: Caption = CAPTION,
    *,
    poster: Poster | None = None,
    sources: Sequence[str] = (),
) -> str:
    return static_html(take_snapshot(state, caption, version=1, now=1_700_000_030.0), poster, sources)


def test_while_it_runs_it_says_what_stays_true() -> None:
    shown = html(RUNNING)
    assert re.search(
        r"Started 2023-11-1\d \d\d:\d\d UTC[+-]\d\d:\d\d; re-run the cell to see the result\.", shown
    )
    assert "veo-3.1" in shown
    assert "op1" in shown
    assert "GPTProto" in shown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SUCCEEDED, "Finished after 1 min 12 s"),
        (replace(RUNNING, status="succeeded"), "Finished."),
        (replace(RUNNING, status="empty", error=NoVideoError()), "Finished without a video."),
        (
            replace(RUNNING, status="failed", error=OperationFailedError(13, "Internal <b>")),
            "The generation failed (code 13). Internal &lt;b&gt;",
        ),
        (
            replace(RUNNING, status="failed", error=AuthenticationError(401, None, "Invalid signature")),
            "The API key was not accepted. Invalid signature",
        ),
    ],
)
def test_afterwards_it_says_how_it_ended_and_why(state: WatchState, words: str) -> None:
    assert words in html(state)


def test_what_a_filter_withheld_is_told_with_its_reasons() -> None:
    operation = Operation(
        "n",
        "veo-3.1",
        "op1",
        True,
        "succeeded",
        (Video("a"), Video("b")),
        filtered_count=2,
        filtered_reasons=("faces",),
    )
    assert "2 of 4 withheld. faces" in html(replace(RUNNING, status="succeeded", operation=operation))


@pytest.mark.parametrize(
    "error",
    [
        SaveError("/home/ada/secret/clip.mp4 exists with other bytes."),
        SaveError(r"C:\Users\ada\secret\clip.mp4 exists."),
        SaveError("'~/secret/clip.mp4' exists."),
        DownloadError(
            "https://ada:secret@host/file?sig=secret did not answer; //host/file?sig=secret neither."
        ),
    ],
)
def test_no_query_of_an_address_and_no_path_is_kept(error: RushesError) -> None:
    shown = html(replace(RUNNING, status="failed", error=error))
    assert "secret" not in shown
    assert "ada" not in shown


def test_an_address_without_a_query_and_the_name_of_a_file_are_kept() -> None:
    error = SaveError(
        "/data/clips/clip.mp4 exists. See https://rushes.example/errors/save-error/ and/or ask."
    )
    shown = html(replace(RUNNING, status="failed", error=error))
    assert "…/clip.mp4 exists. See https://rushes.example/errors/save-error/ and/or ask." in shown


def test_the_key_s_source_and_the_saved_file_are_not_told() -> None:
    assert "api_key" not in html(RUNNING)


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_it_is_escaped_and_small_whatever_the_server_says(reason: str, label: str) -> None:
    operation = Operation("n", "veo-3.1", "op1", True, "filtered", (), filtered_reasons=(reason,))
    shown = html(replace(RUNNING, status="filtered", operation=operation), replace(CAPTION, label=label))
    assert len(shown.encode("utf-8", "replace")) < 8_000
    assert set(re.findall(r"<(/?\w+)", shown)) <= {"div", "/div", "b", "/b", "code", "/code", "br"}


def test_it_is_under_two_kilobytes_in_any_ordinary_case(tmp_path: Path) -> None:
    operation = Operation("n", "m" * 128, "o" * 256, True, "filtered", (), filtered_reasons=("word " * 500,))
    caption = replace(CAPTION, model_name="m" * 128, operation_id="o" * 256, label="label " * 200)
    assert len(html(replace(RUNNING, status="filtered", operation=operation), caption).encode()) < 2_000


def test_the_picture_needs_no_other_file() -> None:
    shown = html(SUCCEEDED, poster=POSTER)
    assert re.search(r'<img alt="[^"]+" src="data:image/jpeg;base64,/9j/4A==" ', shown)
    assert "<video" not in shown
    assert "Re-run the cell to play the video." in shown


def test_a_video_beside_the_notebook_plays_from_where_it_is() -> None:
    shown = html(SUCCEEDED, poster=POSTER, sources=["clips/a%20b.mp4", "clips/a%20b-2.mp4"])
    assert re.findall(r"<video controls [^>]*src=\"([^\"]+)\"", shown) == [
        "clips/a%20b.mp4",
        "clips/a%20b-2.mp4",
    ]
    assert "Re-run" not in shown
    assert shown.count("<video") == shown.count("</video>") == 2


def test_a_video_has_no_address_outside_the_notebook_s_directory(tmp_path: Path) -> None:
    notebook = tmp_path / "notebook"
    paths = [
        notebook / "clips" / "a b#1.mp4",
        tmp_path / "elsewhere.mp4",
        notebook / "x:y.mp4",
        None,
        notebook / ".." / "notebook" / 'quote".mp4',
    ]
    samples = [SampleState(state="ready", saved_to=path) for path in paths]
    assert relative_sources(samples, notebook) == ["clips/a%20b%231.mp4", "x%3Ay.mp4", "quote%22.mp4"]


def test_the_text_for_terminals_is_one_line() -> None:
    text = static_text(take_snapshot(RUNNING, CAPTION, version=1, now=0.0))
    assert text.startswith("veo-3.1 op1: Started ")
    assert "\n" not in text


def test_the_text_for_terminals_says_why_there_is_no_video_still_in_one_line() -> None:
    error = AuthenticationError(401, None, "Invalid\nsignature")
    text = static_text(
        take_snapshot(replace(RUNNING, status="failed", error=error), CAPTION, version=1, now=0.0)
    )
    assert "Failed" in text
    assert "The API key was not accepted. Invalid signature" in text
    assert "\n" not in text
