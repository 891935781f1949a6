"""A file as numbered chunks for a page, and which of them still have to go.

Bytes go to a page twice over: pushed by the kernel as soon as a video is there, because a page on a busy
kernel cannot ask, and pulled by the page where a push was lost (it was not loaded yet, or the server dropped
a message).
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

#: VS Code turns every binary message into an array of numbers on its way; 256 KiB is what it carries without
#: trouble.
CHUNK_BYTES = 256 * 1024

#: So long a chunk that arrives while a file is downloaded waits for more, to go with them in one message.
_GATHERING_S = 0.03

#: What no page has acknowledged for so long was sent to one that is gone, or that sits behind a busy kernel: it no
#: longer counts as being on the way.
_ACKNOWLEDGEMENT_PATIENCE_S = 10.0


@dataclass(frozen=True)
class ChunkedFile:
    """A file, read one chunk at a time, while it is being downloaded too.

    Attributes:
        path: the file.
        bytes_here: its length so far.
        bytes_total: its length at the end; None while nobody knows it.
        sample: index of the video among those of its operation.
        generation: grows when the bytes of a sample start anew; a page never mixes two.
    """

    path: Path
    bytes_here: int
    bytes_total: int | None
    sample: int
    generation: int
    chunk_bytes: int = CHUNK_BYTES

    @property
    def complete(self) -> bool:
        """Whether no more bytes will come."""
        return self.bytes_here == self.bytes_total

    @property
    def count(self) -> int:
        """How many chunks there are; of a file that still grows, how many are whole."""
        rounded_up = self.chunk_bytes - 1 if self.complete else 0
        return (self.bytes_here + rounded_up) // self.chunk_bytes

    def size(self, index: int) -> int:
        """Length of one chunk in bytes."""
        return min(self.chunk_bytes, self.bytes_here - index * self.chunk_bytes)

    def read(self, run: range) -> bytes:
        """The chunks of a run.

        Raises:
            OSError: the file cannot be read, or is no longer as long as it was.
        """
        size = sum(map(self.size, run))
        # Opened for each chunk: a page may ask again days later, and a video that is cleared away meanwhile
        # must not be held by an open descriptor (Windows could not delete it).
        with self.path.open("rb") as file:
            file.seek(run.start * self.chunk_bytes)
            data = file.read(size)
        if len(data) != size:
            raise OSError(f"{self.path.name} is shorter than it was")
        return data


@dataclass(frozen=True)
class _SentRun:
    """A message with chunks: the index of its first one, the bytes sent up to its end, and when it was sent."""

    index: int
    sent_bytes: int
    at: float


@dataclass
class Transfer:
    """The way of one file into the pages: what is asked for, what is still to be pushed, what is on the way.

    Attributes:
        file: as it was offered last.

    Not safe for threads by itself; its owner holds a lock.
    """

    file: ChunkedFile
    _pulled: dict[int, None] = field(
        default_factory=dict
    )  # an ordered set: each chunk once, in the order asked
    _to_push: deque[int] = field(default_factory=deque)
    _left: dict[int, None] = field(default_factory=dict)  # the same: offered, and neither pushed nor pulled
    _offered: int = 0
    _interrupted: bool = False
    _waiting_since: float = 0.0
    _on_the_way: deque[_SentRun] = field(default_factory=deque)
    _sent_bytes: int = 0
    _acknowledged_bytes: int = 0
    _asked_bytes: int = 0

    def offer(self, file: ChunkedFile, now: float, *, push: bool) -> None:
        """The file as it is now; `push` sends what it has gained without being asked."""
        self.file = file
        self._interrupted = False
        gained = range(self._offered, file.count)
        self._offered = file.count
        if not push:
            self._left.update(dict.fromkeys(gained))
            return
        if not self._to_push:
            self._waiting_since = now
        self._to_push.extend(gained)

    def push_what_is_left(self) -> None:
        """Send what was offered without a push and nobody has asked for."""
        self._to_push.extendleft(reversed(self._left))
        self._left.clear()

    def abandon(self) -> None:
        """No page has it any more: all of it may go again, and nobody will acknowledge what was sent."""
        self._left = dict.fromkeys(range(self._offered))
        self._to_push.clear()
        self._on_the_way.clear()
        self._acknowledged_bytes = self._sent_bytes

    def pull(self, chunks: Iterable[int]) -> None:
        """A page asked for these chunks."""
        self._interrupted = False
        self._pulled.update(dict.fromkeys(index for index in chunks if index < self.file.count))

    def acknowledge(self, index: int, arrived_at: float) -> tuple[float, int] | None:
        """A page said that the run beginning with this chunk was the last that came, and when. Messages keep their
        order, so what was sent before it has come as well or is lost; the quickest page sets the pace.

        Returns:
            Seconds that the run took, there and back, and the bytes that are no longer on the way; None where no such
            run was.
        """
        if all(run.index != index for run in self._on_the_way):
            return None
        before = self._acknowledged_bytes
        while (run := self._on_the_way.popleft()).index != index:
            pass
        self._acknowledged_bytes = run.sent_bytes
        return max(0.0, arrived_at - run.at), run.sent_bytes - before

    def next_pulled(self, most_chunks: int) -> range | None:
        """Take the next run of chunks that a page asked for, at most so many."""
        if not self._pulled or self._interrupted:
            return None
        run = self._run(self._pulled, most_chunks)
        for index in run:
            del self._pulled[index]
            self._left.pop(index, None)
            if index in self._to_push:
                self._to_push.remove(index)
        return run

    def pull_again(self, run: range, file: ChunkedFile) -> None:
        """The run could not be read from this file: a download that ends moves it. Unless it has been offered
        elsewhere meanwhile, wait until it is, or until a page asks again.
        """
        self._pulled = {**dict.fromkeys(run), **self._pulled}
        self._interrupted = self.file is file

    def push_due_s(self, now: float, most_chunks: int) -> float | None:
        """Seconds until the next push should go: until there is as much as one message takes, but not for long.
        None where nothing waits to be pushed.
        """
        if not self._to_push or self._interrupted:
            return None
        if self.file.complete or len(self._to_push) >= most_chunks:
            return 0.0
        return max(0.0, self._waiting_since + _GATHERING_S - now)

    def next_push(self, now: float, most_chunks: int) -> range:
        """Take the next run of chunks to push, at most so many."""
        run = self._run(self._to_push, most_chunks)
        for _ in run:
            self._to_push.popleft()
        self._waiting_since = now
        return run

    def push_again(self, run: range, file: ChunkedFile) -> None:
        """As `pull_again`, for a push."""
        self._to_push.extendleft(reversed(run))
        self._interrupted = self.file is file

    def sent(self, run: range, now: float) -> None:
        """The run is on its way."""
        self._sent_bytes += sum(map(self.file.size, run))
        self._on_the_way.append(_SentRun(run.start, self._sent_bytes, now))

    def wants_acknowledgement(self, every_bytes: int, *, last: bool) -> bool:
        """Whether a page should acknowledge at once the run that was sent last: after each so many bytes, and after
        the last run that fits into the window. Not oftener, for an acknowledgement makes the kernel busy, and the
        notebook draws that.
        """
        is_due = self._sent_bytes - self._asked_bytes >= every_bytes
        none_is_coming = self._asked_bytes <= self._acknowledged_bytes
        if not (is_due or (last and none_is_coming)):
            return False
        self._asked_bytes = self._sent_bytes
        return True

    @property
    def chunks_to_push(self) -> int:
        """How many wait to be pushed."""
        return len(self._to_push)

    @property
    def unanswered_bytes(self) -> float:
        """How much of the file no acknowledgement covers, of those that have come or were asked for: of what was sent,
        and of what will be pushed. Infinite where nobody knows its length.
        """
        if self.file.bytes_total is None:
            return math.inf
        to_come_bytes = max(0, self.file.bytes_total - self._offered * self.file.chunk_bytes)
        to_push_bytes = sum(map(self.file.size, self._to_push))
        return (
            to_come_bytes
            + to_push_bytes
            + self._sent_bytes
            - max(self._asked_bytes, self._acknowledged_bytes)
        )

    def bytes_on_the_way(self, now: float) -> int:
        """Sent and not yet acknowledged."""
        while self._on_the_way and now - self._on_the_way[0].at > _ACKNOWLEDGEMENT_PATIENCE_S:
            self._acknowledged_bytes = self._on_the_way.popleft().sent_bytes
        return self._sent_bytes - self._acknowledged_bytes

    @staticmethod
    def _run(indexes: Iterable[int], most: int) -> range:
        """The first of the indexes, and those that go on from it."""
        first, *following = itertools.islice(indexes, most)
        end = first + 1
        for index in following:
            if index != end:
                break
            end += 1
        return range(first, end)
