"""The one JSON trait that a page draws its card from, made out of the state of a watch.

`js/src/model.ts` declares the same types; a test compares both. Hosts save it in the notebook: no key, query of an
address or absolute path goes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from rushes.destination import safe_file_stem
from rushes.errors import OperationFilteredError, RushesError
from rushes.estimate import estimate_steps
from rushes.kept_words import kept_words
from rushes.transfer import CHUNK_BYTES
from rushes.watch_state import SampleState, Status, WatchState


class Clock(TypedDict):
    """Where elapsed time is counted from, in epoch milliseconds of the kernel's clock.

    `sent_at_ms` is when this snapshot left: in a live message it tells the page how far its own clock is off.
    """

    source: Literal["operation", "watch"]
    started_at_ms: int
    sent_at_ms: int
    total_ms: int | None


class Polls(TypedDict):
    """Status requests so far, when the last one was, and when the next one is due."""

    count: int
    last_at_ms: int | None
    next_at_ms: int | None


class Retry(TypedDict):
    """Why the last poll brought nothing, and when the next try is."""

    reason: str
    next_at_ms: int


class EstimateStep(TypedDict):
    """Of an operation that still runs at this age: how far it is, and how much longer it usually takes at least and at
    most.
    """

    age_ms: int
    done_percent: int
    low_ms: int
    high_ms: int


class Estimate(TypedDict):
    """How far a running operation is: `done_percent` by the provider's own word, else by `steps`.

    The steps are a table by age, which a page reads between the lines while it ticks; there are none where the age or
    the model's latency is unknown, and after the last one it takes longer than usual. No percentage reaches 100.
    """

    done_percent: int | None
    steps: list[EstimateStep]


class Filtered(TypedDict):
    """What a safety filter withheld: `count` of `total` samples, 0 of 0 where the provider gave no number."""

    count: int
    total: int
    reasons: list[str]


class ErrorInfo(TypedDict):
    """What happened, the provider's words (`detail`), what to do next; `kind` is the error's class, `help_url` the page
    that explains it.
    """

    kind: str
    message: str
    detail: str | None
    next_step: str
    help_url: str | None


class Sample(TypedDict):
    """One video: how much of it the kernel has, how it is cut for the way into the page, and what the file says
    about itself: pixels as displayed, codecs as `canPlayType` takes them, how long each frame lasts.
    """

    state: Literal["waiting", "downloading", "ready", "unavailable", "gone"]
    generation: int
    bytes_done: int
    bytes_total: int | None
    chunk_bytes: int
    mime_type: str
    file_name: str
    saved_to: str | None
    sha256: str | None
    width: int | None
    height: int | None
    video_codec: str | None
    audio_codec: str | None
    frame_duration_s: float | None


class FormError(TypedDict):
    """Why nothing is watched yet: `request` is the number of the request that this answers, `field` the one to
    correct, where it is one.
    """

    request: int
    field: Literal["model_name", "operation_id", "key"] | None
    message: str


class Form(TypedDict):
    """Asks for an operation. `has_key`: the kernel already holds one that was typed."""

    model_names: list[str]
    has_key: bool
    error: FormError | None


class Snapshot(TypedDict):
    """Everything the card shows. `version` grows with every change; a page ignores an older one. `wants_poster` asks
    a page that has the video for a picture of it.
    """

    version: int
    status: Status
    model_name: str
    operation_id: str
    label: str | None
    provider: str
    key_source: str | None
    notice: str | None
    clock: Clock | None
    polls: Polls
    retry: Retry | None
    estimate: Estimate | None
    filtered: Filtered | None
    warnings: list[str]
    error: ErrorInfo | None
    needs_key: bool
    can_stop: bool
    can_resume: bool
    samples: list[Sample]
    autoplay: bool
    loop: bool
    wants_poster: bool
    form: Form | None


#: What runs is not done.
_MOST_PERCENT = 99


@dataclass(frozen=True)
class Caption:
    """What stands on the card beside the state: who is asked for what, and how the video plays.

    Attributes:
        provider: the provider's title.
        key_source: where the key came from, in words; never the key.
    """

    model_name: str
    operation_id: str
    provider: str
    key_source: str | None = None
    label: str | None = None
    notice: str | None = None
    autoplay: bool = False
    loop: bool = False
    wants_poster: bool = False
    form: Form | None = None


def take_snapshot(state: WatchState, caption: Caption, *, version: int, now: float) -> Snapshot:
    """Describe a watch as JSON.

    Args:
        state: the watch as it is.
        caption: what does not change with the state.
        version: greater than that of every snapshot sent before.
        now: epoch seconds at which it is sent.
    """
    return Snapshot(
        version=version,
        status=state.status,
        model_name=caption.model_name,
        operation_id=caption.operation_id,
        label=caption.label,
        provider=caption.provider,
        key_source=caption.key_source,
        notice=caption.notice,
        clock=clock_of(state, now),
        polls=Polls(
            count=state.polls,
            last_at_ms=_optional_ms(state.last_poll_at),
            next_at_ms=_optional_ms(state.next_poll_at),
        ),
        retry=_retry(state),
        estimate=estimate_of(state),
        filtered=_filtered(state),
        warnings=_warnings(state),
        error=None if state.error is None else _error(state.error),
        needs_key=state.needs_key,
        can_stop=state.can_stop,
        can_resume=state.can_resume,
        samples=[_sample(sample, index, caption) for index, sample in enumerate(state.samples)],
        autoplay=caption.autoplay,
        loop=caption.loop,
        wants_poster=caption.wants_poster,
        form=caption.form,
    )


def same_news(one: Snapshot, other: Snapshot) -> bool:
    """Whether both tell a reader the same: all but their version and the moment they were sent."""
    return _timeless(one) == _timeless(other)


def resent(snapshot: Snapshot, now: float) -> Snapshot:
    """The same snapshot, sent now."""
    clock = snapshot["clock"]
    return snapshot if clock is None else {**snapshot, "clock": {**clock, "sent_at_ms": _ms(now)}}


def _timeless(snapshot: Snapshot) -> Snapshot:
    return {**resent(snapshot, 0.0), "version": 0}


def clock_of(state: WatchState, now: float) -> Clock | None:
    """What the elapsed time is counted from; None where any figure would be made up: before the watch begins,
    for an operation that could not be read, and for one whose end nobody saw, a failure's too; and while a video that
    was kept is copied, as its generation is long over. A watch that gave up has the time at which it did.
    """
    source, started_at = state.clock
    total_s = state.total_s
    gave_up = state.status in ("stopped", "timed_out")
    if total_s is None and gave_up and state.ended_at is not None:
        total_s = max(0.0, state.ended_at - started_at)
    kept = state.status == "downloading" and state.polls == 0
    if state.status == "idle" or kept or (state.done and total_s is None):
        return None
    return Clock(
        source=source,
        started_at_ms=_ms(started_at),
        sent_at_ms=_ms(now),
        total_ms=_ms(total_s) if state.done and total_s is not None else None,
    )


def _retry(state: WatchState) -> Retry | None:
    if state.retry is None:
        return None
    # The card goes on after the reason: "..., next try in 5 s".
    return Retry(reason=kept_words(state.retry.reason).rstrip("."), next_at_ms=_ms(state.retry.at))


def estimate_of(state: WatchState) -> Estimate | None:
    """How far the operation is; None where nothing can be said."""
    operation = state.operation
    if state.status != "running" or operation is None:
        return None
    percent = operation.progress_percent
    steps = estimate_steps(state.latency) if percent is None and state.created_at is not None else ()
    if percent is None and not steps:
        return None
    return Estimate(
        done_percent=None if percent is None else min(round(percent), _MOST_PERCENT),
        steps=[
            EstimateStep(
                age_ms=_ms(step.age_s),
                done_percent=min(round(100.0 * step.done_share), _MOST_PERCENT),
                low_ms=_ms(step.low_s),
                high_ms=_ms(step.high_s),
            )
            for step in steps
        ],
    )


def _filtered(state: WatchState) -> Filtered | None:
    operation = state.operation
    if operation is None or not (operation.filtered_count or operation.status == "filtered"):
        return None
    return Filtered(
        count=operation.filtered_count,
        total=operation.filtered_count + len(operation.videos) if operation.filtered_count else 0,
        reasons=[kept_words(reason) for reason in operation.filtered_reasons],
    )


def _warnings(state: WatchState) -> list[str]:
    """The provider's words beside videos of which it withheld none: "audio was filtered", say."""
    operation = state.operation
    if operation is None or operation.status != "succeeded" or operation.filtered_count:
        return []
    return [kept_words(reason) for reason in operation.filtered_reasons]


