"""The poller's hands: what the state machine asks for reaches timers and workers, and nothing of it outlives a stop."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hand_driven import FILE, running, succeeded

from rushes import poller as module
from rushes.admission import Admission
from rushes.client import Poll
from rushes.credentials import Secret
from rushes.errors import NetworkError, RateLimitError, RushesError, WatchStoppedError
from rushes.latency import Latency, prior_latency
from rushes.operation import Operation, Video
from rushes.poller import Poller, PollerKey
from rushes.rate_budget import PollRequest
from rushes.reference import Reference
from rushes.schedule import LONGEST_RETRY_AFTER_S
from rushes.scheduler import Timer
from rushes.watch_events import Stopped
from rushes.watch_state import WatchState

REFERENCE = Reference("veo", "op1")
ORIGIN = "http://127.0.0.1:1"


class Jobs:
    """A worker that works when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(self, job: Callable[[], None]) -> None:
        self.waiting.append(job)

    def work(self) -> None:
        self.waiting.pop(0)()


class HandScheduler:
    """A scheduler without threads: what is posted happens at once, what is timed when the test fires it."""

    def __init__(self) -> None:
        self.polls, self.downloads, self.disk = Jobs(), Jobs(), Jobs()
        self.timers: list[Timer] = []

    def post(self, call: Callable[[], None]) -> None:
        call()

    def at(self, at: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(at, call))
        return self.timers[-1]


class Answers:
    """A client that answers as it is told."""

    transport = None

    def __init__(self) -> None:
        self.next: Operation | Exception = running()
        self.asked: list[Reference] = []

    def poll(self, reference: Reference) -> Poll:
        self.asked.append(reference)
        if isinstance(self.next, Exception):
            raise self.next
        return Poll(self.next, None, 200)


class Follower:
    def __init__(self) -> None:
        self.states: list[WatchState] = []

    def follow(self, state: WatchState) -> None:
        self.states.append(state)


class Setting:
    """A poller, everything around it, and one watch that follows it."""

    def __init__(self) -> None:
        self.scheduler = HandScheduler()
        self.client = Answers()
        key = PollerKey(ORIGIN, "veo", "op1", Secret("k"))
        scheduler: Any = self.scheduler
        client: Any = self.client
        self.admission = Admission(scheduler)
        self.poller = Poller(key, REFERENCE, client, scheduler, self.admission)
        self.follower = Follower()
        self.join()

    def join(self, timeout_s: float = 3600.0) -> None:
        """Begin an attempt, and have its first poll sent."""
        self.poller.join(self.follower, timeout_s)
        self.scheduler.timers[-1].fire()

    def answer_429_for_another(self, retry_after_s: float) -> None:
        """Another watch of the same endpoint is told to wait."""
        self.admission.refused(ORIGIN, time.monotonic(), retry_after_s)

    def answer(self, answer: Operation | Exception) -> None:
        self.client.next = answer
        self.scheduler.polls.work()


def test_a_wish_to_be_woken_becomes_a_timer_and_its_time_a_poll() -> None:
    setting = Setting()
    setting.answer(running())
    [_, timer] = setting.scheduler.timers
    assert timer.at == setting.poller.state.due_at
    assert timer.at > time.monotonic()
    timer.fire()
    setting.answer(running())
    assert setting.client.asked == [REFERENCE, REFERENCE]
    timer.fire()
    assert setting.scheduler.polls.waiting == []


def test_a_timer_of_a_stopped_attempt_does_not_hurry_the_next() -> None:
    setting = Setting()
    setting.answer(running())
    setting.poller.dispatch(Stopped())
    setting.join()
    setting.answer(running())
    _, old, _, new = setting.scheduler.timers
    old.fire()
    assert setting.scheduler.polls.waiting == []
    new.fire()
    assert len(setting.scheduler.polls.waiting) == 1


def test_a_poll_that_the_budget_holds_back_is_told_and_a_stop_takes_it_out_of_the_line() -> None:
    setting = Setting()
    setting.answer(running())
    setting.answer_429_for_another(retry_after_s=100.0)
    setting.scheduler.timers[-1].fire()
    assert setting.scheduler.polls.waiting == []
    state = setting.follower.states[-1]
    assert (state.status, state.poll_sent_at) == ("running", None)
    assert state.next_poll_at is not None
    assert 90.0 < state.next_poll_at - time.time() <= 101.0
    # The endpoint wants still more quiet: told at once.
    setting.answer_429_for_another(retry_after_s=500.0)
    assert setting.poller.state.next_poll_at is not None
    assert setting.poller.state.next_poll_at - time.time() > 490.0
    setting.poller.dispatch(Stopped())
    budget = setting.admission._budgets[ORIGIN]
    assert budget.ready_at(time.monotonic() + 1_000.0) is None
    assert budget.grant(time.monotonic() + 1_000.0) is None


