"""Stopping, resuming, and what a download leaves behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hand_driven import BUCKET, FETCHED, FILE, READY, HandDriven, begun, running, succeeded

from rushes.errors import DownloadError, NetworkError, RushesError, SaveError, WatchStoppedError
from rushes.operation import Video
from rushes.watch_events import PollDue, SendPoll, StartDownload
from rushes.watch_state import SampleState

OTHER = Video(uri="https://api.gptproto.com/files/b:download")
GONE = SampleState("unavailable")


def downloading(*videos: Video) -> HandDriven:
    watch = begun()
    watch.answer(succeeded(*videos))
    return watch


@pytest.mark.parametrize("phase", ["polling", "waiting", "reconnecting", "downloading"])
def test_a_watch_can_be_stopped_in_every_phase_and_resumed(phase: str) -> None:
    watch = begun()
    if phase == "waiting":
        watch.answer(running())
    elif phase == "reconnecting":
        watch.fail(NetworkError("Gone."))
    elif phase == "downloading":
        watch.answer(succeeded())
    watch.passes(3)
    assert watch.stop() == ()
    state = watch.state
    assert (state.status, state.ended_at, state.retry, state.due_at) == ("stopped", watch.wall, None, None)
    assert type(state.error) is WatchStoppedError
    assert state.next_poll_at is None
    assert watch.feed(PollDue()) == ()
    assert watch.stop() == ()
    [action] = watch.start()
    assert isinstance(action, StartDownload if phase == "downloading" else SendPoll)
    assert (watch.state.attempt, watch.state.error, watch.state.ended_at) == (2, None, None)


def test_starting_a_watch_that_runs_changes_nothing() -> None:
    watch = begun()
    before = watch.state
    assert watch.start(1.0) == ()
    assert watch.state is before
    watch.answer(succeeded())
    before = watch.state
    assert watch.start(1.0) == ()
    assert watch.state is before


def test_a_resume_has_the_whole_time_again() -> None:
    watch = begun(60.0)
    watch.passes(60.0)
    watch.answer(running())
    watch.wake()
    watch.answer(running())
    assert watch.state.status == "timed_out"
    watch.passes(1000.0)
    watch.start(60.0)
    assert watch.state.deadline == watch.awake_s + 60.0
    watch.answer(running())
    assert watch.state.status == "running"


def test_a_resume_starts_the_count_of_failures_anew() -> None:
    watch = begun(10.0)
    while watch.state.status == "running":
        watch.fail(NetworkError("Gone."))
        if watch.state.status == "running":
            watch.wake()
    watch.start(10.0)
    watch.fail(NetworkError("Gone."))
    assert (watch.state.status, watch.state.failures) == ("running", 1)


def test_a_network_that_comes_back_late_has_its_grace_in_every_attempt() -> None:
    watch = begun(60.0)
    watch.fail(NetworkError("Gone."))
    watch.stop()
    watch.start(60.0)
    watch.passes(100.0)
    watch.fail(NetworkError("Gone."))
    watch.wake()
    watch.fail(NetworkError("Gone."))
    assert watch.state.status == "running"


def test_the_grace_for_the_network_is_no_longer_than_the_limit_itself() -> None:
    watch = begun(5.0)
    assert watch.state.grace_s == 5.0
    watch.join(6.0)
    assert watch.state.grace_s == 6.0
    watch.stop()
    watch.start(2.0)
    assert watch.state.grace_s == 2.0


def test_what_has_nothing_to_do_with_a_download_leaves_it_alone() -> None:
    watch = downloading()
    before = watch.state
    assert watch.feed(PollDue()) == ()
    assert watch.put_off(10.0) == ()
    assert watch.state is before


def test_what_an_earlier_attempt_asked_for_comes_too_late() -> None:
    watch = begun()
    watch.stop()
    watch.start()
    before = watch.state
    for operation in (running(), succeeded()):
        assert watch.answer(operation, attempt=1) == ()
    assert watch.fail(NetworkError("Gone."), attempt=1) == ()
    assert watch.state is before
    watch.answer(succeeded())
    before = watch.state
    watch.sample(0, READY, attempt=1)
    watch.fetched(FETCHED, attempt=1)
    assert watch.state is before


def test_an_answer_that_nobody_asked_for_changes_nothing() -> None:
    watch = begun()
    watch.answer(running())
    before = watch.state
    assert watch.answer(succeeded()) == ()
    assert watch.fail(NetworkError("Gone.")) == ()
    watch.sample(0, READY)
    watch.fetched(FETCHED)
    assert watch.state is before


def test_a_failed_download_keeps_what_has_arrived_and_is_resumed_without_a_poll() -> None:
    watch = downloading(FILE, OTHER)
    error = DownloadError("Expired.")
    watch.sample(0, READY)
    watch.sample(1, GONE)
    watch.fetched(FETCHED, error=error)
    assert (watch.state.status, watch.state.error, watch.state.videos) == ("failed", error, (FETCHED,))
    assert watch.state.samples == (READY, GONE)
    assert watch.state.can_resume
    polls = watch.state.polls
    operation = watch.state.operation
    assert operation is not None
    assert watch.start() == (StartDownload(2, operation, None),)
    assert watch.state.polls == polls
    assert watch.state.videos == (FETCHED,)
    assert watch.state.samples == (READY, replace(GONE, state="waiting"))


def test_a_download_that_was_stopped_goes_on_from_where_it_was() -> None:
    watch = downloading()
    moving = SampleState("downloading", 2, 5, 10, Path("/data/sample-1.mp4.part"))
    watch.sample(0, moving)
    watch.stop()
    assert "billed" not in str(watch.state.error)  # the generation is over
    assert "what has arrived is kept" in str(watch.state.error)
    assert watch.state.can_resume
    watch.start()
    assert watch.state.samples == (replace(moving, state="waiting"),)
    watch.fetched(error=WatchStoppedError(), attempt=1)
    assert watch.state.status == "downloading"
    watch.fetched(FETCHED)
    assert watch.state.status == "succeeded"


def test_files_that_somebody_removed_are_asked_for_anew() -> None:
    watch = downloading()
    watch.fetched(FETCHED)
    assert watch.start() == (SendPoll(2),)
    assert (watch.state.status, watch.state.videos, watch.state.samples) == ("running", (), ())
    assert watch.state.operation is None


def test_a_video_in_googles_storage_is_a_success_without_a_file() -> None:
    watch = downloading(BUCKET)
    error = DownloadError("It lies in a bucket.", next_step="gcloud storage cp ...")
    watch.sample(0, GONE)
    watch.fetched(error=error)
    assert (watch.state.status, watch.state.videos, watch.state.error) == ("succeeded", (), error)
    assert not watch.state.can_resume


def test_a_video_in_googles_storage_beside_one_that_arrived_is_a_success_too() -> None:
    watch = downloading(FILE, BUCKET)
    watch.sample(0, READY)
    watch.sample(1, GONE)
    watch.fetched(FETCHED, error=DownloadError("It lies in a bucket."))
    assert (watch.state.status, watch.state.videos) == ("succeeded", (FETCHED,))


@pytest.mark.parametrize("error", [DownloadError("Expired."), NetworkError("Gone.")])
def test_a_video_in_googles_storage_does_not_hide_another_that_failed(error: RushesError) -> None:
    watch = downloading(BUCKET, OTHER)
    watch.sample(0, GONE)
    watch.sample(1, GONE)
    watch.fetched(error=error)
    assert watch.state.status == "failed"


def test_a_data_directory_that_cannot_be_written_is_no_success() -> None:
    watch = downloading(BUCKET)
    watch.fetched(error=SaveError("The disk is full."))
    assert watch.state.status == "failed"
