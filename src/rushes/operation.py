"""What an answer of the endpoint means: an `Operation`, or the typed error. No I/O."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from rushes.errors import (
    NoVideoError,
    OperationFailedError,
    OperationFilteredError,
    UnreadableResponseError,
)
from rushes.progress import read_percent
from rushes.shown import public_json
from rushes.times import read_rfc3339
from rushes.video import Video

OperationStatus = Literal["running", "succeeded", "filtered", "empty", "failed"]

Json = Mapping[str, Any]  # Any: an answer may hold arbitrary JSON

#: Where answers have been seen to carry samples, below `response` or `response.generateVideoResponse`.
_SAMPLE_LISTS = ("generatedSamples", "videos", "generatedVideos", "predictions")
_URI_FIELDS = ("uri", "gcsUri", "videoUri")
_INLINE_FIELDS = ("bytesBase64Encoded", "videoBytes", "encodedVideo", "video")
_MIME_FIELDS = ("mimeType", "encoding")
_MOST_REASONS = 20
_LONGEST_REASON = 2000
_LONGEST_NAME = 1024
#: Real answers have four samples at most; a page is told of each of them.
_MOST_VIDEOS = 64
#: What is longer than any vendor's word for a state may hold anything, addresses included.
_STATUS = re.compile(r"[\w .-]{1,64}")
#: A page opens a video as what it is called: as a web page, it could run a script there.
_VIDEO_TYPE = re.compile(r"video/[A-Za-z0-9.+-]{1,64}")


@dataclass(frozen=True)
class ErrorDetail:
    """The error inside a finished operation, in the provider's words.

    Attributes:
        code: a google.rpc code, a string, or None where there is none.
        message: the provider's words, or None.
    """

    code: int | str | None
    message: str | None


@dataclass(frozen=True)
class Operation:
    """What one answer says about a video generation.

    Frozen and hashable; `raw` and `metadata` do not count for equality.

    Attributes:
        name: as the answer calls it; may lack the model.
        model_name: as asked for.
        operation_id: as asked for.
        done: whether the generation has ended, however it ended.
        status: "running", "succeeded", "filtered", "empty" or "failed".
        videos: the samples that can be fetched or are inline.
        filtered_count: samples that a safety filter withheld, 0 where none or not said.
        filtered_reasons: the provider's words about them; beside a good video they are a warning.
        error: the provider's error of a failed operation, else None.
        create_time: when the provider says it began, else None.
        update_time: when the provider last changed it, else None.
        metadata: the answer's `metadata`.
        raw: the whole answer, inline videos left out.
    """

    name: str
    model_name: str
    operation_id: str
    done: bool
    status: OperationStatus
    videos: tuple[Video, ...] = ()
    filtered_count: int = 0
    filtered_reasons: tuple[str, ...] = ()
    error: ErrorDetail | None = None
    create_time: datetime | None = None
    update_time: datetime | None = None
    metadata: Json = field(default_factory=dict, compare=False, repr=False)
    raw: Json = field(default_factory=dict, compare=False, repr=False)

    @property
    def progress_percent(self) -> float | None:
        """How far the generation is by the provider's word, above 0 and at most 100; None where it says nothing."""
        return read_percent(self.metadata)

    def raise_for_status(self) -> None:
        """Raise where the operation ended without a video; nothing while it runs or after success.

        Raises:
            OperationFailedError: it failed.
            OperationFilteredError: a safety filter withheld every sample.
            NoVideoError: it finished without a video.
        """
        if self.status == "failed":
            detail = self.error or ErrorDetail(None, None)
            raise OperationFailedError(detail.code, detail.message)
        if self.status == "filtered":
            raise OperationFilteredError(self.filtered_reasons)
        if self.status == "empty":
            raise NoVideoError

    def __copy__(self) -> Operation:
        return self

    def __deepcopy__(self, memo: Mapping[int, object]) -> Operation:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "raw": public_json(self.raw), "metadata": public_json(self.metadata)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)


def read_operation(body: Json, model_name: str, operation_id: str) -> Operation:
    """Read the JSON object that a status request answered.

    A missing or null `done` means running; a `response` or a non-empty `error` means finished even then (Google's own
    API leaves `done` and `metadata` out while an operation runs).

    Args:
        body: the parsed answer.
        model_name: as asked for; the answer's own name may lack it.
        operation_id: as asked for.

    Raises:
        UnreadableResponseError: the object is not an operation.
    """
    name = body.get("name")
    name = name if isinstance(name, str) and len(name) <= _LONGEST_NAME else ""
    error = read_error_detail(body.get("error"))
    response = body.get("response")
    finished = _finished(body)
    if error is None and response is None and not finished and not _names_operation(body, name):
        raise UnreadableResponseError(
            "The answer is JSON, but not an operation: it has neither an operation name nor `done`."
            + (
                f" It reads like another vendor's job (status {body['status']!r})."
                if isinstance(body.get("status"), str) and _STATUS.fullmatch(body["status"])
                else ""
            )
        )
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    holders = _holders(response)
    videos = tuple(itertools.islice(_videos(holders), _MOST_VIDEOS))
    count, reasons = _filtered(holders)
    done = finished or error is not None or response is not None
    status: OperationStatus = "running"
    if error is not None:
        status, videos = "failed", ()
    elif done:
        status = "succeeded" if videos else "filtered" if count or reasons else "empty"
    return Operation(
        name=name or f"operations/{operation_id}",
        model_name=model_name,
        operation_id=operation_id,
        done=done,
        status=status,
        videos=videos,
        filtered_count=count,
        filtered_reasons=reasons,
        error=error,
        create_time=read_rfc3339(metadata.get("createTime")) or read_rfc3339(body.get("createTime")),
        update_time=read_rfc3339(metadata.get("updateTime")) or read_rfc3339(body.get("updateTime")),
        metadata=metadata,
        raw=_without_inline(body),
    )


