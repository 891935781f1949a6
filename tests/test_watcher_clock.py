"""How long a generation has been running, and took: never a figure that is made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_driven import BEGIN, FILE, HandDriven, at, filtered, running, succeeded
from hypothesis import given
from hypothesis import strategies as st

from rushes.errors import DownloadError, NetworkError
from rushes.operation import Operation
from rushes.watch_events import StartDownload
from rushes.watch_state import SampleState
from rushes.watcher import Now, restored

FETCHED = FILE.with_path(Path("/data/sample-1.mp4"))


def asked() -> HandDriven:
    watch = HandDriven()
    watch.start()
    return watch


def test_elapsed_counts_from_the_operations_own_beginning() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN - 40)), date=at(BEGIN))
    assert watch.state.clock == ("operation", BEGIN - 40)


def test_a_beginning_is_taken_as_it_is_where_the_server_does_not_tell_its_time() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN - 40)))
    assert watch.state.clock == ("operation", BEGIN - 40)


def test_without_a_beginning_it_counts_from_the_watchs_and_says_so() -> None:
    watch = asked()
    watch.answer(running())
    assert watch.state.clock == ("watch", BEGIN)


@pytest.mark.parametrize("skew_s", [-86_400.0, -30.0, 30.0, 5 * 365 * 86_400.0])
def test_a_server_whose_clock_is_wrong_is_read_by_its_own_date(skew_s: float) -> None:
    watch = asked()
    watch.answer(running(at(BEGIN + skew_s - 40)), date=at(BEGIN + skew_s))
    source, started_at = watch.state.clock
    assert source == "operation"
    assert started_at == pytest.approx(BEGIN - 40, abs=1.0)


@given(st.floats(0.0, 0.999), st.floats(0.0, 100.0))
def test_the_whole_seconds_of_a_date_cost_no_accuracy_where_the_clocks_agree(
    fraction: float, age_s: float
) -> None:
    watch = HandDriven(wall=BEGIN + fraction)
    watch.start()
    watch.answer(running(at(BEGIN + fraction - age_s)), date=at(BEGIN))
    assert watch.state.clock[1] == pytest.approx(BEGIN + fraction - age_s, abs=1e-3)


@pytest.mark.parametrize(
    "created", [at(BEGIN + 3600), at(BEGIN - 30 * 86_400), at(1_737_244_800), at(0), at(250_000_000_000)]
)
def test_an_absurd_beginning_is_not_believed(created: object) -> None:
    watch = asked()
    watch.answer(running(created), date=at(BEGIN))  # type: ignore[arg-type]
    assert watch.state.clock == ("watch", BEGIN)


def test_a_beginning_a_moment_ahead_is_now() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN + 2)))
    assert watch.state.clock == ("operation", BEGIN)


def test_the_beginning_does_not_move_with_later_answers() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN - 40)), date=at(BEGIN))
    watch.wake()
    watch.answer(running(at(BEGIN - 40)), date=at(watch.wall + 7))
    assert watch.state.clock == ("operation", BEGIN - 40)


def test_a_beginning_that_is_told_late_counts_all_the_same() -> None:
    watch = asked()
    watch.answer(running())
    watch.wake()
    watch.answer(running(at(BEGIN - 40)), date=at(watch.wall))
    assert watch.state.clock[0] == "operation"


def test_the_total_ends_when_we_saw_the_end() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN - 40)), date=at(BEGIN))
    watch.wake()
    [action] = watch.answer(succeeded(created=at(BEGIN - 40)))
    assert isinstance(action, StartDownload)
    assert action.total_s == pytest.approx(watch.wall - BEGIN + 40)
    watch.passes(60)
    watch.fetched(FETCHED)
    assert watch.state.total_s == action.total_s  # the download is not part of the generation


def test_the_total_of_an_operation_that_was_finished_before_is_the_providers() -> None:
    watch = asked()
    began = BEGIN - 20 * 3600
    watch.answer(succeeded(created=at(began), updated=at(began + 73)), date=at(BEGIN))
    assert watch.state.total_s == pytest.approx(73)


@pytest.mark.parametrize(
    "operation",
    [
        succeeded(),
        filtered(),
        succeeded(created=at(BEGIN - 100)),
        succeeded(updated=at(BEGIN - 100)),
        succeeded(created=at(BEGIN - 100), updated=at(BEGIN - 100)),
        succeeded(created=at(BEGIN - 100), updated=at(BEGIN - 200)),
        succeeded(created=at(BEGIN - 100), updated=at(BEGIN + 3600)),
        succeeded(created=at(1_737_244_800), updated=at(1_737_244_900)),
    ],
)
def test_the_total_is_not_told_where_nobody_knows_it(operation: Operation) -> None:
    watch = asked()
    watch.answer(operation, date=at(BEGIN))
    assert watch.state.total_s is None


def test_a_poll_that_failed_has_not_seen_the_operation_run() -> None:
    watch = asked()
    watch.fail(NetworkError("Gone."))
    watch.wake()
    watch.answer(succeeded(created=at(BEGIN - 20 * 3600)), date=at(watch.wall))
    assert watch.state.total_s is None


def test_a_night_asleep_is_not_part_of_the_generation() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN)), date=at(BEGIN))
    watch.sleeps(9 * 3600)
    watch.wake()
    watch.answer(succeeded(created=at(BEGIN), updated=at(BEGIN + 80)), date=at(watch.wall))
    assert watch.state.total_s == pytest.approx(80, abs=1.0)


def test_a_night_asleep_leaves_the_total_unknown_where_the_provider_does_not_tell() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN)), date=at(BEGIN))
    watch.sleeps(9 * 3600)
    watch.wake()
    watch.answer(succeeded(created=at(BEGIN)), date=at(watch.wall))
    assert watch.state.total_s is None


@pytest.mark.parametrize(
    ("end_s", "is_told"),
    [(100 - 6, False), (100 - 4, True), (9 * 3600 + 100 + 4, True), (9 * 3600 + 100 + 6, False)],
)
def test_the_providers_end_counts_between_when_we_saw_it_run_and_now(end_s: float, is_told: bool) -> None:
    watch = asked()
    watch.passes(100)
    watch.answer(running(at(BEGIN)), date=at(watch.wall))
    asleep_s = 9 * 3600 + watch.awake_s - (watch.wakes_at or 0.0)
    watch.sleeps(asleep_s)
    watch.wake()
    watch.answer(succeeded(created=at(BEGIN), updated=at(BEGIN + end_s)), date=at(watch.wall))
    assert watch.state.total_s == (pytest.approx(end_s, abs=1.0) if is_told else None)


def test_a_generation_of_less_than_a_second_has_a_total() -> None:
    watch = asked()
    watch.answer(succeeded(created=at(BEGIN - 100), updated=at(BEGIN - 99.5)), date=at(BEGIN))
    assert watch.state.total_s == pytest.approx(0.5)


def test_an_update_from_before_we_saw_it_run_is_not_its_end() -> None:
    watch = asked()
    watch.passes(50)
    watch.answer(running(at(BEGIN)), date=at(watch.wall))
    watch.sleeps(9 * 3600)
    watch.wake()
    watch.answer(succeeded(created=at(BEGIN), updated=at(BEGIN + 1)), date=at(watch.wall))
    assert watch.state.total_s is None


def test_an_hour_that_the_watch_was_stopped_is_not_observed() -> None:
    watch = asked()
    watch.answer(running(at(BEGIN)), date=at(BEGIN))
    watch.stop()
    watch.passes(3600)
    watch.start()
    watch.answer(succeeded(created=at(BEGIN)), date=at(watch.wall))
    assert watch.state.total_s is None


def test_a_resumed_download_keeps_the_total() -> None:
    watch = asked()
    watch.answer(running())
    watch.wake()
    watch.answer(succeeded())
    total_s = watch.state.total_s
    assert total_s is not None
    assert total_s > 2
    watch.fetched(error=DownloadError("Cut off."))
    watch.passes(500)
    [action] = watch.start()
    assert isinstance(action, StartDownload)
    assert action.total_s == watch.state.total_s == total_s


def test_a_resume_counts_from_the_first_start_because_the_generation_went_on() -> None:
    watch = asked()
    watch.answer(running())
    watch.stop()
    watch.passes(30)
    watch.start()
    watch.answer(running())
    assert watch.state.clock == ("watch", BEGIN)


@pytest.mark.parametrize("total_s", [None, 73.0])
def test_videos_that_are_kept_are_a_success_from_the_start(total_s: float | None) -> None:
    operation = succeeded(FETCHED)
    samples = (SampleState("ready", 0, 10, 10, FETCHED.path),)
    began_at = BEGIN - 86_400.0
    state = restored(operation, samples, Now(5.0, BEGIN), total_s=total_s, began_at=began_at)
    assert (state.attempt, state.operation, state.samples, state.ended_at) == (1, operation, samples, BEGIN)
    assert (state.status, state.videos, state.polls, state.total_s) == ("succeeded", (FETCHED,), 0, total_s)
    assert (state.started_at, state.began_at) == (began_at, None if total_s is None else began_at)
    assert state.done
    assert not state.can_resume