def _error(error: RushesError) -> ErrorInfo:
    return ErrorInfo(
        kind=type(error).__name__,
        message=kept_words(error.summary),
        # Of a filter, `filtered` tells the reasons one by one.
        detail=None
        if isinstance(error, OperationFilteredError) or error.words is None
        else kept_words(error.words),
        next_step=kept_words(error.next_step),
        help_url=error.help_url,
    )


def _sample(sample: SampleState, index: int, caption: Caption) -> Sample:
    suffix = sample.path.suffix if sample.path is not None and sample.state == "ready" else ".mp4"
    number = f"-{index + 1}" if index else ""
    return Sample(
        state=sample.state,
        generation=sample.generation,
        bytes_done=sample.bytes_done,
        bytes_total=sample.bytes_total,
        chunk_bytes=CHUNK_BYTES,
        mime_type=sample.mime_type or "video/mp4",
        file_name=f"{safe_file_stem(caption.operation_id)}{number}{suffix}",
        saved_to=None if sample.saved_to is None else _shown_path(sample.saved_to),
        sha256=sample.sha256,
        width=sample.width,
        height=sample.height,
        video_codec=sample.video_codec,
        audio_codec=sample.audio_codec,
        frame_duration_s=sample.frame_duration_s,
    )


def _shown_path(path: Path) -> str:
    """A path as the notebook's reader knows it: relative to where the kernel runs, else the bare name."""
    below = path_below(path, Path())
    return path.name if below is None else below.as_posix()


def path_below(path: Path, directory: Path) -> Path | None:
    """The path from a directory that it is below, as it is written or else where its links lead; None elsewhere."""
    try:
        for place, root in ((path.absolute(), directory.absolute()), (path.resolve(), directory.resolve())):
            # Where ".." after a link leads, only the file system knows.
            if place.is_relative_to(root) and ".." not in place.parts:
                return place.relative_to(root)
    except OSError:
        pass
    return None


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _optional_ms(seconds: float | None) -> int | None:
    return None if seconds is None else _ms(seconds)
