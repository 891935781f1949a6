from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.errors import (
    AuthenticationError,
    CredentialsError,
    DownloadError,
    NoVideoError,
    OperationFailedError,
    OperationFilteredError,
    OperationNotFoundError,
    RushesError,
    SaveError,
    WatchTimeoutError,
)
from rushes.operation import Operation, Video
from rushes.poster import Poster
from rushes.snapshot import Caption, take_snapshot
from rushes.static_view import duration, moment, relative_sources, static_html, static_text
from rushes.watch_state import SampleState, WatchState

RUNNING = WatchState(status="running", attempt=1, started_at=1_700_000_000.0)
CAPTION = Caption(
    model_name="veo-3.1", operation_id="op1", provider="GPTProto", key_source="the api_key argument"
)


SUCCEEDED = replace(RUNNING, status="succeeded", finished_at=1_700_000_072.0)
POSTER = Poster(b"\xff\xd8\xff\xe0")
READY = SampleState("ready")


@pytest.fixture
def time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the time zone of the kernel."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system takes its time zone from elsewhere")

    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


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
        r"Started 2023-11-1\d \d\d:\d\d UTC([+-]\d\d:\d\d)?; re-run the cell to see the result\.", shown
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


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("failed", OperationFailedError(13, "Internal.")),
        ("failed", OperationNotFoundError(404)),
        ("failed", CredentialsError("There is no API key.")),
        ("failed", DownloadError("The file has expired.", next_step="It must be generated again.")),
        ("failed", DownloadError("It was cut off.")),
        ("empty", NoVideoError()),
        ("filtered", OperationFilteredError(("faces",))),
    ],
)
def test_after_a_bad_end_it_says_once_what_to_do_next(
    status: Literal["failed", "empty", "filtered"], error: RushesError
) -> None:
    operation = Operation("n", "veo-3.1", "op1", True, "filtered", (), filtered_reasons=("faces",))
    state = replace(
        RUNNING, status=status, error=error, operation=operation if status == "filtered" else None
    )
    assert error.next_step
    assert html(state).endswith(f"<br>{escape(error.next_step)}</div>")
    text = static_text(take_snapshot(state, CAPTION, version=1, now=0.0))
    assert text.endswith(f" {error.next_step}")
    assert text.count(error.next_step) == 1


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
    filtered = replace(
        RUNNING, status="filtered", operation=operation, error=OperationFilteredError(("word " * 500,))
    )
    assert len(html(filtered, caption).encode()) < 2_000


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
    assert shown.count("<video") == shown.count("</video>") == 2


def test_a_video_beside_the_notebook_is_named_with_the_way_to_play_it_without_its_file() -> None:
    state = replace(SUCCEEDED, samples=(READY,))
    assert (
        "The video is in my clips/a&amp;b.mp4. Re-run the cell to play the video where this file is missing."
        in html(state, poster=POSTER, sources=["my%20clips/a%26b.mp4"])
    )
    both = html(replace(SUCCEEDED, samples=(READY, READY)), sources=["a.mp4", "a-2.mp4"])
    assert (
        "The videos are in a.mp4, a-2.mp4. Re-run the cell to play the videos where these files are missing."
        in both
    )


def test_the_picture_shows_through_a_player_without_its_file_and_is_kept_once() -> None:
    shown = html(SUCCEEDED, poster=POSTER, sources=["a.mp4"])
    [drawn] = re.findall(r'<video [^>]*poster="data:image/gif;base64,([^"]+)"', shown)
    assert len(drawn) < 80
    assert shown.count(POSTER.data_uri) == 1
    assert shown.index("<img") < shown.index("<video")


def test_the_words_and_players_of_files_stay_small() -> None:
    assert len(html(SUCCEEDED, sources=[f"{'clip' * 60}-{number}.mp4" for number in range(4)])) < 3_000


@pytest.mark.parametrize(
    ("samples", "told", "to_play"),
    [
        ([READY], "UTC).", "Re-run the cell to play the video."),
        ([READY, READY, READY], "UTC): 3 videos.", "Re-run the cell to play the videos."),
        ([READY, SampleState("gone"), SampleState("unavailable")], ": 2 videos.", "to play the videos."),
        ([SampleState("unavailable")], "UTC).", None),
    ],
)
def test_videos_are_counted(
    samples: list[SampleState], told: str, to_play: str | None, time_zone: Callable[[str], None]
) -> None:
    time_zone("UTC")
    shown = html(replace(SUCCEEDED, samples=tuple(samples)), poster=POSTER)
    assert told in shown
    assert to_play in shown if to_play else "Re-run" not in shown


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["ready", "unavailable"], "Failed. 1 of 2 videos was downloaded; re-run the cell to play it."),
        (["ready", "unavailable", "ready"], "2 of 3 videos were downloaded; re-run the cell to play them."),
        (["unavailable", "unavailable"], None),
        (["ready"], None),  # it could not be copied
    ],
)
def test_videos_that_came_before_another_failed_are_told(
    states: list[Literal["ready", "unavailable"]], told: str | None
) -> None:
    samples = tuple(SampleState(state) for state in states)
    shown = html(replace(RUNNING, status="failed", samples=samples, error=DownloadError("It expired.")))
    assert told in shown if told else "downloaded;" not in shown


