"""One URL to a `.part` file: as many requests as it takes, each going on where the last was cut.

What has arrived is only gone on with where the server vouches for it (`If-Range`, `Content-Range`) and the
bytes around the seam agree; otherwise the file begins again from zero under a new generation. A file is whole
when its announced length has come and its own structure reaches to the last byte: a wrong length alone would
pass for an end.
"""

from __future__ import annotations

import itertools
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rushes.destination import would_overwrite
from rushes.errors import (
    DownloadError,
    InvalidInputError,
    NetworkError,
    RushesError,
    SaveError,
    WatchStoppedError,
)
from rushes.file_answer import (
    not_a_video,
    read_content_length,
    read_content_range,
    read_revision,
    refusal,
    same_revision,
)
from rushes.mp4 import has_mp4_signature, is_complete_mp4
from rushes.partial import Partial
from rushes.save_fault import saving
from rushes.source import Source
from rushes.transport import Exchange, Transport
from rushes.webm import has_webm_signature, is_complete_webm

_CHUNK_BYTES = 1 << 18
_SIGNATURE_BYTES = 8
#: Bytes asked for again and compared, with a validator and without one.
_SEAM_BYTES = 1 << 10
_UNVOUCHED_SEAM_BYTES = 1 << 16
#: A file of 1 GiB over a line that is cut at every megabyte still arrives; a server that cuts for ever ends.
_MAX_REQUESTS = 2_000
_FIRST_DELAY_S, _MAX_DELAY_S, _MAX_RETRY_AFTER_S = 0.5, 20.0, 120.0
_SLICE_S = 0.2
_REPORT_BYTES, _REPORT_S = 1 << 19, 0.1


@dataclass(frozen=True)
class _Setback:
    """Why one request did not finish the file; a `final` one would end the same way again."""

    error: RushesError
    final: bool = False
    retry_after_s: float | None = None


