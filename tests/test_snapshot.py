from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.errors import (
    AuthenticationError,
    CredentialsError,
    NetworkError,
    NoVideoError,
    OperationFailedError,
    OperationFilteredError,
    RushesError,
    SaveError,
    ServerError,
    WatchStoppedError,
)
from rushes.operation import Operation, Video
from rushes.snapshot import Caption, Snapshot, resent, same_news, take_snapshot
from rushes.transfer import CHUNK_BYTES
from rushes.watch_state import Retry, SampleState, WatchState

CAPTION = Caption(model_name="veo-3.1", operation_id="op1", provider="GPTProto")
RUNNING = WatchState(status="running", attempt=1, started_at=1_000.0)


def taken(
    state: WatchState, caption: Caption = CAPTION, *, version: int = 1, now: float = 1_010.5
) -> Snapshot:
    return take_snapshot(state, caption, version=version, now=now)


def operation(**fields: object) -> Operation:
    return Operation(
        **{
            "name": "operations/op1",
            "model_name": "veo-3.1",
            "operation_id": "op1",
            "done": True,
            "status": "succeeded",
        }
        | fields  # type: ignore[arg-type]
    )


def test_a_running_watch_says_since_when_in_milliseconds() -> None:
    snapshot = taken(replace(RUNNING, polls=3, last_poll_at=1_009.0, next_poll_at=1_014.25))
    assert snapshot["clock"] == {
        "source": "watch",
        "started_at_ms": 1_000_000,
        "sent_at_ms": 1_010_500,
        "total_ms": None,
    }
    assert snapshot["polls"] == {"count": 3, "last_at_ms": 1_009_000, "next_at_ms": 1_014_250}
    assert (snapshot["can_stop"], snapshot["can_resume"], snapshot["error"]) == (True, False, None)


def test_time_is_counted_from_the_operation_where_the_provider_tells_its_beginning() -> None:
    clock = taken(replace(RUNNING, created_at=940.0))["clock"]
    assert clock is not None
    assert (clock["source"], clock["started_at_ms"]) == ("operation", 940_000)


def test_the_total_is_the_generation_s_own_time_without_the_download() -> None:
    clock = taken(replace(RUNNING, status="succeeded", finished_at=1_060.0, ended_at=1_075.0))["clock"]
    assert clock is not None
    assert clock["total_ms"] == 60_000


def test_no_total_is_made_up_for_an_operation_whose_end_nobody_saw() -> None:
    assert taken(replace(RUNNING, status="succeeded", ended_at=90_000.0))["clock"] is None


def test_a_stopped_watch_keeps_the_time_at_which_it_stopped() -> None:
    clock = taken(replace(RUNNING, status="stopped", ended_at=1_030.0, error=WatchStoppedError()))["clock"]
    assert clock is not None
    assert clock["total_ms"] == 30_000


def test_a_refused_watch_tells_no_time_of_an_operation_that_it_could_not_read() -> None:
    refused = replace(
        RUNNING, status="failed", ended_at=1_000.2, error=CredentialsError("There is no API key.")
    )
    assert taken(refused)["clock"] is None


@pytest.mark.parametrize("status", ["failed", "succeeded"])
def test_a_failure_whose_beginning_and_end_nobody_saw_is_told_without_a_time(status: str) -> None:
    over = operation(status=status)  # by the first poll: it failed, or its file has expired
    failed = replace(
        RUNNING, status="failed", operation=over, ended_at=1_000.4, error=OperationFailedError(13)
    )
    assert taken(failed)["clock"] is None
    assert taken(replace(failed, created_at=940.0))["clock"] is None


def test_a_failure_that_was_seen_has_the_time_of_the_generation() -> None:
    seen = replace(RUNNING, status="failed", operation=operation(status="failed"), finished_at=1_040.0)
    clock = taken(seen)["clock"]
    assert clock is not None
    assert clock["total_ms"] == 40_000


def test_a_watch_that_has_not_begun_has_no_clock() -> None:
    assert taken(WatchState())["clock"] is None


def test_reconnecting_names_the_reason_and_the_next_try() -> None:
    snapshot = taken(replace(RUNNING, retry=Retry("No answer within 30 s.", at=1_020.0)))
    assert snapshot["retry"] == {"reason": "No answer within 30 s", "next_at_ms": 1_020_000}


def test_a_partial_filter_says_how_many_of_how_many() -> None:
    partly = operation(videos=(Video("a"), Video("b")), filtered_count=2, filtered_reasons=("faces",))
    snapshot = taken(replace(RUNNING, status="succeeded", operation=partly))
    assert snapshot["filtered"] == {"count": 2, "total": 4, "reasons": ["faces"]}
    assert snapshot["warnings"] == []


def test_a_filter_without_a_number_makes_up_none() -> None:
    withheld = operation(status="filtered", filtered_reasons=("content policy",))
    snapshot = taken(replace(RUNNING, status="filtered", operation=withheld))
    assert snapshot["filtered"] == {"count": 0, "total": 0, "reasons": ["content policy"]}


def test_reasons_beside_a_whole_set_of_videos_are_warnings() -> None:
    silent = operation(videos=(Video("a"),), filtered_reasons=("The audio was removed.",))
    snapshot = taken(replace(RUNNING, status="succeeded", operation=silent))
    assert (snapshot["filtered"], snapshot["warnings"]) == (None, ["The audio was removed."])


