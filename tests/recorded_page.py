"""A page that writes down what a publisher sends it, and what its outbox is given to send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rushes.messages import PullRequest, ReceivedRequest, Reply
from rushes.outbox import Outbox
from rushes.publisher import Publisher
from rushes.transfer import CHUNK_BYTES, ChunkedFile


class RecordedPage:
    """A page that writes down what it is sent, its runs (how long, and where they begin), and where it is asked to
    acknowledge.
    """

    def __init__(self, log: list[str] | None = None, name: str = "") -> None:
        self.log = [] if log is None else log
        self.name = name
        self.urgent = False
        self.broken = False
        self.buffers: list[bytes] = []
        self.runs: list[int] = []
        self.indexes: list[int] = []
        self.asked_chunks: list[int] = []
        self.offers = 0

    def offer_videos(self) -> None:
        self.offers += 1

    def publish(self) -> None:
        self._note("publish")

    def publish_again(self) -> None:
        self._note("publish_again")

    def answer_state(self) -> None:
        self._note("state")

    def renew_outputs(self) -> float | None:
        return None

    def has_urgent_news(self) -> bool:
        return self.urgent

    def file_missing(self, file: ChunkedFile) -> None:
        self._note(f"missing {file.path.name}")

    def send(self, reply: Reply, buffer: bytes | None = None) -> None:
        if reply["type"] == "ack":
            self._note(f"ack {reply['id']}")
        elif reply["type"] == "chunk":
            assert buffer is not None
            self.buffers.append(buffer)
            self.runs.append(reply["count"])
            self.indexes.append(reply["index"])
            if reply["acknowledge"]:
                self.asked_chunks.append(reply["index"] + reply["count"])
            for index in range(reply["index"], reply["index"] + reply["count"]):
                self._note(f"chunk {index}")

    def _note(self, what: str) -> None:
        if self.broken:
            raise RuntimeError("the comm is closed")
        self.log.append(f"{self.name}{what}")


def clip(path: Path, chunks: int) -> ChunkedFile:
    with path.open("wb") as file:
        file.truncate(chunks * CHUNK_BYTES)
    return ChunkedFile(path, chunks * CHUNK_BYTES, chunks * CHUNK_BYTES, sample=0, generation=0)


def pull(*chunks: int) -> PullRequest:
    return PullRequest(type="pull", sample=0, generation=0, chunks=list(chunks))


def received(index: int, *, waited_ms: int = 0, as_numbers: bool = False) -> ReceivedRequest:
    """The run that begins with this chunk was the last to come."""
    return ReceivedRequest(
        type="received", sample=0, generation=0, index=index, waited_ms=waited_ms, as_numbers=as_numbers
    )


def outbox_for(publisher: Publisher, page: RecordedPage, clock: Callable[[], float] = lambda: 0.0) -> Outbox:
    outbox = Outbox(page, publisher.wake, window=publisher.window, clock=clock)
    publisher.add(outbox)
    return outbox


def run_out(publisher: Publisher, now: float) -> float | None:
    """Take turns until one has to wait; returns how long."""
    while (wait_s := publisher.turn(now)) == 0.0:
        pass
    return wait_s
