"""The budget of one endpoint: never overdrawn, slower where the endpoint says so, and nobody waits for ever."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.rate_budget import (
    BURST_S,
    COUNTED_S,
    DOUBLING_S,
    FULL_RATE_PER_S,
    LOWEST_RATE_PER_S,
    MOST_UNDER_WAY,
    TURNS_BY_AGE,
    PollRequest,
    RateBudget,
)

BURST = FULL_RATE_PER_S * BURST_S


def request(priority: float = 0.0) -> PollRequest:
    return PollRequest(priority, lambda: True, lambda at: None)


class Endpoint:
    """A budget, a clock that jumps to what happens next, and answers that come at once."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.budget = RateBudget(self.now)
        self.sent: list[tuple[float, PollRequest]] = []

    def ask(self, *requests: PollRequest) -> None:
        for one in requests:
            self.budget.ask(one)

    def send(self) -> PollRequest | None:
        """Send what may be sent now."""
        granted = self.budget.grant(self.now)
        if granted is not None:
            self.sent.append((self.now, granted))
            self.budget.returned()
        return granted

    def send_for(self, seconds: float) -> list[PollRequest]:
        """Let time pass, and send whatever may be sent meanwhile."""
        until, before = self.now + seconds, len(self.sent)
        while True:
            while self.send():
                pass
            ready_at = self.budget.ready_at(self.now)
            if ready_at is None or ready_at > until:
                self.now = until
                return [one for _, one in self.sent[before:]]
            assert ready_at > self.now, "it would be asked again and again"
            self.now = ready_at

    def refuse(self, retry_after_s: float | None = None) -> None:
        """The answer to a request that was sent now is HTTP 429."""
        self.budget.refused(self.now, self.now, retry_after_s)

    def rate_of(self, seconds: float) -> float:
        """Requests per second that are really sent while plenty wait."""
        self.ask(*(request() for _ in range(int(seconds * FULL_RATE_PER_S + BURST) + 1)))
        return len(self.send_for(seconds)) / seconds


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


# As much as there is, and no more.


def test_new_requests_go_out_at_once_and_the_rest_at_the_full_rate(endpoint: Endpoint) -> None:
    endpoint.ask(*(request() for _ in range(int(BURST) + 100)))
    assert len(endpoint.send_for(0.0)) == BURST
    assert len(endpoint.send_for(1.0)) == pytest.approx(FULL_RATE_PER_S, abs=1)


def test_one_watch_never_notices_the_budget(endpoint: Endpoint) -> None:
    for _ in range(100):
        alone = request()
        endpoint.ask(alone)
        assert endpoint.send() is alone
        endpoint.now += 0.05


@given(
    steps=st.lists(
        st.one_of(
            st.floats(0.0, 40.0).map(lambda seconds: ("pass", seconds)),
            st.integers(1, 80).map(lambda count: ("ask", count)),
            st.sampled_from([None, 0.0, 3.0, 58.0]).map(lambda asked_s: ("refuse", asked_s)),
        ),
        max_size=30,
    )
)
def test_never_more_is_sent_than_the_budget_holds_nor_while_the_endpoint_wants_quiet(
    steps: list[tuple[str, float | int | None]],
) -> None:
    endpoint = Endpoint()
    began, quiet = endpoint.now, []
    for kind, value in steps:
        if kind == "pass":
            assert value is not None
            endpoint.send_for(float(value))
        elif kind == "ask":
            endpoint.ask(*(request() for _ in range(int(value or 0))))
        else:
            endpoint.refuse(value)
            quiet.append((endpoint.now, endpoint.now + (value or 0.0)))
            assert LOWEST_RATE_PER_S <= endpoint.budget.rate_per_s(endpoint.now) <= FULL_RATE_PER_S
    times = [at for at, _ in endpoint.sent]
    for count, at in enumerate(times, 1):
        assert count <= BURST + (at - began) * FULL_RATE_PER_S + 1e-6
    assert not any(start < at < end for at in times for start, end in quiet)


def test_no_more_are_under_way_at_once_than_may_be(endpoint: Endpoint) -> None:
    endpoint.ask(*(request() for _ in range(20)))
    granted = [endpoint.budget.grant(endpoint.now) for _ in range(MOST_UNDER_WAY + 1)]
    assert [one is None for one in granted] == [False] * MOST_UNDER_WAY + [True]
    assert endpoint.budget.ready_at(endpoint.now) is None
    endpoint.budget.returned()
    assert endpoint.budget.ready_at(endpoint.now) == endpoint.now
    assert endpoint.budget.grant(endpoint.now) is not None


def test_what_was_withdrawn_is_not_sent(endpoint: Endpoint) -> None:
    first, second = request(1.0), request()
    endpoint.ask(first, second)
    endpoint.budget.withdraw(first)
    assert endpoint.send_for(10.0) == [second]
    endpoint.budget.withdraw(second)
    assert endpoint.budget.ready_at(endpoint.now) is None


# The endpoint's word.


def test_a_429_halves_what_was_really_sent_and_the_rate_comes_back(endpoint: Endpoint) -> None:
    before = endpoint.rate_of(2 * COUNTED_S)
    endpoint.refuse()
    slowed = endpoint.budget.rate_per_s(endpoint.now)
    assert slowed == pytest.approx(before / 2, rel=0.1)
    assert endpoint.rate_of(1.0) <= slowed + 1
    endpoint.now += 2 * DOUBLING_S
    assert endpoint.budget.rate_per_s(endpoint.now) == FULL_RATE_PER_S
    endpoint.send_for(1.0)
    assert endpoint.rate_of(10.0) == pytest.approx(FULL_RATE_PER_S, rel=0.1)


