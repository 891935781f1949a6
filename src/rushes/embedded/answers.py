"""What the embedded endpoint says: the documented JSON, and Google's where the documents are silent.

Sources: the "query task" and "text to video" pages of GPTProto's documentation, and recorded answers of
Google's API. Everything here is pure: a generation and a time in, a JSON object out.
"""

from __future__ import annotations

import base64
from datetime import datetime, timezone
from typing import Any, Literal

from rushes.embedded.generations import Generation

Json = dict[str, Any]
#: Where the samples sit: `response.generatedSamples` (gptproto) or below `generateVideoResponse` (google).
Shape = Literal["gptproto", "google"]
SHAPES: tuple[Shape, ...] = ("gptproto", "google")

_METADATA_TYPE = "type.googleapis.com/google.cloud.aiplatform.v1beta1.GenerateVideoMetadata"
_RESPONSE_TYPE = "type.googleapis.com/google.cloud.aiplatform.v1beta1.GenerateVideoResponse"
_GOOGLE_RESPONSE_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"
_ENTERPRISE_RESPONSE_TYPE = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"

#: The errors that GPTProto documents, by HTTP status.
_DOCUMENTED_ERRORS = {
    401: "Invalid signature",
    403: "Insufficient balance",
    404: "Operation not found",
    500: "Internal server error",
    503: "Content policy violation",
}
_BAD_KEY = "API key not valid. Please pass a valid API key."
_FILTERED = (
    "The video could not be created, because it may go against the usage guidelines of this pretended model. "
    "Support codes: 29310472"
)
_AUDIO_FILTERED = "The video was created, but the requested audio was blocked for violating our policies."
_FAILED = "Video generation failed due to an internal server issue. Please try again in a few minutes."


def documented_error(status_code: int) -> Json:
    """`{"error": {"message": …, "type": "401"}}`"""
    return {"error": {"message": _DOCUMENTED_ERRORS[status_code], "type": str(status_code)}}


def google_error(status_code: int, status: str, message: str, details: list[Json] | None = None) -> Json:
    """`{"error": {"code": 400, "message": …, "status": "INVALID_ARGUMENT"}}`"""
    error: Json = {"code": status_code, "message": message, "status": status}
    if details:
        error["details"] = details
    return {"error": error}


def invalid_argument(message: str) -> Json:
    """The body of a 400."""
    return google_error(400, "INVALID_ARGUMENT", message)


def poll_error(status_code: int) -> Json:
    """The answer of an operation that was made to be refused with this HTTP status."""
    if status_code == 429:
        retry: Json = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}
        message = "Resource has been exhausted (e.g. check quota)."
        return google_error(429, "RESOURCE_EXHAUSTED", message, [retry])
    if status_code == 400:
        reason: Json = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }
        return google_error(400, "INVALID_ARGUMENT", _BAD_KEY, [reason])
    return documented_error(status_code)


def submitted(generation: Generation) -> Json:
    """The answer to a submit."""
    return {"name": generation.name}


def operation(generation: Generation, shape: Shape, now: float, base_url: str) -> Json:
    """The answer to a poll. Google's API names a running operation and says nothing else."""
    done = generation.done(now)
    if shape == "google":
        answer: Json = {"name": generation.name}
        return {**answer, "done": True, **_ending(generation, shape, base_url)} if done else answer
    metadata = {
        "@type": _METADATA_TYPE,
        "createTime": timestamp(generation.created_at),
        "updateTime": timestamp(min(now, generation.finished_at)),
    }
    # The documented name carries no model.
    name = f"operations/{generation.operation_id}"
    ending = _ending(generation, shape, base_url) if done else {}
    return {"name": name, "metadata": metadata, "done": done, **ending}


def enterprise_operation(generation: Generation, now: float) -> Json:
    """The answer to `fetchPredictOperation`, by which google-genai's enterprise mode polls: videos inline."""
    if not generation.done(now):
        return {"name": generation.name}
    answer: Json = {"name": generation.name, "done": True}
    if generation.status == "failed":
        return {**answer, "error": {"code": 13, "message": _FAILED}}
    videos = [
        {"bytesBase64Encoded": base64.b64encode(file.clip.data).decode("ascii"), "mimeType": "video/mp4"}
        for file in generation.files
    ]
    response: Json = {"@type": _ENTERPRISE_RESPONSE_TYPE, **_filter_words(generation)}
    return {**answer, "response": {**response, "videos": videos} if videos else response}


def timestamp(epoch_s: float) -> str:
    """RFC 3339 in UTC with milliseconds, as JSON spells a protobuf `Timestamp`."""
    moment = datetime.fromtimestamp(epoch_s, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ending(generation: Generation, shape: Shape, base_url: str) -> Json:
    if generation.status == "failed":
        return {"error": {"code": 13, "message": _FAILED}}
    body = _filter_words(generation)
    if generation.files:
        uris = [f"{base_url}/v1beta/files/{file.file_id}:download?alt=media" for file in generation.files]
        body = {"generatedSamples": [{"video": {"uri": uri}} for uri in uris], **body}
    if shape == "gptproto":
        return {"response": {"@type": _RESPONSE_TYPE, **body}}
    return {"response": {"@type": _GOOGLE_RESPONSE_TYPE, **({"generateVideoResponse": body} if body else {})}}


def _filter_words(generation: Generation) -> Json:
    if generation.withheld:
        return {
            "raiMediaFilteredCount": generation.withheld,
            "raiMediaFilteredReasons": [_FILTERED] * generation.withheld,
        }
    if generation.status == "audio_filtered":
        return {"raiMediaFilteredReasons": [_AUDIO_FILTERED]}
    return {}
