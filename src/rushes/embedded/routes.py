"""Which request gets which answer: the key first, then submit, poll, file."""

from __future__ import annotations

import hmac
import json
import re
from typing import Any

from rushes.embedded import answers
from rushes.embedded.exchange import Reply, Request, json_reply
from rushes.embedded.generations import HTTP_ERRORS, MAX_SAMPLES, MODEL_NAME, Generation, Generations
from rushes.embedded.ranges import serve

# google-genai asks under /v1 (3.x), /v1beta (2.x) or, in enterprise mode, /v1beta1 below publishers/google.
_MODEL = r"/(?:v1|v1beta|v1beta1)/(?:publishers/google/)?models/(?P<model>[^/:]+)"
_SUBMIT = re.compile(_MODEL + ":predictLongRunning")
_FETCH = re.compile(_MODEL + ":fetchPredictOperation")
_POLL = re.compile(_MODEL + "/operations/(?P<operation>[^/]+)")
# google-genai cuts the file's ID out of https URIs only; an http one arrives whole behind its own prefix.
_FILE = re.compile(
    r"(?:/upload)?/(?P<version>v1|v1beta)/files/(?:https?://[^/]+/(?:v1|v1beta)/files/)?(?P<file>[a-z0-9]+):download"
)
_CONTENT = re.compile(r"/download/(?:v1|v1beta)/files/(?P<file>[a-z0-9]+):download")


class Routes:
    """Answers requests about one endpoint's generations.

    Args:
        generations: the operations.
        api_key: what `x-goog-api-key` has to hold.
        shape: where the samples sit in the answer to a poll.
        seconds, status, samples: of a generation that is submitted over HTTP; a request's own `sampleCount`
            goes before `samples`.
    """

    def __init__(
        self,
        generations: Generations,
        *,
        api_key: str,
        shape: answers.Shape,
        seconds: float,
        status: str,
        samples: int,
    ) -> None:
        self._generations = generations
        self._api_key = api_key
        self._shape = shape
        self._seconds = seconds
        self._status = status
        self._samples = samples

    def answer(self, request: Request, base_url: str) -> Reply:
        """The reply to one request. `base_url` goes into the URLs that it names."""
        key = request.headers.get("x-goog-api-key", "")
        if not hmac.compare_digest(key.encode("utf-8"), self._api_key.encode("utf-8")):
            return json_reply(401, answers.documented_error(401))
        if request.method == "POST":
            if found := _SUBMIT.fullmatch(request.path):
                return self._submit(found["model"], request.body)
            if found := _FETCH.fullmatch(request.path):
                return self._fetch(found["model"], request.body)
        else:
            if found := _POLL.fullmatch(request.path):
                return self._poll(found["model"], found["operation"], base_url)
            if found := _FILE.fullmatch(request.path):
                target = f"{base_url}/download/{found['version']}/files/{found['file']}:download?alt=media"
                return self._file(request, found["file"], redirect_to=target)
            if found := _CONTENT.fullmatch(request.path):
                return self._file(request, found["file"])
        return json_reply(404, {"error": {"message": "Not found", "type": "404"}})

    def _submit(self, model_name: str, body: bytes) -> Reply:
        if not MODEL_NAME.fullmatch(model_name):
            return json_reply(400, answers.invalid_argument("Invalid model name."))
        read = _read_submission(body)
        if isinstance(read, str):
            return json_reply(400, answers.invalid_argument(read))
        prompt, samples, aspect_ratio = read
        least = 2 if self._status == "partly_filtered" else 1
        generation = self._generations.create(
            model_name,
            seconds=self._seconds,
            status=self._status,
            samples=max(samples or self._samples, least),
            prompt=prompt,
            aspect_ratio=aspect_ratio,
        )
        return json_reply(200, answers.submitted(generation))

    def _poll(self, model_name: str, operation_id: str, base_url: str) -> Reply:
        generation = self._generations.find(model_name, operation_id)
        refused = _refusal(generation)
        if generation is None or refused is not None:
            return refused or json_reply(404, answers.documented_error(404))
        now = self._generations.clock()
        return json_reply(200, answers.operation(generation, self._shape, now, base_url))

    def _fetch(self, model_name: str, body: bytes) -> Reply:
        asked = _parse(body)
        name = asked.get("operationName") if isinstance(asked, dict) else None
        if not isinstance(name, str):
            return json_reply(400, answers.invalid_argument("`operationName` is required."))
        generation = self._generations.find(model_name, name.rpartition("/operations/")[2])
        refused = _refusal(generation)
        if generation is None or refused is not None:
            return refused or json_reply(404, answers.documented_error(404))
        return json_reply(200, answers.enterprise_operation(generation, self._generations.clock()))

    def _file(self, request: Request, file_id: str, redirect_to: str | None = None) -> Reply:
        found = self._generations.find_file(file_id)
        if found is None:
            # Google answers 403, not 404, for a file that has expired or belongs to somebody else.
            message = f"You do not have permission to access the File {file_id} or it may not exist."
            return json_reply(403, answers.google_error(403, "PERMISSION_DENIED", message))
        if redirect_to is not None:
            return Reply(302, b"", {"Location": redirect_to})
        generation, file = found
        clip, made_at = file.clip, generation.finished_at
        return serve(request, clip.data, etag=clip.etag, modified_at=made_at, media_type="video/mp4")


def _refusal(generation: Generation | None) -> Reply | None:
    """The HTTP error that every poll of this operation gets, if it was made so."""
    if generation is None or generation.status not in HTTP_ERRORS:
        return None
    status_code = int(generation.status.removeprefix("http_"))
    return json_reply(status_code, answers.poll_error(status_code))


def _parse(body: bytes) -> Any:
    """The JSON of a body; None where it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _read_submission(body: bytes) -> tuple[str, int | None, str] | str:
    """Prompt, number of samples and aspect ratio; or, as one string, what is wrong with the body."""
    asked = _parse(body)
    if not isinstance(asked, dict):
        return "Invalid JSON payload received. Expected an object."
    instances = asked.get("instances")
    if not isinstance(instances, list) or len(instances) != 1 or not isinstance(instances[0], dict):
        return "`instances` must be a list of one object."
    prompt = instances[0].get("prompt", "")
    if not isinstance(prompt, str) or not (prompt.strip() or instances[0].get("image")):
        return "`instances[0].prompt` must be a text that is not empty."
    parameters = asked.get("parameters") or {}
    if not isinstance(parameters, dict):
        return "`parameters` must be an object."
    samples = parameters.get("sampleCount", parameters.get("numberOfVideos"))
    if samples is not None and (type(samples) is not int or not 1 <= samples <= MAX_SAMPLES):
        return f"`sampleCount` must be between 1 and {MAX_SAMPLES}."
    aspect_ratio = parameters.get("aspectRatio", "16:9")
    if aspect_ratio not in ("16:9", "9:16"):
        return "`aspectRatio` must be 16:9 or 9:16."
    return prompt, samples, aspect_ratio
