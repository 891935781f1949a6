"""One HTTP answer to a status request, read to an `Operation` or raised as the typed error. No I/O."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from rushes.answer_text import answer_text
from rushes.credentials import Secret
from rushes.errors import (
    APIError,
    AuthenticationError,
    OperationNotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RushesError,
    ServerError,
    UnreadableResponseError,
)
from rushes.network_fault import sign_in_page_error
from rushes.operation import ErrorDetail, Operation, read_error_detail, read_operation, withheld_operation
from rushes.provider import Provider
from rushes.shown import PrivateBytes
from rushes.times import read_http_date

_LONGEST_MESSAGE = 2000
_LONGEST_CODE = 100
#: How much of an answer that is plain text is looked at.
_LONGEST_TEXT_BYTES = 65_536
#: Real answers have some ten levels.
_DEEPEST = 100
#: Real answers have some hundred values, a video as base64 being one of them. In Python each takes fifty bytes or
#: more, so that a body of nothing but brackets would take all the memory there is.
_MOST_VALUES = 200_000
#: Answers that are errors are short; a longer one is not read twice to be shown.
_LONGEST_SHOWN_BYTES = 262_144
_TOLD_TYPES = ("application/json", "text/html", "text/plain")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTENT_POLICY = re.compile(r"content\s+policy|policy\s+violation", re.IGNORECASE)
_BAD_KEY = re.compile(r"API_KEY_INVALID|API key (?:not valid|expired|not found)", re.IGNORECASE)


def read_answer(
    status_code: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    provider: Provider,
    secret: Secret | None,
    model_name: str,
    operation_id: str,
) -> Operation:
    """Read an answer of `GET .../models/{model_name}/operations/{operation_id}`.

    Args:
        status_code: the HTTP status.
        headers: the answer's headers, found in any case.
        body: the whole body.
        provider: who was asked, for the words of errors.
        secret: the key that was sent; taken out of whatever the server echoed.
        model_name: as asked for.
        operation_id: as asked for.

    Raises:
        APIError: the endpoint answered with an error, with a 200 too where the error is an HTTP one by its code.
        NetworkError: a web page came back in place of an answer.
        UnreadableResponseError: anything else that is not an operation.
    """
    body = body if isinstance(body, PrivateBytes) else PrivateBytes(body)
    fault: RushesError
    try:
        return _read(status_code, headers, body, provider, secret, model_name, operation_id)
    except RushesError as error:
        fault = error.with_traceback(None)  # the frames inside hold the answer with its addresses
    fault.answer = _shown(headers, body, secret)
    raise fault


def _read(
    status_code: int,
    headers: Mapping[str, str],
    body: PrivateBytes,
    provider: Provider,
    secret: Secret | None,
    model_name: str,
    operation_id: str,
) -> Operation:
    unreadable = ""
    has_too_many_values = sum(map(body.count, (b",", b"[", b"{"))) > _MOST_VALUES
    try:
        content = None if has_too_many_values else _read_json(body, secret)
        if not 200 <= status_code < 300 or _is_bare_http_error(content):
            detail = _error_detail(headers, body, content, secret)
            error = _http_error(status_code, headers, content, detail, provider)
            if error.status_code == 503 and _CONTENT_POLICY.search(error.message or ""):
                raw = content if isinstance(content, dict) else {}
                return withheld_operation(raw, model_name, operation_id, error.message or "")
            raise error
        if isinstance(content, Mapping):
            operation = read_operation(content, model_name, operation_id)
            return replace(operation, error=_public_detail(operation.error, secret))
    except RecursionError:
        unreadable = "The answer is JSON nested too deep to be an operation."
    if unreadable or content is not None:
        raise UnreadableResponseError(
            unreadable or f"The answer is JSON, but a {type(content).__name__}, not an operation.",
            status_code=status_code,
        )
    if _is_page(headers, body):
        raise sign_in_page_error(urlsplit(provider.base_url).hostname or provider.title)
    if has_too_many_values:
        raise UnreadableResponseError(
            "The answer has too many values to be an operation.", status_code=status_code
        )
    raise UnreadableResponseError(
        f"The answer of {provider.title} is {'empty' if not body.strip() else 'cut off, or not JSON'}.",
        status_code=status_code,
        transient=True,
    )


def api_error(
    status_code: int,
    detail: ErrorDetail | None,
    *,
    provider: str = "",
    bad_key: bool = False,
    retry_after_s: float | None = None,
) -> APIError:
    """The error class that an HTTP status stands for, with the provider's words in it."""
    kind: type[APIError] = APIError
    if status_code == 401 or bad_key:
        kind = AuthenticationError
    elif status_code == 403:
        kind = PermissionDeniedError
    elif status_code == 404:
        kind = OperationNotFoundError
    elif status_code == 429:
        kind = RateLimitError
    elif status_code >= 500:
        kind = ServerError
    code = status_code if detail is None or detail.code is None else detail.code
    message = detail.message[:_LONGEST_MESSAGE] if detail is not None and detail.message else None
    return kind(status_code, code, message, provider=provider, retry_after_s=retry_after_s)


