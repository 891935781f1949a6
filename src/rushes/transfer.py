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

#: A page that has acknowledged nothing for so long is gone, or sits behind a busy kernel: its bytes no longer
#: count as being on the way.
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
    _offered: int = 0
    _interrupted: bool = False
    _waiting_since: float = 0.0
    _sent: set[int] = field(default_factory=set)
    _sent_bytes: int = 0
    _runs_sent: deque[tuple[int, float]] = field(default_factory=deque)
    _acknowledged_bytes: int = 0
    _asked_bytes: int = 0
    _last_sent_at: float = 0.0

    def offer(self, file: ChunkedFile, now: float, *, push: bool) -> None:
        """The file as it is now; `push` sends what it has gained without being asked."""
        self.file = file
        self._interrupted = False
        if push:
            if not self._to_push:
                self._waiting_since = now
            self._to_push.extend(range(self._offered, file.count))
        self._offered = file.count

    def withdraw_pushes(self) -> None:
        """What waits to be pushed goes only if it is asked for."""
        self._to_push.clear()

    def pull(self, chunks: Iterable[int]) -> None:
        """A page asked for these chunks."""
        self._interrupted = False
        self._pulled.update(dict.fromkeys(index for index in chunks if index < self.file.count))

    def acknowledge(self, chunks: int, arrived_at: float) -> tuple[float, int] | None:
        """A page said how many distinct chunks it holds, and since when; the page that has the most sets the pace.

        Returns:
            Seconds that the newest among them took, there and back, and the bytes that have arrived since the last
            time; None where the page says nothing new of them.
        """
        before = self._acknowledged_bytes
        held_bytes = min(chunks * self.file.chunk_bytes, self.file.bytes_here)
        self._acknowledged_bytes = max(before, held_bytes)
        sent_at = None
        while self._runs_sent and self._runs_sent[0][0] <= self._acknowledged_bytes:
            sent_at = self._runs_sent.popleft()[1]
        if sent_at is None:
            return None
        return max(0.0, arrived_at - sent_at), self._acknowledged_bytes - before

    def next_pulled(self, most_chunks: int) -> range | None:
        """Take the next run of chunks that a page asked for, at most so many."""
        if not self._pulled or self._interrupted:
            return None
        run = self._run(self._pulled, most_chunks)
        for index in run:
            del self._pulled[index]
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
        """The run is on its way. A page counts each chunk once, however often and for whatever reason it comes."""
        added = [index for index in run if index not in self._sent]
        if added:
            self._sent.update(added)
            self._sent_bytes += sum(map(self.file.size, added))
            self._runs_sent.append((self._sent_bytes, now))
            self._last_sent_at = now

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
        """How much of the whole file no acknowledgement covers, of those that have come or were asked for; infinite
        where nobody knows its length.
        """
        if self.file.bytes_total is None:
            return math.inf
        return self.file.bytes_total - max(self._asked_bytes, self._acknowledged_bytes)

    def bytes_on_the_way(self, now: float) -> int:
        """Sent and not yet acknowledged."""
        if now - self._last_sent_at > _ACKNOWLEDGEMENT_PATIENCE_S:
            return 0
        return max(0, self._sent_bytes - self._acknowledged_bytes)

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
