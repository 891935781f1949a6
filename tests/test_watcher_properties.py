"""Whatever happens in whatever order: a watch never hangs, never asks twice at once, never comes back to life."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hand_driven import BEGIN, BUCKET, FILE, HandDriven, at, broken, empty, filtered, running, succeeded
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rushes.errors import (
    AuthenticationError,
    DownloadError,
    NetworkError,
    OperationNotFoundError,
    RateLimitError,
    RushesError,
    ServerError,
    UnreadableResponseError,
    WatchStoppedError,
    WatchTimeoutError,
)
from rushes.latency import UNKNOWN, Latency
from rushes.operation import Operation
from rushes.schedule import LONGEST_RETRY_AFTER_S, NOT_FOUND_GRACE_S, OFFLINE_GRACE_S
from rushes.watch_events import Action, LatencyLearned, PollDue, SendPoll, Wake
from rushes.watch_state import SampleState, WatchState

TIMEOUTS = st.none() | st.sampled_from([0.0, 1.0, 60.0, 3600.0]) | st.floats(0, 1e6)
TIMES = st.none() | st.floats(BEGIN - 1e6, BEGIN + 1e6).map(at)
ERRORS = st.sampled_from(
    [
        NetworkError("Gone."),
        ServerError(503),
        RateLimitError(429, retry_after_s=30.0),
        OperationNotFoundError(404),
        AuthenticationError(401),
        UnreadableResponseError("Another vendor's."),
        UnreadableResponseError("Cut off.", transient=True),
    ]
)
OPERATIONS = st.one_of(
    st.builds(running, TIMES),
    st.builds(succeeded, st.sampled_from([FILE, BUCKET]), created=TIMES, updated=TIMES),
    st.builds(succeeded, st.just(FILE), st.just(BUCKET)),
    st.sampled_from([filtered(), empty(), broken()]),
)
DOWNLOAD_ERRORS = st.sampled_from(
    [DownloadError("Expired."), NetworkError("Gone."), AuthenticationError(401)]
)


class AnyLife(RuleBasedStateMachine):
    """The world around a watcher: it answers what was asked, late, twice over, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = HandDriven()
        self.polls: list[int] = []  # attempts whose poll has not been answered
        self.downloads: list[int] = []
        self.sent_late = False

    def took(self, before: WatchState, actions: tuple[Action, ...]) -> None:
        """Look at one step."""
        state, watch = self.watch.state, self.watch
        assert state.attempt >= before.attempt
        assert state.polls == before.polls + sum(isinstance(action, SendPoll) for action in actions)
        if state.done:
            assert actions == ()
        for action in actions:
            if isinstance(action, SendPoll):
                assert action.attempt == state.attempt
                assert state.attempt not in self.polls, "asked twice at once"
                self.polls.append(action.attempt)
                self.sent_late = state.deadline is not None and watch.awake_s >= state.deadline
            elif isinstance(action, Wake):
                assert action.at == state.due_at
                assert watch.awake_s <= action.at <= watch.awake_s + 1.1 * LONGEST_RETRY_AFTER_S
            else:
                assert action.attempt == state.attempt
                assert action.operation.status == "succeeded"
                self.downloads.append(action.attempt)
        if state.status == "timed_out" and before.status != "timed_out":
            assert self.sent_late

    @rule(timeout_s=TIMEOUTS)
    def start(self, timeout_s: float | None) -> None:
        before = self.watch.state
        self.took(before, self.watch.start(timeout_s))
        may_begin = before.status in ("idle", "succeeded") or before.can_resume
        assert self.watch.state.attempt == before.attempt + may_begin

    @rule(timeout_s=TIMEOUTS)
    def join(self, timeout_s: float | None) -> None:
        before = self.watch.state
        self.took(before, self.watch.join(timeout_s))
        deadline = self.watch.state.deadline
        assert deadline is None or (before.deadline is not None and deadline >= before.deadline)

    @rule(latency=st.sampled_from([UNKNOWN, Latency(11.0, 70.0, 0.5)]))
    def learn(self, latency: Latency) -> None:
        before = self.watch.state
        self.took(before, self.watch.feed(LatencyLearned(latency)))
        assert replace(self.watch.state, latency=before.latency) == before

    @rule()
    def stop(self) -> None:
        before = self.watch.state
        self.took(before, self.watch.stop())
        assert self.watch.state == before or self.watch.state.status == "stopped"

    @rule(seconds=st.floats(0, 1e4), asleep=st.booleans())
    def time_passes(self, seconds: float, asleep: bool) -> None:
        if asleep:
            self.watch.sleeps(seconds)
        else:
            self.watch.passes(seconds)

    @rule()
    def timer_fires_whether_it_was_cancelled_or_not(self) -> None:
        before = self.watch.state
        self.took(before, self.watch.feed(PollDue()))

    @rule(seconds=st.floats(0, 1e4))
    def the_poll_that_is_due_is_put_off(self, seconds: float) -> None:
        before = self.watch.state
        self.took(before, self.watch.put_off(seconds))
        assert (self.watch.state.due_at is None) == (before.due_at is None)

    @precondition(lambda self: self.watch.wakes_at is not None)
    @rule()
    def time_comes(self) -> None:
        before = self.watch.state
        actions = self.watch.wake()
        assert len(actions) == 1
        self.took(before, actions)

    @precondition(lambda self: self.polls)
    @rule(data=st.data(), outcome=OPERATIONS | ERRORS, date=TIMES)
    def poll_comes_back(self, data: st.DataObject, outcome: Operation | RushesError, date: object) -> None:
        attempt = data.draw(st.sampled_from(self.polls))
        before = self.watch.state
        expected = attempt == before.attempt and before.status == "running"
        self.polls.remove(attempt)
        if isinstance(outcome, RushesError):
            actions = self.watch.fail(outcome, attempt=attempt)
        else:
            actions = self.watch.answer(outcome, attempt=attempt, date=date)  # type: ignore[arg-type]
        self.took(before, actions)
        assert (self.watch.state is before) == (not expected)

    @precondition(lambda self: self.downloads)
    @rule(data=st.data(), state=st.sampled_from(["downloading", "ready", "unavailable"]))
    def sample_moves(self, data: st.DataObject, state: str) -> None:
        attempt = data.draw(st.sampled_from(self.downloads))
        before = self.watch.state
        count = len(before.samples) if attempt == before.attempt else 1
        self.watch.sample(
            data.draw(st.integers(0, max(0, count - 1))),
            SampleState(state),  # type: ignore[arg-type]
            attempt=attempt,
        )
        if attempt != before.attempt or before.status != "downloading":
            assert self.watch.state is before

    @precondition(lambda self: self.downloads)
    @rule(data=st.data(), error=st.none() | DOWNLOAD_ERRORS)
    def download_ends(self, data: st.DataObject, error: RushesError | None) -> None:
        attempt = data.draw(st.sampled_from(self.downloads))
        self.downloads.remove(attempt)
        before = self.watch.state
        fetched = [FILE.with_path(Path("/data/sample-1.mp4")) for _ in before.samples]
        self.watch.fetched(*(fetched if error is None else ()), error=error, attempt=attempt)
        if attempt != before.attempt or before.status != "downloading":
            assert self.watch.state is before
        else:
            assert self.watch.state.status in ("succeeded", "failed")

    @invariant()
    def never_hangs(self) -> None:
        state = self.watch.state
        if state.status == "running":
            under_way = state.attempt in self.polls
            assert under_way == (state.poll_sent_at is not None)
            assert under_way != (state.due_at is not None), "neither a poll nor a timer, or both"
            assert self.watch.wakes_at == state.due_at
        elif state.status == "downloading":
            assert state.attempt in self.downloads
            assert state.operation is not None
            assert len(state.samples) == len(state.operation.videos)

    @invariant()
    def is_at_rest_once_done(self) -> None:
        state = self.watch.state
        if state.status != "running":
            assert state.due_at is state.next_poll_at is state.poll_sent_at is state.retry is None
        assert state.done == (state.ended_at is not None)

    @invariant()
    def says_why_it_ended(self) -> None:
        state = self.watch.state
        if state.status in ("idle", "running", "downloading"):
            assert state.error is None
        elif state.status == "succeeded":
            assert state.videos or state.error is not None
        else:
            assert state.error is not None
        assert (state.status == "stopped") == isinstance(state.error, WatchStoppedError)
        assert (state.status == "timed_out") == isinstance(state.error, WatchTimeoutError)

    @invariant()
    def tells_no_absurd_times(self) -> None:
        state = self.watch.state
        assert state.total_s is None or state.total_s >= 0
        assert state.clock[1] <= self.watch.wall
        assert state.next_poll_at is None or abs(state.next_poll_at - BEGIN) < 1e9