def retry_after_s(
    headers: Mapping[str, str], content: object = None, *, now: datetime | None = None
) -> float | None:
    """Seconds to wait: `Retry-After` as seconds or an HTTP date, or `details[].retryDelay` as Google sends it ("58s").

    Args:
        headers: the answer's headers; its own `Date` is the clock that an HTTP date is read by, where given.
        content: the parsed body, if any.
        now: the local time, for tests.
    """
    value = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        return float(value)
    until, sent = read_http_date(value), read_http_date(headers.get("Date") or "")
    if until is not None:
        return max(0.0, (until - (sent or now or datetime.now(timezone.utc))).total_seconds())
    for text in _retry_delays(content, depth=8):
        if found := re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)s", text, re.ASCII):
            return float(found[1])
    return None


def _shown(headers: Mapping[str, str], body: PrivateBytes, secret: Secret | None) -> str:
    """What came in place of an operation, fit to be shown: JSON, or what else it is."""
    content = None
    if len(body) <= _LONGEST_SHOWN_BYTES:
        with contextlib.suppress(RecursionError):
            content = _read_json(body, secret)
    if content is not None:
        return answer_text(content)
    # A header may hold anything; one of these can be no secret.
    kind = (headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    return f"({len(body):,} bytes{f' of {kind}' if kind in _TOLD_TYPES else ''})"


def _error_detail(
    headers: Mapping[str, str], body: bytes, content: object, secret: Secret | None
) -> ErrorDetail | None:
    """The provider's words in an error answer: from JSON, or plain text as it stands; a page has none worth showing."""
    if content is not None:
        return _public_detail(read_error_detail(content), secret)
    text = "" if _is_page(headers, body) else body.lstrip()[:_LONGEST_TEXT_BYTES].decode("utf-8", "replace")
    if secret is not None:
        text = secret.redact(text.rstrip(), cut_off=True)
    return ErrorDetail(None, text.rstrip()[:_LONGEST_MESSAGE]) if text else None


def _public_detail(detail: ErrorDetail | None, secret: Secret | None) -> ErrorDetail | None:
    """The words without the key, which JSON inside a string can have spelt in its own way, and not without end."""
    if detail is None:
        return None
    code, message = detail.code, detail.message
    if isinstance(code, str):
        code = _public(code, secret)[:_LONGEST_CODE]
    return ErrorDetail(code, _public(message, secret)[:_LONGEST_MESSAGE] if message else None)


def _public(text: str, secret: Secret | None) -> str:
    """The text without the key, and without halves of characters, which nobody can print, log or send."""
    if not text.isascii():
        text = _LONE_SURROGATE.sub("\ufffd", text)
    return secret.redact(text) if secret is not None else text


def _http_error(
    status_code: int,
    headers: Mapping[str, str],
    content: object,
    detail: ErrorDetail | None,
    provider: Provider,
) -> APIError:
    if 200 <= status_code < 300 and detail is not None:
        status_code = int(detail.code or status_code)
    bad_key = status_code == 400 and _BAD_KEY.search(str(content)) is not None
    wait_s = retry_after_s(headers, content)
    error = api_error(status_code, detail, provider=provider.title, bad_key=bad_key, retry_after_s=wait_s)
    if isinstance(error, OperationNotFoundError):
        error.next_step = f"{provider.title} was asked. {error.next_step}"
    return error


def _is_bare_http_error(content: object) -> bool:
    """Whether a 200 carries nothing but an HTTP error: gateways hand the upstream's error on so.

    An error beside a name or `done`, or with a google.rpc code, is a failed operation instead.
    """
    while isinstance(content, list) and len(content) == 1:
        content = content[0]
    if not isinstance(content, Mapping) or {"name", "done", "response"} & content.keys():
        return False
    detail = read_error_detail(content.get("error"))
    return detail is not None and re.fullmatch(r"[45]\d\d", str(detail.code), re.ASCII) is not None


def _read_json(body: bytes, secret: Secret | None) -> Any:  # Any: arbitrary JSON
    """The body as JSON, the key taken out of it; None where it is not JSON.

    Raises:
        RecursionError: it is nested too deep.
    """
    try:
        content = json.loads(body)
    except ValueError:  # UnicodeDecodeError is one too
        return None
    return _public_json(content, secret, _DEEPEST)


def _public_json(
    value: Any, secret: Secret | None, depth: int
) -> Any:  # Any: arbitrary JSON in, the same out
    if depth == 0:
        raise RecursionError
    if isinstance(value, str):
        return _public(value, secret)
    if isinstance(value, list):
        return [_public_json(item, secret, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_public(key, secret): _public_json(item, secret, depth - 1) for key, item in value.items()}
    return value


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    start = body[:512].lstrip().lower()
    return "html" in (headers.get("Content-Type") or "").lower() or start.startswith((b"<!doctype", b"<html"))


def _retry_delays(content: object, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(content, Mapping):
        delay = content.get("retryDelay")
        if isinstance(delay, str):
            yield delay
        for key in ("error", "details"):
            yield from _retry_delays(content.get(key), depth - 1)
    elif isinstance(content, list):
        for item in content[:32]:
            yield from _retry_delays(item, depth - 1)
