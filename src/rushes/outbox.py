"""What one widget still has to tell its pages, most urgent first."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

from rushes.messages import AckReply, ChunkReply, PullRequest, ReceivedRequest, Reply
from rushes.transfer import ChunkedFile, Transfer
from rushes.window import Window

#: A download reports hundreds of steps a second; a page needs four.
_PROGRESS_INTERVAL_S = 0.25
#: A page that was just displayed asks for what is there. One that is not heard for so long sits behind a busy kernel.
_DISPLAY_PATIENCE_S = 1.0

#: What says nothing about the file that was to be read: a page asks again.
_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
#: The same on Windows: another program, such as a virus scanner, has the file or a part of it.
_HELD_ON_WINDOWS = frozenset({32, 33})

_News = Literal["moved", "changed", "overwritten", "state asked", "details asked"]


class Page(Protocol):
    """The pages of one widget, as the publisher's thread reaches them."""

    def offer_videos(self) -> None:
        """Offer the videos, as far as their bytes are here."""

    def publish(self) -> None:
        """Set the synced traits to the state as it is now."""

    def publish_again(self) -> None:
        """Send the synced traits once more: a page has overwritten its copy."""

    def answer_state(self) -> None:
        """Send the state as a message."""

    def answer_details(self) -> None:
        """Send the details as a message."""

    def renew_outputs(self) -> float | None:
        """Bring what the notebook keeps up to date. Returns the seconds until it is worth another try."""

    def has_urgent_news(self) -> bool:
        """Whether the next state is more than progress."""

    def file_missing(self, file: ChunkedFile) -> None:
        """A page has asked for chunks of a complete file that is not there, or not as it was."""

    def send(self, reply: Reply, buffer: bytes | None = None) -> None:
        """Send a message."""


