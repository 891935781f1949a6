"""How long a watch goes on."""

from __future__ import annotations

import pytest
from hand_driven import FETCHED, begun, filtered, running, succeeded

from rushes.errors import NetworkError, WatchTimeoutError
from rushes.schedule import OFFLINE_GRACE_S


def test_only_a_poll_sent_after_the_deadline_times_out() -> None:
    watch = begun(60.0)
    began = watch.awake_s
    while watch.state.status == "running":
        sent_at = watch.awake_s
        watch.passes(0.2)
        watch.answer(running())
        if watch.state.status == "running":
            watch.wake()
    assert watch.state.status == "timed_out"
    assert type(watch.state.error) is WatchTimeoutError
    assert sent_at == pytest.approx(began + 60.0)
    assert watch.state.can_resume


def test_an_answer_that_comes_late_to_a_poll_sent_in_time_is_asked_again_at_once() -> None:
    watch = begun(60.0)
    watch.passes(70.0)
    watch.answer(running())
    assert watch.state.status == "running"
    assert watch.wakes_at == watch.awake_s
    watch.wake()
    watch.answer(running())
    assert watch.state.status == "timed_out"


def test_an_operation_that_finished_while_the_time_ran_out_is_a_success() -> None:
    watch = begun(0.0)
    watch.answer(succeeded())
    assert watch.state.status == "downloading"
    watch.passes(10_000)
    watch.fetched(FETCHED)
    assert watch.state.status == "succeeded"


def test_an_operation_of_yesterday_ends_as_what_it_is() -> None:
    watch = begun(1.0)
    watch.passes(5.0)
    watch.answer(filtered())
    assert watch.state.status == "filtered"


def test_a_laptop_that_slept_goes_on() -> None:
    watch = begun(3600.0)
    watch.answer(running())
    watch.sleeps(9 * 3600.0)
    watch.wake()
    watch.fail(NetworkError("No network yet."))
    watch.wake()
    watch.answer(succeeded())
    watch.fetched(FETCHED)
    assert watch.state.status == "succeeded"


def test_a_network_that_is_dead_at_the_deadline_gets_a_bounded_grace() -> None:
    error = NetworkError("Unreachable.")
    watch = begun(100.0)
    watch.passes(100.0)
    watch.answer(running())
    watch.wake()
    failing_since = watch.awake_s
    while watch.state.status == "running":
        watch.fail(error)
        if watch.state.status == "running":
            watch.wake()
    assert (watch.state.status, watch.state.error) == ("failed", error)
    assert OFFLINE_GRACE_S <= watch.awake_s - failing_since < 3 * OFFLINE_GRACE_S
    assert watch.state.can_resume
    assert not watch.state.needs_key


def test_a_network_that_was_dead_all_along_ends_at_the_deadline() -> None:
    watch = begun(600.0)
    began = watch.awake_s
    while watch.state.status == "running":
        watch.fail(NetworkError("Unreachable."))
        if watch.state.status == "running":
            watch.wake()
    assert watch.awake_s - began == pytest.approx(600.0)
    assert watch.state.status == "failed"


def test_without_a_limit_a_watch_goes_on_for_days() -> None:
    watch = begun(None)
    for _ in range(20):
        watch.passes(86_400.0)
        watch.fail(NetworkError("Unreachable."))
        watch.wake()
        watch.answer(running())
        watch.wake()
    assert watch.state.status == "running"


@pytest.mark.parametrize(
    ("first_s", "second_s", "both_s"),
    [(10.0, 100.0, 100.0), (100.0, 10.0, 100.0), (10.0, None, None), (None, 10.0, None)],
)
def test_of_two_equal_watches_the_longer_limit_counts(
    first_s: float | None, second_s: float | None, both_s: float | None
) -> None:
    watch = begun(first_s)
    began = watch.awake_s
    watch.join(second_s)
    assert watch.state.deadline == (None if both_s is None else began + both_s)
    assert watch.state.attempt == 1


def test_an_equal_watch_that_waits_longer_brings_the_longer_grace_along() -> None:
    watch = begun(1.0)
    watch.join(100.0)
    assert watch.state.grace_s == OFFLINE_GRACE_S


def test_joining_a_watch_that_has_ended_changes_nothing() -> None:
    watch = begun()
    watch.answer(filtered())
    ended = watch.state
    watch.join(None)
    assert watch.state is ended
