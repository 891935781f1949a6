"""When a watch polls: by the operation's age and what is known of its model, evenly where the age is not known."""

from __future__ import annotations

import pytest
from hand_driven import BEGIN, HandDriven, at, running

from rushes.latency import Latency
from rushes.operation import Operation
from rushes.schedule import LONGEST_POLL_S
from rushes.watch_events import LatencyLearned
from rushes.watch_state import WatchState

#: Nearly all end between 50 and 70 s.
SHARP = Latency(shift_s=11.0, scale_s=49.0, sigma=0.15)


def waits_s(watch: HandDriven, operation: Operation) -> float:
    """How long the watch waits after this answer."""
    watch.answer(operation)
    assert watch.wakes_at is not None
    return watch.wakes_at - watch.awake_s


def begun(latency: Latency) -> HandDriven:
    watch = HandDriven(state=WatchState(latency=latency))
    watch.start()
    return watch


@pytest.mark.parametrize(("age_s", "least_s", "most_s"), [(0, 15, 33), (58, 1.8, 4), (4000, 15, 33)])
def test_polls_follow_the_operations_age(age_s: float, least_s: float, most_s: float) -> None:
    assert least_s <= waits_s(begun(SHARP), running(at(BEGIN - age_s))) <= most_s


def test_without_a_beginning_polls_are_even() -> None:
    watch = begun(SHARP)
    intervals_s = []
    for _ in range(30):
        intervals_s.append(waits_s(watch, running()))
        watch.wake()
    assert max(intervals_s) < 1.25 * min(intervals_s)
    assert max(intervals_s) < LONGEST_POLL_S / 2


def test_a_beginning_that_is_told_late_ends_even_polling() -> None:
    watch = begun(SHARP)
    even_s = waits_s(watch, running())
    watch.wake()
    assert waits_s(watch, running(at(watch.wall - 58))) < even_s


def test_a_night_asleep_ages_the_operation() -> None:
    watch = begun(SHARP)
    watch.answer(running(at(BEGIN - 58)))
    watch.sleeps(9 * 3600)
    watch.wake()
    assert waits_s(watch, running(at(BEGIN - 58))) >= 0.9 * LONGEST_POLL_S


def test_what_is_learned_counts_from_the_next_answer_on() -> None:
    watch = HandDriven()
    watch.start()
    watch.answer(running(at(BEGIN)))
    due_at = watch.wakes_at
    assert watch.feed(LatencyLearned(SHARP)) == ()
    assert watch.wakes_at == due_at, "the poll that is due stays due"
    watch.wake()
    assert waits_s(watch, running(at(BEGIN))) > 15


def test_the_last_poll_still_goes_out_at_the_deadline() -> None:
    watch = HandDriven(state=WatchState(latency=SHARP))
    watch.start(5.0)
    assert waits_s(watch, running(at(BEGIN))) == pytest.approx(5.0)


def test_what_was_learned_survives_a_resume() -> None:
    watch = begun(SHARP)
    watch.answer(running())
    watch.stop()
    watch.start()
    assert watch.state.latency == SHARP