def test_a_429_is_told_to_the_budget_with_the_pause_it_asks_for_within_reason() -> None:
    for asked_s, pause_s in ((7.0, 7.0), (86_400.0, LONGEST_RETRY_AFTER_S), (None, 0.0)):
        setting = Setting()
        setting.answer(RateLimitError(429, retry_after_s=asked_s))
        other = PollRequest(1.0, lambda: True, lambda at: None)
        setting.admission._budgets[ORIGIN].ask(other)
        ready_at = setting.admission._budgets[ORIGIN].ready_at(time.monotonic())
        assert ready_at is not None
        assert pause_s - 5.0 < ready_at - time.monotonic() < pause_s + 5.0


def test_a_download_hears_of_a_stop_and_the_next_one_begins_unhindered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    downloads: list[Callable[[], bool]] = []

    def retrieve(
        *_: object, cancelled: Callable[[], bool], **__: object
    ) -> tuple[tuple[Video, ...], RushesError | None]:
        downloads.append(cancelled)
        if len(downloads) == 1:
            assert not cancelled()
            setting.poller.dispatch(Stopped())
            assert cancelled()
            return (), WatchStoppedError()
        assert not cancelled()
        return (FILE,), None

    monkeypatch.setattr(module, "retrieve", retrieve)
    setting = Setting()
    setting.answer(succeeded())
    setting.scheduler.downloads.work()
    assert setting.poller.state.status == "stopped"
    setting.poller.join(setting.follower, 3600.0)
    setting.scheduler.downloads.work()
    assert setting.poller.state.status == "succeeded"
    assert downloads[0]()


@pytest.mark.parametrize("phase", ["poll", "download"])
def test_a_fault_of_our_own_ends_the_watch_is_logged_and_is_no_dead_end(
    phase: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    setting = Setting()
    if phase == "poll":
        setting.answer(ZeroDivisionError("with a key in it"))
    else:
        setting.answer(succeeded())

        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError("with a key in it")

        monkeypatch.setattr(module, "retrieve", broken)
        setting.scheduler.downloads.work()
    state = setting.poller.state
    assert state.status == "failed"
    assert state.can_resume
    assert type(state.error) is RushesError
    assert "ZeroDivisionError" in str(state.error)
    assert "key in it" not in str(state.error)
    assert caplog.records[-1].exc_info is not None


def test_an_error_is_handed_on_without_the_frames_it_came_through() -> None:
    setting = Setting()
    setting.answer(NetworkError("Gone."))
    setting.poller.dispatch(Stopped())
    setting.join(0.0)
    setting.answer(NetworkError("Gone."))
    error = setting.poller.state.error
    assert isinstance(error, NetworkError)
    assert error.__traceback__ is None
    assert error.__context__ is None


def test_everybody_who_follows_is_told_and_nobody_who_left() -> None:
    setting = Setting()
    other = Follower()
    setting.poller.join(other, 3600.0)
    assert other.states[-1] is setting.poller.state
    setting.answer(running())
    assert other.states[-1] is setting.follower.states[-1] is setting.poller.state
    assert not setting.poller.leave(setting.follower)
    told = len(setting.follower.states)
    setting.scheduler.timers[-1].fire()
    assert len(setting.follower.states) == told
    assert other.states[-1].polls == 2
    assert setting.poller.leave(other)
    assert setting.poller.state.status == "stopped"


def test_one_who_joins_twice_is_told_once_and_leaves_once() -> None:
    setting = Setting()
    setting.poller.join(setting.follower, 3600.0)
    before = len(setting.follower.states)
    setting.answer(running())
    assert len(setting.follower.states) == before + 1
    assert setting.poller.leave(setting.follower)


def test_a_poller_begins_with_what_is_known_of_the_model_and_learns_what_the_ledger_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned = Latency(11.0, 30.0, 0.2)
    monkeypatch.setattr("rushes.poller.experienced_latency", lambda model_name, base_url: learned)
    setting = Setting()
    assert setting.poller.state.latency == prior_latency("veo", "http://127.0.0.1:1")
    setting.scheduler.disk.work()
    assert setting.poller.state.latency == learned
    assert setting.follower.states[-1].latency == learned


def test_a_poller_that_nobody_follows_any_more_goes_at_once_and_its_connections_with_it() -> None:
    setting = Setting()
    setting.scheduler.disk.work()
    setting.answer(running())
    setting.scheduler.timers[-1].fire()
    setting.answer(running())
    gone = weakref.ref(setting.poller)
    gc.disable()
    try:
        setting.poller.leave(setting.follower)
        del setting.poller
        assert gone() is None
    finally:
        gc.enable()
