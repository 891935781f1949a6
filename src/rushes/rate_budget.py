"""How often one endpoint is asked, by all watches of it together. Pure: the clock comes from the caller.

A bucket of tokens, one for each request, that fills at a rate. The rate follows the endpoint's word as a network
connection's does: an HTTP 429 halves what was really sent, and nothing is sent before the time that it asks for; then
the rate grows back, doubling within a fixed time. Growth is by a factor and not by a step, because rates reach from one
request in two seconds to fifty in one: a step that is felt by the one is nothing to the other.

Where more requests wait than may go out, the likely finishers go first: each request brings a priority. Every
fourth turn is the turn of whoever has waited longest, so that the n-th in line is sent after at most 4 n turns.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from operator import attrgetter

#: What an endpoint is asked for at the most: 1,000 running operations are each polled every 20 s then, which is half of
#: what the providers' own examples do (10 s). A dozen watches never come near it.
FULL_RATE_PER_S = 50.0
#: However often an endpoint says 429: below this the pauses that each watch makes by itself are the longer ones.
LOWEST_RATE_PER_S = 0.5
#: Tokens for so many seconds are kept while nobody asks: new watches are polled at once.
BURST_S = 1.0
#: Within this time after a 429 the rate doubles, and doubles again.
DOUBLING_S = 30.0
#: What was really sent is counted over this time.
COUNTED_S = 10.0
#: Requests to one endpoint at once; fewer than there are workers, so that one that hangs leaves some to the others.
MOST_UNDER_WAY = 8
#: One turn in so many belongs to whoever has waited longest.
TURNS_BY_AGE = 4

_PRIORITY = attrgetter("priority")
#: A token, less what adding floats up may lose.
_WHOLE = 1.0 - 1e-9


class PollRequest:
    """A poll that is due.

    Args:
        priority: the larger, the sooner it is sent where not all can be; the probability that it finds a finish.
        send: sends it; whether it was sent, for it may be pointless by now.
        expect: told when it will be sent, about, if that is not at once; again when the endpoint says 429.
    """

    __slots__ = ("expect", "priority", "send")

    def __init__(self, priority: float, send: Callable[[], bool], expect: Callable[[float], None]) -> None:
        self.priority = priority
        self.send = send
        self.expect = expect


class RateBudget:
    """The budget of one endpoint. All times are on one monotonic clock, in seconds."""

    def __init__(self, now: float) -> None:
        self._rate_per_s = FULL_RATE_PER_S  # as it was after the last 429 ...
        self._grows_from = now  # ... and since when it has grown
        self._closed_until = now
        self._refused_at = float("-inf")
        self._tokens = FULL_RATE_PER_S * BURST_S
        self._filled_at = now
        self._sent: deque[float] = deque()
        self._under_way = 0
        self._turn = 0
        # In the order in which they were asked for.
        self._waiting: dict[PollRequest, None] = {}

    def ask(self, request: PollRequest) -> None:
        """Let a request wait for its turn."""
        self._waiting[request] = None

    def withdraw(self, request: PollRequest) -> None:
        """Forget a request; no effect once it was granted."""
        self._waiting.pop(request, None)

    def is_waiting(self, request: PollRequest) -> bool:
        """Whether it has not been granted yet."""
        return request in self._waiting

    def grant(self, now: float) -> PollRequest | None:
        """The request that may be sent now, None where none may. Each has to be `returned`."""
        if not self._waiting or self._under_way >= MOST_UNDER_WAY or now < self._closed_until:
            return None
        self._fill(now)
        if self._tokens < _WHOLE:
            return None
        self._tokens -= 1.0
        self._under_way += 1
        self._sent.append(now)
        self._turn += 1
        if self._turn % TURNS_BY_AGE == 0:
            request = next(iter(self._waiting))
        else:
            request = max(self._waiting, key=_PRIORITY)
        del self._waiting[request]
        return request

    def returned(self) -> None:
        """A granted request has its answer, or was not sent after all."""
        self._under_way -= 1

    def refused(self, now: float, sent_at: float, retry_after_s: float | None) -> None:
        """The answer to a request was HTTP 429.

        Args:
            now: when it came.
            sent_at: when the request went out. Whatever was under way when the rate was lowered says nothing new.
            retry_after_s: how long the endpoint asked to wait, None where it did not say.
        """
        if retry_after_s is not None:
            self._closed_until = max(self._closed_until, now + retry_after_s)
            self._grows_from = max(self._grows_from, self._closed_until)
        if sent_at <= self._refused_at:
            return
        self._fill(now)
        used_per_s = min(self.rate_per_s(now), len(self._sent) / COUNTED_S)
        self._rate_per_s = max(LOWEST_RATE_PER_S, used_per_s / 2)
        self._grows_from = max(now, self._closed_until)
        self._refused_at = now
        self._tokens = 0.0

    def rate_per_s(self, now: float) -> float:
        """Requests per second that go out at the most."""
        doublings = max(0.0, now - self._grows_from) / DOUBLING_S
        return min(FULL_RATE_PER_S, self._rate_per_s * math.pow(2.0, min(doublings, 64.0)))

    def ready_at(self, now: float) -> float | None:
        """When the next request may be granted; None while none waits, or as many are under way as may be."""
        if not self._waiting or self._under_way >= MOST_UNDER_WAY:
            return None
        return self._token_at(now, 1)

    def expected_at(self, now: float) -> list[tuple[PollRequest, float]]:
        """When each waiting request will be sent if they go by age, the oldest first."""
        return [(request, self._token_at(now, place)) for place, request in enumerate(self._waiting, 1)]

    def last_expected_at(self, now: float) -> float:
        """When the request that was asked for last will be sent if they go by age."""
        return self._token_at(now, len(self._waiting))

    def _token_at(self, now: float, place: int) -> float:
        self._fill(now)
        rate_per_s = self.rate_per_s(now)
        opens_at = max(now, self._closed_until)
        tokens = min(_most(rate_per_s), self._tokens + (opens_at - now) * rate_per_s)
        return opens_at + max(0.0, place - tokens) / rate_per_s

    def _fill(self, now: float) -> None:
        # At the rate as it was: it only grows meanwhile, so that never more is given than there is.
        rate_per_s = self.rate_per_s(self._filled_at)
        self._tokens = min(_most(rate_per_s), self._tokens + (now - self._filled_at) * rate_per_s)
        self._filled_at = now
        while self._sent and self._sent[0] <= now - COUNTED_S:
            self._sent.popleft()


def _most(rate_per_s: float) -> float:
    """Tokens that are kept while nobody asks."""
    return max(1.0, rate_per_s * BURST_S)
