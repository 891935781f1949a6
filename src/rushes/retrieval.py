"""The videos of a finished operation, fetched into the store. Runs on a download worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timezone

from rushes.data_directory import OperationKey
from rushes.download import Progress, download
from rushes.errors import RushesError, SaveError, WatchStoppedError
from rushes.generations import generations
from rushes.ledger import Ledger
from rushes.ledger_entry import StoredSample
from rushes.operation import Operation
from rushes.store import Store
from rushes.stored_state import ready_sample
from rushes.transport import Transport
from rushes.video import Video
from rushes.watch_state import SampleState

_logger = logging.getLogger(__name__)


def retrieve(
    operation: Operation,
    key: OperationKey,
    *,
    total_s: float | None,
    began_at: float | None,
    transport: Transport,
    store: Store,
    on_sample: Callable[[int, SampleState], None],
    cancelled: Callable[[], bool],
) -> tuple[tuple[Video, ...], RushesError | None]:
    """Fetch every video that is not in the store yet.

    Another kernel that fetches the same videos is waited for, and its files are taken.

    Args:
        operation: a succeeded one.
        key: where it is in the store.
        total_s: seconds that the generation took, for the ledger.
        began_at: what they count from (seconds since the epoch), for the ledger.
        transport: the connection to the provider.
        store: where the videos go.
        on_sample: told how far each sample is, by its index.
        cancelled: asked now and then; the partial file stays.

    Returns:
        The videos that are here now, and the first error among those that are not.
    """
    lock = store.lock(key)
    try:
        if not lock.acquire(cancelled=cancelled):
            return (), WatchStoppedError()
    except SaveError as error:
        # Some network drives have no locks: better no protection from another kernel than no video. A place that
        # cannot be written is told when the video is.
        _logger.debug("The videos are fetched without a lock. %s", error)
    kept: list[StoredSample] = []
    videos: list[Video] = []
    first_error: RushesError | None = None
    generation = 0

    def on_moved(index: int, sample: SampleState) -> None:
        nonlocal generation
        generation = sample.generation
        on_sample(index, sample)

    try:
        for index, video in enumerate(operation.videos):
            generation = 0
            sample = SampleState(mime_type=video.mime_type)
            try:
                stored = _stored(index, video, sample, key, transport, store, on_moved, cancelled)
            except RushesError as error:
                first_error = first_error or error.with_traceback(None)
                # Of the bytes that a page may have: it heeds nothing of an older one.
                on_sample(index, replace(sample, state="unavailable", generation=generation))
                continue
            kept.append(stored)
            videos.append(video.with_path(stored.path))
        # Before anybody is told: what has arrived is found again, whatever happens to this process next.
        write_down_outcome(operation, key, total_s=total_s, began_at=began_at, samples=kept)
        store.enforce_quota(keep=key)
    finally:
        lock.release()
    return tuple(videos), first_error


def write_down_outcome(
    operation: Operation,
    key: OperationKey,
    *,
    total_s: float | None,
    began_at: float | None,
    samples: Sequence[StoredSample] = (),
) -> None:
    """Enter an operation's outcome into the ledger. A data directory that cannot be written costs a log line."""
    try:
        Ledger().record_outcome(
            key,
            operation,
            finished_at=datetime.now(timezone.utc),
            total_s=total_s,
            began_at=None if began_at is None else datetime.fromtimestamp(began_at, timezone.utc),
            samples=samples,
        )
    except RushesError as error:
        _logger.warning("The ledger could not be written. %s", error)


def _stored(
    index: int,
    video: Video,
    sample: SampleState,
    key: OperationKey,
    transport: Transport,
    store: Store,
    on_sample: Callable[[int, SampleState], None],
    cancelled: Callable[[], bool],
) -> StoredSample:
    stored = store.stored_sample(key, index, video.mime_type)
    if stored is None:
        path = store.prepare(key) / store.video_path(key, index).name
        generation, begun = generations.begin(path), None

        def on_progress(progress: Progress) -> None:
            nonlocal generation, begun
            if begun not in (None, progress.generation):
                generation = generations.begin(path)
            begun = progress.generation
            on_sample(index, _moving(sample, progress, generation))

        download(transport, video, path, on_progress=on_progress, cancelled=cancelled)
        stored = store.stored_sample(key, index, video.mime_type)
        if stored is not None:
            generations.finish(stored.path, generation, stored.sha256)
    if stored is None:
        raise RushesError("The video disappeared from the data directory while it was written.")
    on_sample(index, ready_sample(stored, video.mime_type))
    return stored


def _moving(sample: SampleState, progress: Progress, generation: int) -> SampleState:
    return replace(
        sample,
        state="downloading",
        generation=generation,
        bytes_done=progress.bytes_done,
        bytes_total=progress.bytes_total,
        path=progress.path,
    )
