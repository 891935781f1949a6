"""The publisher's thread: when it begins, what it runs in, and that it ends."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable

from recorded_page import RecordedPage

from rushes.outbox import Outbox
from rushes.publisher import Publisher


def test_the_thread_sends_as_soon_as_it_is_woken_and_ends_with_the_last_outbox() -> None:
    published = threading.Event()

    class Waiting(RecordedPage):
        def publish(self) -> None:
            published.set()

    before = publisher_threads()
    publisher = Publisher()
    outbox = Outbox(Waiting(), publisher.wake, window=publisher.window)
    publisher.add(outbox)
    [thread] = publisher_threads() - before
    assert thread.daemon
    outbox.state_changed()
    assert published.wait(30)
    publisher.remove(outbox)
    thread.join(30)
    assert not thread.is_alive()


def test_the_thread_starts_anew_for_an_outbox_that_comes_later() -> None:
    before = publisher_threads()
    publisher = Publisher()
    for _ in range(3):
        sent = threading.Event()
        outbox = Outbox(CallingPage(sent.set), publisher.wake, window=publisher.window)
        publisher.add(outbox)
        outbox.state_changed()
        assert sent.wait(30)
        publisher.stop()
        publisher.join(30)
    assert publisher_threads() <= before


def test_the_thread_runs_in_the_context_of_who_started_it() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("of the cell")
    seen: list[str] = []
    done = threading.Event()
    publisher = Publisher()
    outbox = Outbox(
        CallingPage(lambda: (seen.append(variable.get("none")), done.set())),
        publisher.wake,
        window=publisher.window,
    )
    publisher.add(outbox)
    outbox.state_changed()
    assert done.wait(30)
    publisher.stop()
    publisher.join(30)
    assert seen == ["of the cell"]


class CallingPage(RecordedPage):
    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__()
        self._call = call

    def publish(self) -> None:
        self._call()


def publisher_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "rushes-publisher"}