@pytest.mark.parametrize(
    ("error", "message", "detail"),
    [
        (
            AuthenticationError(401, "401", "Invalid signature", provider="GPTProto"),
            "GPTProto answered HTTP 401. The API key was not accepted.",
            "Invalid signature",
        ),
        (
            ServerError(500, None, "It broke!", provider="GPTProto"),
            "GPTProto answered HTTP 500. The endpoint has trouble of its own; this usually passes.",
            "It broke!",
        ),
        (OperationFailedError(13, "Internal."), "The generation failed (code 13).", "Internal."),
        (OperationFailedError(13), "The generation failed (code 13) and gave no reason.", None),
        (
            OperationFilteredError(("One", "Two.")),
            "The provider's safety filter withheld the video.",
            None,
        ),
        (NoVideoError(), "The operation finished without a video.", None),
        (NetworkError("No answer."), "No answer.", None),
    ],
)
def test_an_error_keeps_our_words_and_the_provider_s_apart(
    error: RushesError, message: str, detail: str | None
) -> None:
    info = taken(replace(RUNNING, status="failed", error=error))["error"]
    assert info == {
        "kind": type(error).__name__,
        "message": message,
        "detail": detail,
        "next_step": error.next_step,
        "help_url": error.help_url,
    }


def test_a_missing_key_asks_for_one() -> None:
    assert taken(replace(RUNNING, status="failed", error=CredentialsError("There is no API key.")))[
        "needs_key"
    ]


def test_a_sample_tells_how_it_is_cut_and_never_where_it_is_kept(tmp_path: Path) -> None:
    ready = SampleState(
        state="ready",
        bytes_done=9,
        bytes_total=9,
        path=tmp_path / "sample-1.mp4",
        sha256="ab",
        width=720,
        height=1280,
        video_codec="avc1.640028",
        frame_duration_s=1 / 24,
    )
    snapshot = taken(
        replace(RUNNING, status="succeeded", samples=(ready, replace(ready, mime_type="video/webm")))
    )
    first, second = snapshot["samples"]
    assert first == {
        "state": "ready",
        "generation": 0,
        "bytes_done": 9,
        "bytes_total": 9,
        "chunk_bytes": CHUNK_BYTES,
        "mime_type": "video/mp4",
        "file_name": "op1.mp4",
        "saved_to": None,
        "sha256": "ab",
        "width": 720,
        "height": 1280,
        "video_codec": "avc1.640028",
        "audio_codec": None,
        "frame_duration_s": 1 / 24,
    }
    assert (second["file_name"], second["mime_type"]) == ("op1-2.mp4", "video/webm")
    assert str(tmp_path) not in json.dumps(snapshot)


def test_a_file_that_the_user_asked_for_is_named_without_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def shown(path: Path) -> str | None:
        sample = SampleState(state="ready", bytes_done=1, bytes_total=1, saved_to=path)
        return taken(replace(RUNNING, samples=(sample,)))["samples"][0]["saved_to"]

    assert shown(tmp_path / "here" / "clip.mp4") == "here/clip.mp4"
    assert shown(tmp_path.parent / "elsewhere" / "clip.mp4") == "clip.mp4"


def test_a_file_below_a_link_where_the_kernel_runs_is_named_by_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, disk = tmp_path / "here", tmp_path / "disk"
    here.mkdir()
    disk.mkdir()
    try:
        (here / "clips").symlink_to(disk, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    monkeypatch.chdir(here)
    sample = SampleState(state="ready", bytes_done=1, bytes_total=1, saved_to=here / "clips" / "a.mp4")
    assert taken(replace(RUNNING, samples=(sample,)))["samples"][0]["saved_to"] == "clips/a.mp4"


def test_the_next_moment_alone_is_no_news() -> None:
    first, later = taken(RUNNING, version=1, now=1_001.0), taken(RUNNING, version=2, now=1_002.0)
    assert same_news(first, later)
    assert not same_news(first, taken(replace(RUNNING, polls=1), version=2))
    assert first["version"] == 1


def test_a_snapshot_sent_again_says_when() -> None:
    again = resent(taken(RUNNING, now=1_001.0), 1_008.0)
    assert again["clock"] is not None
    assert again["clock"]["sent_at_ms"] == 1_008_000
    assert same_news(again, taken(RUNNING))


@given(
    st.builds(
        WatchState,
        status=st.sampled_from(["idle", "running", "downloading", "succeeded", "empty", "failed", "stopped"]),
        started_at=st.floats(0, 4e9),
        created_at=st.none() | st.floats(0, 4e9),
        finished_at=st.none() | st.floats(0, 4e9),
        ended_at=st.none() | st.floats(0, 4e9),
        polls=st.integers(0, 10**6),
    )
)
def test_any_state_makes_json_with_no_negative_time(state: WatchState) -> None:
    snapshot = taken(state)
    json.dumps(snapshot, allow_nan=False)
    assert snapshot["clock"] is None or (snapshot["clock"]["total_ms"] or 0) >= 0


def test_no_error_names_the_user_by_the_path_of_their_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", f"{tmp_path}/")
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    error = SaveError(
        f"{tmp_path}/a.mp4 could not be written.", next_step=f"Look at {tmp_path}. Not {tmp_path}x."
    )
    info = taken(replace(RUNNING, status="failed", error=error, ended_at=1.0))["error"]
    assert info is not None
    assert info["message"] == "~/a.mp4 could not be written."
    assert info["next_step"] == f"Look at ~. Not …/{tmp_path.name}x."
