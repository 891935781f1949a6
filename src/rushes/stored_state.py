"""What the store has, as the state of a watch: files that are whole, and what they say about themselves.

Reads a few kilobytes of each file: not for the scheduler's thread.
"""

from __future__ import annotations

import time
from pathlib import Path

from rushes.generations import generations
from rushes.ledger_entry import LedgerEntry, StoredSample
from rushes.mp4 import Mp4Info, describe
from rushes.operation import Operation, OperationStatus
from rushes.video import Video
from rushes.watch_state import SampleState, WatchState
from rushes.watcher import Now, restored


def ready_sample(stored: StoredSample, mime_type: str | None) -> SampleState:
    """The state of a sample whose file is whole; `mime_type` is what the answer says."""
    info = _described(stored.path)
    return SampleState(
        state="ready",
        generation=generations.of_finished(stored.path, stored.sha256),
        bytes_done=stored.bytes,
        bytes_total=stored.bytes,
        path=stored.path,
        mime_type=mime_type,
        sha256=stored.sha256,
        width=info.width,
        height=info.height,
        video_codec=info.video_codec,
        audio_codec=info.audio_codec,
        frame_duration_s=info.frame_duration_s,
    )


def restored_state(entry: LedgerEntry) -> WatchState:
    """The state of a watch all of whose videos the store has."""
    status: OperationStatus = "succeeded"
    videos = tuple(Video(mime_type=sample.mime_type, path=sample.path) for sample in entry.samples)
    operation = Operation(
        name=entry.name,
        model_name=entry.model_name,
        operation_id=entry.operation_id,
        done=True,
        status=status,
        videos=videos,
        filtered_count=entry.filtered_count,
        filtered_reasons=entry.filtered_reasons,
        create_time=entry.create_time,
    )
    samples = tuple(ready_sample(sample, sample.mime_type) for sample in entry.samples)
    # An entry of an earlier version has the first watch's start alone.
    began_at = (entry.began_at or entry.started_at).timestamp()
    now = Now(time.monotonic(), time.time())
    return restored(operation, samples, now, total_s=entry.total_s, began_at=began_at)


def _described(path: Path) -> Mp4Info:
    try:
        return describe(path)
    except OSError:  # a file that is gone is told where its bytes are read
        return Mp4Info()


__all__ = ["ready_sample", "restored_state"]