class Fetch:
    """The requests for one video from one source.

    Args:
        transport: what sends them.
        source: where the video is.
        partial: where its bytes go; held by the caller.
        max_bytes: a longer file is refused.
        on_bytes: called as bytes arrive, a few times a second, and when they begin again from zero.
        cancelled: asked at every chunk and during waits.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        transport: Transport,
        source: Source,
        partial: Partial,
        *,
        max_bytes: int,
        on_bytes: Callable[[], None],
        cancelled: Callable[[], bool],
        sleep: Callable[[float], None],
    ) -> None:
        self._transport = transport
        self._source = source
        self._partial = partial
        self._max_bytes = max_bytes
        self._on_bytes = on_bytes
        self._cancelled = cancelled
        self._sleep = sleep
        self._furthest = partial.size_bytes
        self._reported_generation = partial.generation
        self._reported_bytes = 0
        self._reported_at_s = -_REPORT_S

    def run(self) -> None:
        """Bring the partial to the whole file.

        Raises:
            RushesError: the last setback; what has arrived stays unless it was wrong.
            SaveError: the bytes cannot be written.
            WatchStoppedError: `cancelled()` turned true.
        """
        idle = 0  # requests in a row that brought nothing new
        for _ in range(_MAX_REQUESTS):
            self._check_cancelled()
            furthest = self._furthest
            setback = self._attempt()
            self._report(at_once=True)
            if setback is None:
                return
            idle = 0 if self._furthest > furthest else idle + 1
            if setback.final or idle >= self._source.patience:
                raise setback.error
            self._wait(idle, setback.retry_after_s)
        raise DownloadError(f"{self._source.host} cut the transfer {_MAX_REQUESTS:,} times.")

    def _attempt(self) -> _Setback | None:
        """One request, or none where every byte is there already; None once the file is whole."""
        if self._partial.size_bytes and self._partial.size_bytes == self._partial.revision.total:
            return self._verify()
        first, headers = self._range_request()
        error: RushesError
        try:
            with self._source.open(self._transport, headers) as exchange:
                return self._receive(exchange, first)
        except NetworkError as failure:
            error = failure
        except InvalidInputError as failure:
            error = DownloadError(f"The video's address cannot be used. {failure.explanation}", next_step="")
        # A verbose traceback prints the locals of every frame, and those of the transport hold the whole URL.
        return _Setback(error.with_traceback(None), final=isinstance(error, DownloadError))

    def _range_request(self) -> tuple[int | None, dict[str, str]]:
        """The first byte to ask for and the headers that say so; None and no headers for the whole file."""
        if not self._partial.resumable:
            return None, {}
        validator = self._partial.revision.if_range
        seam = _SEAM_BYTES if validator else _UNVOUCHED_SEAM_BYTES
        first = max(0, self._partial.size_bytes - seam)
        headers = {"Range": f"bytes={first}-"}
        if validator:
            headers["If-Range"] = validator
        return first, headers

    def _receive(self, exchange: Exchange, first: int | None) -> _Setback | None:
        if exchange.status_code == 416 and first is not None:
            return self._begin_again("no longer has the rest of the file that was begun")
        if exchange.status_code not in (200, 203, 206):
            error, wait_s = refusal(exchange, self._transport)
            return _Setback(error, final=not error.transient, retry_after_s=wait_s)
        wrong = not_a_video(exchange, self._transport)
        if wrong is not None:
            return _Setback(wrong)
        if exchange.status_code == 206:
            return self._go_on(exchange, first)
        return self._begin(exchange)

    def _begin(self, exchange: Exchange) -> _Setback | None:
        """Take a whole file, from its first byte."""
        total = read_content_length(exchange.headers)
        if total is not None:
            if total > self._max_bytes:
                return _Setback(self._too_large(total), final=True)
            self._check_room(total)
        pieces = exchange.iter_bytes(_CHUNK_BYTES)
        head = _take(pieces, _SIGNATURE_BYTES)
        if not head:
            return _Setback(self._cut_off())
        if not has_mp4_signature(head) and not has_webm_signature(head):
            # What was there before this answer is still good.
            return _Setback(DownloadError(f"{self._source.host} sent something that is not a video."))
        self._partial.restart(read_revision(exchange, total))
        return self._fill(itertools.chain((head,), pieces), total)

    def _go_on(self, exchange: Exchange, first: int | None) -> _Setback | None:
        """Take the rest of a file, where it is the rest of what is there."""
        held = self._partial.revision
        answered = read_content_range(exchange.headers)
        if answered is None or first is None or answered.first != first:
            return self._begin_again("answered with another range than it was asked for")
        if not same_revision(held, read_revision(exchange, answered.total)) or (
            held.if_range is None and answered.total is None
        ):
            return self._begin_again("has another file now than the one that was begun")
        seam = self._partial.tail(self._partial.size_bytes - first)
        pieces = exchange.iter_bytes(_CHUNK_BYTES)
        head = _take(pieces, len(seam))
        if len(head) < len(seam):
            return _Setback(self._cut_off())
        if head[: len(seam)] != seam:
            return self._begin_again("has another file now than the one that was begun")
        if answered.total is not None:
            self._partial.learn_total(answered.total)
        return self._fill(itertools.chain((head[len(seam) :],), pieces), answered.last + 1)

    def _fill(self, pieces: Iterator[bytes], end: int | None) -> _Setback | None:
        """Append the pieces, up to offset `end` where it is known."""
        partial = self._partial
        for piece in filter(None, pieces):
            self._check_cancelled()
            reached = partial.size_bytes + len(piece)
            if end is not None and reached > end:
                return self._begin_again("sent more bytes than it had announced")
            if reached > self._max_bytes:
                partial.empty()
                return _Setback(self._too_large(None), final=True)
            partial.append(piece)
            self._furthest = max(self._furthest, partial.size_bytes)
            self._report()
        if partial.revision.total is not None and partial.size_bytes < partial.revision.total:
            return _Setback(self._cut_off())
        return self._verify()

    def _verify(self) -> _Setback | None:
        """Whether what has arrived is a whole video by its own structure."""
        if _is_whole(self._partial.path):
            return None
        if self._partial.revision.total is None:
            return _Setback(self._cut_off())
        return self._begin_again("announced a length at which the video breaks off")

    def _begin_again(self, what_the_host_did: str) -> _Setback:
        self._partial.empty()
        return _Setback(
            DownloadError(f"{self._source.host} {what_the_host_did}; the download has to begin again.")
        )

    def _cut_off(self) -> NetworkError:
        return NetworkError(
            f"{self._source.host} closed the connection before the end of the video.", kind="truncated"
        )

    def _too_large(self, total: int | None) -> DownloadError:
        size = f"{total:,} bytes" if total is not None else "longer"
        return DownloadError(
            f"The video at {self._source.host} is {size}; the limit is {self._max_bytes:,} bytes.",
            next_step="Fetch it by other means: its address is in operation.videos, and it needs the key.",
        )

    def _check_room(self, total: int) -> None:
        """Find out before megabytes are fetched that they could not be kept."""
        destination = self._partial.destination
        with saving(destination):
            free = shutil.disk_usage(destination.parent).free + self._partial.size_bytes
            occupied = destination.is_file() and destination.stat().st_size != total
        if occupied:
            raise would_overwrite(destination)
        if free < total:
            raise SaveError(
                f"{destination} could not be written: the video has {total:,} bytes, "
                f"the disk has {free:,} left.",
                next_step="Free some space there, or choose another place.",
            )

    def _report(self, *, at_once: bool = False) -> None:
        partial = self._partial
        now_s = time.monotonic()
        if (
            at_once
            or partial.generation != self._reported_generation
            or partial.size_bytes - self._reported_bytes >= _REPORT_BYTES
            or now_s - self._reported_at_s >= _REPORT_S
        ):
            self._reported_generation = partial.generation
            self._reported_bytes = partial.size_bytes
            self._reported_at_s = now_s
            self._on_bytes()

    def _wait(self, idle: int, retry_after_s: float | None) -> None:
        """Back off, longer after each request that brought nothing, with jitter; or as the server asked."""
        delay_s = min(_MAX_DELAY_S, _FIRST_DELAY_S * 2 ** max(0, idle - 1)) * random.uniform(0.5, 1.0)
        left_s = max(delay_s, min(retry_after_s or 0.0, _MAX_RETRY_AFTER_S))
        while left_s > 0:
            self._check_cancelled()
            self._sleep(min(_SLICE_S, left_s))
            left_s -= _SLICE_S

    def _check_cancelled(self) -> None:
        if self._cancelled():
            raise WatchStoppedError


def _take(pieces: Iterator[bytes], length: int) -> bytes:
    """At least `length` bytes from the pieces, fewer where they end."""
    taken = b""
    while len(taken) < length and (piece := next(pieces, b"")):
        taken += piece
    return taken


def _is_whole(path: Path) -> bool:
    with saving(path):
        return is_complete_mp4(path) or is_complete_webm(path)


__all__ = ["Fetch"]
