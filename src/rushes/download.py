"""A finished video to a file: from wherever it may be fetched, whole or absent, never paid for twice."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rushes.destination import check_destination, export
from rushes.errors import AuthenticationError, DownloadError, RushesError, SaveError, WatchStoppedError
from rushes.fetch import Fetch
from rushes.mp4 import has_mp4_signature
from rushes.partial import Partial, Revision
from rushes.source import Source, sources_of
from rushes.transport import Transport
from rushes.video import Video
from rushes.webm import has_webm_signature


@dataclass(frozen=True)
class Progress:
    """How far a download is.

    Attributes:
        path: where the bytes are now: the `.part` file, at the end the destination.
        generation: grows whenever the bytes start again from zero; a reader never mixes two.
        bytes_done: how many bytes of the file are on disk.
        bytes_total: the length of the whole file, None where the server has not said.
    """

    path: Path
    generation: int
    bytes_done: int
    bytes_total: int | None


def download(
    transport: Transport,
    video: Video,
    destination: Path,
    *,
    max_bytes: int = 1 << 30,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch a video to `destination`, which is whole or absent at any time.

    Bytes go to `<name>.part` beside it first, in bounded memory. A cut transfer goes on where it stopped,
    here or in another process later. The video's own URI is asked first (with the key only where it is the
    provider's), then the provider's own address of the same file. Inline videos are decoded, downloaded ones
    copied.

    Args:
        transport: sends the requests; its provider and key decide who gets the key.
        video: one sample of a finished operation.
        destination: the file to make; its directory must exist. The same bytes in its place are fine.
        max_bytes: a longer video is refused.
        on_progress: called in this thread as bytes arrive, a few times a second, and at the end.
        cancelled: asked at every chunk and during waits; once it is true the download ends and what came
            stays.
        sleep: waits that many seconds.

    Returns:
        The destination, absolute.

    Raises:
        AuthenticationError: the key is not accepted.
        APIError: the server still answers with an error that passes, after some tries.
        DownloadError: there is no such file any more, it is no video, too large, or at an address that is not
            fetched.
        InvalidInputError: the destination's name cannot be one.
        NetworkError: nothing came back, after some tries.
        SaveError: it cannot be written, or other bytes are in its place.
        WatchStoppedError: `cancelled()` turned true.
    """
    destination = Path(os.path.abspath(os.path.expanduser(destination)))
    if video.path is not None and video.path.is_file():
        return export(video.path, destination)
    sources = () if video.inline else sources_of(video, transport.provider)
    check_destination(destination)
    with Partial(destination, _fingerprint(video)) as partial:

        def report() -> None:
            if on_progress is not None:
                on_progress(
                    Progress(partial.path, partial.generation, partial.size_bytes, partial.revision.total)
                )

        if partial.acquire(cancelled=cancelled, sleep=sleep):
            if video.inline:
                _decode(video, partial, max_bytes)
            else:
                _fetch(
                    sources,
                    lambda source: Fetch(
                        transport,
                        source,
                        partial,
                        max_bytes=max_bytes,
                        on_bytes=report,
                        cancelled=cancelled,
                        sleep=sleep,
                    ).run(),
                )
            partial.publish()
        size = destination.stat().st_size
        if on_progress is not None:
            on_progress(Progress(destination, partial.generation, size, size))
    return destination


def _fetch(sources: tuple[Source, ...], fetch_from: Callable[[Source], None]) -> None:
    """Try the sources one after the other."""
    failures: list[tuple[Source, RushesError]] = []
    for source in sources:
        try:
            return fetch_from(source)
        except (AuthenticationError, SaveError, WatchStoppedError):
            raise
        except RushesError as error:
            failures.append((source, error))
    if len(failures) == 1:
        raise failures[0][1]
    attempts = " ".join(f"{source.host}: {error.explanation}" for source, error in failures)
    combined = DownloadError(
        f"The video could not be fetched, neither at its own address nor at the provider's. {attempts}",
        next_step=failures[-1][1].next_step,
    )
    combined.transient = any(error.transient for _, error in failures)
    raise combined


def _decode(video: Video, partial: Partial, max_bytes: int) -> None:
    """Write the bytes that came inside the answer."""
    partial.restart(Revision())
    for number, piece in enumerate(video.inline_chunks()):
        if number == 0 and not has_mp4_signature(piece) and not has_webm_signature(piece):
            raise DownloadError("The bytes inside the answer are not a video.", next_step="")
        if partial.size_bytes + len(piece) > max_bytes:
            partial.empty()
            raise DownloadError(f"The video inside the answer is longer than {max_bytes:,} bytes.")
        partial.append(piece)


def _fingerprint(video: Video) -> str:
    """Names the video on disk without telling its address."""
    return hashlib.sha256((video.uri or "inline").encode("utf-8", "surrogatepass")).hexdigest()[:32]


__all__ = ["Progress", "download"]