AnyLife.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
test_any_life = AnyLife.TestCase


@given(
    timeout_s=st.floats(0, 5_000),
    outcome=ERRORS | st.just(running()),
    request_s=st.floats(0, 60),
    seed=st.integers(0, 2**32),
)
def test_a_limit_ends_every_watch_soon_after_it(
    timeout_s: float, outcome: Operation | RushesError, request_s: float, seed: int
) -> None:
    watch = HandDriven()
    watch.rng.seed(seed)
    began = watch.awake_s
    watch.start(timeout_s)
    while not watch.state.done:
        watch.passes(request_s)
        if isinstance(outcome, RushesError):
            watch.fail(outcome)
        else:
            watch.answer(outcome)
        if watch.state.status == "running":
            watch.wake()
    took_s = watch.awake_s - began
    slack_s = 2 * request_s + 1
    timeout_s -= 1e-6  # what adding floats up may lose
    if isinstance(outcome, Operation):
        assert watch.state.status == "timed_out"
        assert timeout_s <= took_s <= timeout_s + slack_s
    elif isinstance(outcome, OperationNotFoundError):
        assert took_s <= min(timeout_s, 3 * NOT_FOUND_GRACE_S) + slack_s
    elif outcome.transient:
        assert timeout_s <= took_s <= timeout_s + 3 * OFFLINE_GRACE_S + 3 * slack_s
    else:
        assert took_s == pytest.approx(request_s)