def test_a_429_slows_those_too_who_are_far_from_the_full_rate(endpoint: Endpoint) -> None:
    for _ in range(10):
        endpoint.ask(request(), request())
        endpoint.send_for(1.0)
    endpoint.refuse()
    assert endpoint.budget.rate_per_s(endpoint.now) == pytest.approx(1.0, rel=0.2)


def test_the_rate_doubles_in_a_fixed_time_however_low_it_was(endpoint: Endpoint) -> None:
    for _ in range(20):
        endpoint.refuse()
        endpoint.now += 0.1
    low = endpoint.budget.rate_per_s(endpoint.now)
    assert low == pytest.approx(LOWEST_RATE_PER_S, rel=0.01)
    assert endpoint.budget.rate_per_s(endpoint.now + DOUBLING_S) == pytest.approx(2 * low)
    assert endpoint.budget.rate_per_s(endpoint.now + 1e9) == FULL_RATE_PER_S


def test_the_answers_of_one_moment_count_once(endpoint: Endpoint) -> None:
    endpoint.rate_of(COUNTED_S)
    sent_at = endpoint.now
    for _ in range(MOST_UNDER_WAY):
        endpoint.now += 0.01
        endpoint.budget.refused(endpoint.now, sent_at, None)
    assert endpoint.budget.rate_per_s(endpoint.now) == pytest.approx(FULL_RATE_PER_S / 2, rel=0.1)


def test_nothing_goes_out_before_the_time_that_the_endpoint_asks_for(endpoint: Endpoint) -> None:
    endpoint.ask(*(request() for _ in range(10)))
    endpoint.refuse(58.0)
    asked_until = endpoint.now + 58.0
    # A shorter wish of another answer does not shorten it.
    endpoint.refuse(1.0)
    assert endpoint.budget.ready_at(endpoint.now) == asked_until
    assert endpoint.send_for(57.9) == []
    assert endpoint.budget.rate_per_s(asked_until) == LOWEST_RATE_PER_S, "it grows only from then on"
    assert len(endpoint.send_for(0.2)) == 1, "not all of them in the same instant"
    assert len(endpoint.send_for(60.0)) == 9


def test_a_request_is_told_when_it_will_be_sent(endpoint: Endpoint) -> None:
    endpoint.refuse(20.0)
    endpoint.ask(*(request() for _ in range(30)))
    told = endpoint.budget.expected_at(endpoint.now)
    assert told[-1][1] == endpoint.budget.last_expected_at(endpoint.now)
    times = [at for _, at in told]
    assert times == sorted(times)
    assert times[0] == endpoint.now + 20.0
    began = len(endpoint.sent)
    endpoint.send_for(1_000.0)
    sent = {one: at for at, one in endpoint.sent[began:]}
    # By then the rate has grown, so that nobody is later than told.
    assert all(sent[one] <= at + 1e-6 for one, at in told)


# Who comes first.


def test_the_likely_finishers_go_first_where_not_all_can(endpoint: Endpoint) -> None:
    few = [request(0.01 * number) for number in range(40)]
    endpoint.refuse()
    endpoint.ask(*few)
    sent = endpoint.send_for(1_000.0)
    likely = set(few[20:])
    assert len(sent) == len(few)
    assert sum(one in likely for one in sent[:20]) >= 20 * (TURNS_BY_AGE - 1) // TURNS_BY_AGE


def test_of_equals_the_one_that_waits_longest_goes_first(endpoint: Endpoint) -> None:
    equals = [request(0.5) for _ in range(10)]
    endpoint.ask(*equals)
    assert endpoint.send_for(0.0) == equals


@given(
    place=st.integers(0, 20),
    priorities=st.lists(st.floats(0.0, 1.0), min_size=21, max_size=21),
    newcomers_per_turn=st.integers(0, 3),
)
def test_nobody_waits_for_ever_however_many_likelier_ones_keep_coming(
    place: int, priorities: list[float], newcomers_per_turn: int
) -> None:
    endpoint = Endpoint()
    unlikely = request(-1.0)
    line = [request(priority) for priority in priorities]
    line[place] = unlikely
    endpoint.ask(*line)
    turns = 0
    while True:
        endpoint.ask(*(request(2.0) for _ in range(newcomers_per_turn)))
        endpoint.now += 1.0
        turns += 1
        if endpoint.send() is unlikely:
            break
        assert turns < TURNS_BY_AGE * (place + 1)


def test_a_thousand_take_turns_at_the_full_rate() -> None:
    endpoint = Endpoint()
    watches = dict.fromkeys(range(1000), 0)
    for number in watches:
        endpoint.ask(PollRequest(number / 1_000, lambda: True, lambda at: None))
    until = endpoint.now + 200.0
    # Each is due again 2.5 s after it was sent, as an operation that has just begun.
    later: list[tuple[float, float]] = []
    counts: dict[float, int] = {}
    while endpoint.now < until:
        while (one := endpoint.send()) is not None:
            counts[one.priority] = counts.get(one.priority, 0) + 1
            later.append((endpoint.now + 2.5, one.priority))
        endpoint.now = min(endpoint.budget.ready_at(endpoint.now) or math.inf, later[0][0])
        while later and later[0][0] <= endpoint.now:
            endpoint.ask(request(later.pop(0)[1]))
    assert sum(counts.values()) == pytest.approx(200 * FULL_RATE_PER_S + BURST, rel=0.01)
    assert len(counts) == 1_000
    assert min(counts.values()) >= 1
