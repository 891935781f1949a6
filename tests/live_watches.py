"""Real watches on threads of the test's own, which all have to end with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rushes import rate_budget, schedule, scheduler, watcher
from rushes.errors import RushesError
from rushes.operation import Video
from rushes.watch_state import WatchState
from rushes.watching import Watch, open_watch

LIMIT_S = 30.0


class Watches:
    """Opens watches, and closes them at the end."""

    def __init__(self) -> None:
        self.opened: list[Watch] = []

    def __call__(self, *arguments: object, **options: Any) -> Watch:
        watch = open_watch(*arguments, **options)
        self.opened.append(watch)
        return watch

    def close(self) -> None:
        for watch in self.opened:
            watch.close()


@contextmanager
def live_watches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watches]:
    """Watches on a scheduler of their own, without the pauses that spare a real endpoint; every thread of it has
    ended afterwards.
    """
    monkeypatch.setattr(scheduler, "_shared", None)
    monkeypatch.setattr(watcher, "poll_interval_s", lambda *_: 0.02)
    monkeypatch.setattr(schedule, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(schedule, "LONGEST_RETRY_S", 0.05)
    monkeypatch.setattr(rate_budget, "FULL_RATE_PER_S", 5_000.0)
    monkeypatch.setattr(rate_budget, "LOWEST_RATE_PER_S", 1_000.0)
    watches = Watches()
    try:
        yield watches
    finally:
        watches.close()
        used = scheduler._shared
        if used is not None:
            called = threading.Event()
            used.post(called.set)
            assert called.wait(LIMIT_S)
            used.stop()
            assert used.join(LIMIT_S), "a thread of a watch hangs"


def ended(watch: Watch) -> WatchState:
    """Wait for the end of the current attempt."""
    watch.future.exception(LIMIT_S)
    return watch.state


def videos(watch: Watch) -> tuple[Video, ...]:
    """Wait for success."""
    return watch.future.result(LIMIT_S)


def error(watch: Watch) -> RushesError:
    """Wait for the error that ends the current attempt."""
    raised = watch.future.exception(LIMIT_S)
    assert isinstance(raised, RushesError), raised
    return raised