def withheld_operation(body: Json, model_name: str, operation_id: str, reason: str) -> Operation:
    """The finished operation behind a 503 that tells of a content policy violation.

    GPTProto documents this answer so ("query task"): final there, where Google's own 503 passes.
    """
    return Operation(
        name=f"operations/{operation_id}",
        model_name=model_name,
        operation_id=operation_id,
        done=True,
        status="filtered",
        filtered_reasons=(reason,),
        raw=body,
    )


def read_error_detail(error: object) -> ErrorDetail | None:
    """The `error` of an answer: an object, a string, JSON in a string, a list of them; None where it is empty."""
    if isinstance(error, str):
        text = error.strip()
        inner = _json_in(text)
        return (read_error_detail(inner) if inner is not None else None) or (
            ErrorDetail(None, text) if text else None
        )
    if isinstance(error, Sequence):
        return next((found for found in map(read_error_detail, error) if found), None)
    if not isinstance(error, Mapping) or not error:
        return None
    nested = error.get("error")
    if nested and (found := read_error_detail(nested)):
        return found
    message = error.get("message")
    inner = _json_in(message) if isinstance(message, str) else None
    if inner is not None and (found := read_error_detail(inner)):
        return found
    code = next(
        (error[key] for key in ("code", "type", "status") if isinstance(error.get(key), (int, str))), None
    )
    return ErrorDetail(code, message.strip() or None if isinstance(message, str) else None)


def _finished(body: Json) -> bool:
    done = body.get("done")
    if done is None or isinstance(done, bool):
        return bool(done)
    if isinstance(done, str) and done.lower() in ("true", "false"):
        return done.lower() == "true"
    raise UnreadableResponseError(f"The answer's `done` is {type(done).__name__}, not true or false.")


def _names_operation(body: Json, name: str) -> bool:
    """Whether an unfinished answer is an operation at all. Other vendors tell a job's state in a field of its own."""
    if isinstance(body.get("done"), (bool, str)):
        return True
    return bool(re.search(r"(^|/)operations/", name)) and not isinstance(body.get("status"), str)


def _holders(response: object) -> list[Json]:
    """The objects that may hold samples and filter counts: `response` and what it wraps."""
    if not isinstance(response, Mapping):
        return []
    inner = response.get("generateVideoResponse")
    return [response, inner] if isinstance(inner, Mapping) else [response]


def _videos(holders: Sequence[Json]) -> Iterator[Video]:
    for holder in holders:
        for key in _SAMPLE_LISTS:
            samples = holder.get(key)
            for sample in samples if isinstance(samples, list) else ():
                if isinstance(sample, Mapping) and (video := _video(sample)):
                    yield video
        if video := _video({key: holder[key] for key in ("videoUri",) if key in holder}):
            yield video


def _video(sample: Json) -> Video | None:
    inner = sample.get("video")
    levels = [inner, sample] if isinstance(inner, Mapping) else [sample]
    named_type = (_first_text(levels, _MIME_FIELDS) or "").partition(";")[0].strip()
    mime_type = named_type if _VIDEO_TYPE.fullmatch(named_type) else None
    uri = _first_text(levels, _URI_FIELDS)
    if uri:
        return Video(uri=uri, mime_type=mime_type)
    encoded = _first_text(levels, _INLINE_FIELDS)
    # Encoders that follow MIME break lines.
    return Video(mime_type=mime_type, inline=True, _base64="".join(encoded.split())) if encoded else None


def _first_text(levels: Sequence[Json], keys: Sequence[str]) -> str | None:
    for level in levels:
        for key in keys:
            value = level.get(key)
            if isinstance(value, str) and value.strip():
                return value.strip()
    return None


def _filtered(holders: Sequence[Json]) -> tuple[int, tuple[str, ...]]:
    count = 0
    reasons: list[str] = []
    for holder in holders:
        number = holder.get("raiMediaFilteredCount")
        if isinstance(number, (int, float, str)) and re.fullmatch(r"\d{1,6}", str(number).strip(), re.ASCII):
            count = max(count, int(number))
        words = holder.get("raiMediaFilteredReasons")
        for word in [words] if isinstance(words, str) else words if isinstance(words, list) else []:
            if isinstance(word, str) and word.strip() and word[:_LONGEST_REASON] not in reasons:
                reasons.append(word[:_LONGEST_REASON])
    return count, tuple(reasons[:_MOST_REASONS])


def _without_inline(value: Any) -> Any:  # Any: arbitrary JSON in, the same out
    """The answer without the base64 of inline videos: megabytes that nobody reads."""
    if isinstance(value, Mapping):
        return {
            key: f"({len(item):,} characters left out)"
            if key in _INLINE_FIELDS and isinstance(item, str)
            else _without_inline(item)
            for key, item in value.items()
        }
    return [_without_inline(item) for item in value] if isinstance(value, list) else value


def _json_in(text: str) -> Any:  # Any: arbitrary JSON
    """JSON that stands inside a string, else None."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
