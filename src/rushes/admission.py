"""Lets polls out as the rate budget of their endpoint allows. Lives on the scheduler's thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

from rushes.rate_budget import PollRequest, RateBudget
from rushes.scheduler import Scheduler, Timer

_logger = logging.getLogger(__name__)


class Admission:
    """One budget for each origin, and the timer that wakes it. The scheduler's thread only.

    Args:
        scheduler: whose thread and timers.
        monotonic: the clock of its timers, in seconds.
    """

    def __init__(self, scheduler: Scheduler, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._scheduler = scheduler
        self._monotonic = monotonic
        self._budgets: dict[str, RateBudget] = {}
        self._timers: dict[str, Timer] = {}

    def ask(self, origin: str, request: PollRequest) -> None:
        """Send a request as soon as its origin's budget allows; if that is later, it is told when, about."""
        budget = self._budget(origin)
        budget.ask(request)
        self._let_out(origin)
        if budget.is_waiting(request):
            request.expect(budget.last_expected_at(self._monotonic()))

    def withdraw(self, origin: str, request: PollRequest) -> None:
        """Do not send a request that waits; no effect on one that was sent."""
        self._budget(origin).withdraw(request)

    def returned(self, origin: str) -> None:
        """A request that was sent has its answer."""
        self._budget(origin).returned()
        self._let_out(origin)

    def refused(self, origin: str, sent_at: float, retry_after_s: float | None) -> None:
        """The answer to a request that was sent at `sent_at` is HTTP 429: all that wait for this origin wait longer."""
        now = self._monotonic()
        budget = self._budget(origin)
        budget.refused(now, sent_at, retry_after_s)
        for request, at in budget.expected_at(now):
            self._scheduler.post(partial(request.expect, at))

    def _budget(self, origin: str) -> RateBudget:
        budget = self._budgets.get(origin)
        if budget is None:
            budget = self._budgets[origin] = RateBudget(self._monotonic())
        return budget

    def _let_out(self, origin: str) -> None:
        budget = self._budgets[origin]
        while (request := budget.grant(self._monotonic())) is not None:
            if not _sent(request):
                budget.returned()
        ready_at = budget.ready_at(self._monotonic())
        timer = self._timers.get(origin)
        if ready_at is None or (timer is not None and timer.is_set and timer.at <= ready_at):
            return
        if timer is not None:
            timer.cancel()
        self._timers[origin] = self._scheduler.at(ready_at, lambda: self._let_out(origin))


def _sent(request: PollRequest) -> bool:
    try:
        return request.send()
    except Exception:  # it must not keep those behind it waiting
        _logger.exception("A step of a watch failed.")
        return False