class Outbox:
    """Collects from any thread; emptied by the publisher's thread alone.

    Args:
        page: where everything goes.
        wake: called when there is something to send.
        window: told how long chunks take to arrive.
        clock: monotonic, in seconds.
    """

    def __init__(
        self,
        page: Page,
        wake: Callable[[], None],
        *,
        window: Window,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._page = page
        self._wake = wake
        self._window = window
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: set[_News] = set()
        self._displayed_at: float | None = None  # while no page has been heard since
        self._acks: list[int] = []
        self._transfers: dict[tuple[int, int], Transfer] = {}
        self._published_at = float("-inf")

    # Any thread.

    def state_changed(self) -> None:
        """There is something new to publish."""
        self._note("moved", "changed")

    def traits_overwritten(self) -> None:
        """A page wrote to its copy of the traits."""
        self._note("overwritten")

    def state_asked(self) -> None:
        """A page asked for the state."""
        self._note("state asked")

    def details_asked(self) -> None:
        """A page asked for the details."""
        self._note("details asked")

    def acknowledge(self, number: int) -> None:
        """A page's request has arrived."""
        with self._lock:
            self._acks.append(number)
        self._wake()

    def offer(self, file: ChunkedFile, *, push: bool) -> None:
        """A video is there, or more of it; `push` sends that without waiting to be asked."""
        with self._lock:
            key = (file.sample, file.generation)
            transfer = self._transfers.get(key)
            if transfer is not None and transfer.file == file:
                return
            if transfer is None or file.bytes_here < transfer.file.bytes_here:
                for other in [other for other in self._transfers if other[0] == file.sample]:
                    del self._transfers[other]
                transfer = self._transfers[key] = Transfer(file)
            transfer.offer(file, self._clock(), push=push)
        self._wake()

    def forget_videos(self) -> None:
        """Nobody is there who could take them."""
        with self._lock:
            self._transfers.clear()

    def displayed(self) -> None:
        """An output shows the widget; its page has not been heard yet."""
        with self._lock:
            self._displayed_at = self._clock()
        self._wake()

    def heard(self) -> None:
        """A page is there, and its messages arrive."""
        with self._lock:
            self._displayed_at = None

    def abandon(self) -> None:
        """No page shows the widget: send no more chunks without being asked."""
        with self._lock:
            self._displayed_at = None
            for transfer in self._transfers.values():
                transfer.abandon()

    def pull(self, request: PullRequest) -> None:
        """A page asked for chunks."""
        with self._lock:
            transfer = self._transfers.get((request["sample"], request["generation"]))
            if transfer is not None:
                transfer.pull(request["chunks"])
        self._wake()

    def received(self, request: ReceivedRequest) -> None:
        """A page told which run has come last."""
        if request["as_numbers"]:
            self._window.narrow_to_one()
        with self._lock:
            transfer = self._transfers.get((request["sample"], request["generation"]))
            arrived_at = self._clock() - request["waited_ms"] / 1000.0
            news = transfer.acknowledge(request["index"], arrived_at) if transfer is not None else None
        if news is not None:
            self._window.observe(*news)
        self._wake()

    # The publisher's thread.

    def send_small(self, now: float) -> float | None:
        """Send what is small: acknowledgements, then the state, then what the notebook keeps of it. Returns the
        seconds until held-back news is due.
        """
        with self._lock:
            acks, self._acks = self._acks, []
        for number in acks:
            self._page.send(AckReply(type="ack", id=number))
        if self._take("moved"):
            self._page.offer_videos()  # news of progress may wait, bytes need not
        held_back_s = self._publish(now)
        if self._take("overwritten"):
            self._page.publish_again()
        if self._take("state asked"):
            self._page.answer_state()
        if self._take("details asked"):
            self._page.answer_details()
        waits = held_back_s, self._page.renew_outputs(), self._push_to_unheard(now)
        return min((wait_s for wait_s in waits if wait_s is not None), default=None)

    def send_pulled(self, now: float, most_chunks: int) -> bool:
        """Send one run of chunks that a page asked for, at most so many, if there is one."""
        with self._lock:
            found = next(
                (
                    (transfer, transfer.file, run)
                    for transfer in self._transfers.values()
                    if (run := transfer.next_pulled(most_chunks)) is not None
                ),
                None,
            )
        if found is None:
            return False
        transfer, file, run = found
        try:
            data = file.read(run)
        except OSError as error:
            with self._lock:
                transfer.pull_again(run, file)
            passes = error.errno in _PASSING or getattr(error, "winerror", None) in _HELD_ON_WINDOWS
            if file.complete and not passes:
                self._page.file_missing(file)
            return True
        with self._lock:
            transfer.sent(run, now)
        self._send_run(file, run, data, pulled=True)
        return True

    def send_pushed(self, now: float, most_chunks: int, *, window_bytes: int, last: bool) -> None:
        """Send one run of chunks nobody asked for yet, at most so many, if there is one. `window_bytes`: what the
        others leave of the window; `last`: it has no room for another run after this one.
        """
        with self._lock:
            transfer = next(
                (
                    transfer
                    for transfer in self._transfers.values()
                    if transfer.push_due_s(now, most_chunks) == 0
                ),
                None,
            )
            if transfer is None:
                return
            file, run = transfer.file, transfer.next_push(now, most_chunks)
        try:
            data = file.read(run)
        except OSError:
            with self._lock:
                transfer.push_again(run, file)
            return
        with self._lock:
            transfer.sent(run, now)
            rest_bytes = sum(transfer.unanswered_bytes for transfer in self._transfers.values())
            acknowledge = rest_bytes > window_bytes and transfer.wants_acknowledgement(
                self._window.acknowledged_every_bytes, last=last
            )
        self._send_run(file, run, data, acknowledge=acknowledge)

    def push_due_s(self, now: float, most_chunks: int) -> float | None:
        """Seconds until chunks should be pushed, so many in a message at most; None where none wait."""
        with self._lock:
            waits = [transfer.push_due_s(now, most_chunks) for transfer in self._transfers.values()]
        return min((wait_s for wait_s in waits if wait_s is not None), default=None)

    def chunks_to_push(self) -> int:
        """How many wait to be pushed."""
        with self._lock:
            return sum(transfer.chunks_to_push for transfer in self._transfers.values())

    def bytes_on_the_way(self, now: float) -> int:
        """Sent and not yet acknowledged."""
        with self._lock:
            return sum(transfer.bytes_on_the_way(now) for transfer in self._transfers.values())

    def _push_to_unheard(self, now: float) -> float | None:
        """Push what is there to a page that cannot ask. Returns the seconds until it is time for that."""
        with self._lock:
            if self._displayed_at is None:
                return None
            wait_s = self._displayed_at + _DISPLAY_PATIENCE_S - now
            if wait_s > 0:
                return wait_s
            self._displayed_at = None
            for transfer in self._transfers.values():
                transfer.push_what_is_left()
        return None

    def _publish(self, now: float) -> float | None:
        if "changed" not in self._noted:
            return None
        wait_s = self._published_at + _PROGRESS_INTERVAL_S - now
        if wait_s > 0 and not self._page.has_urgent_news():
            return wait_s
        self._take("changed")
        self._published_at = now
        self._page.publish()
        return None

    def _send_run(
        self, file: ChunkedFile, run: range, data: bytes, *, acknowledge: bool = False, pulled: bool = False
    ) -> None:
        self._page.send(
            ChunkReply(
                type="chunk",
                sample=file.sample,
                generation=file.generation,
                index=run.start,
                count=len(run),
                chunk_bytes=file.chunk_bytes,
                acknowledge=acknowledge,
                pulled=pulled,
            ),
            data,
        )

    def _note(self, *news: _News) -> None:
        with self._lock:
            self._noted.update(news)
        self._wake()

    def _take(self, news: _News) -> bool:
        with self._lock:
            noted = news in self._noted
            self._noted.discard(news)
        return noted