def test_a_watch_that_was_stopped_says_so_once_and_how_to_go_on(time_zone: Callable[[str], None]) -> None:
    time_zone("UTC")
    stopped = replace(RUNNING, status="stopped", ended_at=1_700_000_011.9, error=RUNNING.stop_error)
    told = (
        "The watch was stopped after 11 s (watched since 2023-11-14 22:13 UTC); the generation went on and may be "
        "billed. Re-run the cell to watch on."
    )
    assert html(stopped).endswith(f"<br>{told}</div>")
    assert static_text(take_snapshot(stopped, CAPTION, version=1, now=0.0)) == f"veo-3.1 op1: {told}"


def test_a_download_that_was_stopped_says_that_the_generation_was_not(
    time_zone: Callable[[str], None],
) -> None:
    time_zone("UTC")
    downloading = replace(
        SUCCEEDED,
        status="downloading",
        created_at=SUCCEEDED.started_at,
        samples=(SampleState("downloading"),),
        polls=1,
    )
    shown = html(
        replace(downloading, status="stopped", ended_at=1_700_000_080.0, error=downloading.stop_error)
    )
    assert shown.endswith(
        "<br>The download was stopped (the generation started 2023-11-14 22:13 UTC); what has arrived is kept. "
        "Re-run the cell to go on with it.</div>"
    )


def test_the_start_of_a_watch_that_gave_up_is_not_called_the_generation_s(
    time_zone: Callable[[str], None],
) -> None:
    time_zone("UTC")
    stopped = replace(RUNNING, status="stopped", ended_at=1_700_000_011.9)
    assert "after 11 s (watched since 2023-11-14 22:13 UTC);" in html(stopped)
    known = replace(stopped, created_at=1_699_999_940.0)
    assert "after 1 min 11 s (started 2023-11-14 22:12 UTC);" in html(known)
    download = replace(stopped, samples=(SampleState("downloading"),))
    assert "was stopped (watched since 2023-11-14 22:13 UTC); what" in html(download)


def test_a_failure_that_was_over_before_the_watch_is_told_without_a_time() -> None:
    over = Operation("n", "veo-3.1", "op1", True, "failed")
    failed = replace(RUNNING, status="failed", operation=over, ended_at=1_700_000_000.4)
    assert "<br>Failed.<" in html(failed)


def test_a_watch_whose_time_was_up_says_so_once_and_how_to_go_on(time_zone: Callable[[str], None]) -> None:
    time_zone("UTC")
    timed_out = replace(RUNNING, status="timed_out", ended_at=1_700_000_060.0, error=WatchTimeoutError())
    assert html(timed_out).endswith(
        "<br>The watch&#x27;s time was up after 1 min 0 s (watched since 2023-11-14 22:13 UTC); the generation went "
        "on. Re-run the cell to watch on.</div>"
    )


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "2023-11-14 22:13 UTC"),
        ("XXX-5:30", "2023-11-15 03:43 UTC+05:30"),
        ("XXX3", "2023-11-14 19:13 UTC-03:00"),
    ],
)
def test_a_moment_names_its_time_zone(zone: str, told: str, time_zone: Callable[[str], None]) -> None:
    time_zone(zone)
    assert moment(1_700_000_000_000) == told


def test_seconds_are_those_that_have_passed_as_on_the_card() -> None:
    assert [duration(ms) for ms in (0, 999, 4_999, 59_999, 60_000, 119_500)] == [
        "0 s",
        "0 s",
        "4 s",
        "59 s",
        "1 min 0 s",
        "1 min 59 s",
    ]
    words_ts = (Path(__file__).parents[1] / "js" / "src" / "words.ts").read_text(encoding="utf-8")
    rule = re.search(r"\n  elapsed\(ms: number\): string \{\n    const seconds = (.+);\n", words_ts)
    assert rule is not None
    assert rule[1] == "Math.floor(ms / 1000)"


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


def test_a_video_below_a_link_in_the_notebook_s_directory_plays_from_there(tmp_path: Path) -> None:
    notebook, disk = tmp_path / "notebook", tmp_path / "disk"
    notebook.mkdir()
    disk.mkdir()
    try:
        (notebook / "clips").symlink_to(disk, target_is_directory=True)
        (tmp_path / "linked").symlink_to(notebook, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    paths = [
        notebook / "clips" / "a.mp4",
        tmp_path / "linked" / "b.mp4",
        disk / "c.mp4",
        notebook / ".." / "disk" / "d.mp4",
    ]
    samples = [SampleState(state="ready", saved_to=path) for path in paths]
    assert relative_sources(samples, notebook) == ["clips/a.mp4", "b.mp4"]


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
