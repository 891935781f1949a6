"""What a submission returned: the name of the operation that it started."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from rushes.answer import api_error
from rushes.errors import APIError, InvalidInputError, UnreadableResponseError
from rushes.operation import ErrorDetail, read_error_detail
from rushes.reference import read_reference

_EXPECTED = (
    'Let submit() return the name of the operation ("models/M/operations/X"), a dict with "name", '
    "an object with .name, or the response of the request."
)
# What keys of GPTProto and Google look like. The key that submit() sent is not known here, and servers echo.
_LOOKS_LIKE_A_KEY = re.compile(r"(?:AIza|sk-)[A-Za-z0-9_-]{8,}")
_UNRECORDED = "Nothing was written down: the next run submits again."


def name_of_submitted(returned: Any) -> str:  # Any: what a client library returns
    """The operation name in a str, a dict with "name", an object with `.name`, or a response with `.json()`.

    Messages say what kind of thing came back but quote nothing from it: it may hold the prompt or the key.

    Raises:
        InvalidInputError: it names no operation.
        APIError: it is a response, or a dict, with an error.
        UnreadableResponseError: it is a response that is not JSON.
    """
    if _is_awaitable(returned):
        raise InvalidInputError(
            "submit() returned something to await instead of an answer. Nothing was written down.",
            next_step=f"Pass a function that waits for the answer itself. {_EXPECTED}",
        )
    body = returned
    # Asked for its name first: the SDK's operations have a `.json()` too, but one that makes text of them.
    if not _has_name(returned) and callable(getattr(returned, "json", None)):
        body = _body(returned)
    name = _name_in(body)
    checked = _checked(name)
    if checked is None:
        flaw = "whose name is not one of an operation" if name else "without a name"
        raise InvalidInputError(
            f"submit() returned a {type(body).__name__} {flaw}. {_UNRECORDED}", next_step=_EXPECTED
        )
    return checked


def _has_name(returned: object) -> bool:
    return isinstance(returned, (str, Mapping)) or isinstance(getattr(returned, "name", None), str)


def _name_in(body: object) -> object:
    if isinstance(body, str):
        return body
    if not isinstance(body, Mapping):
        return getattr(body, "name", None)
    if not body.get("name") and (detail := read_error_detail(body.get("error"))) is not None:
        code = detail.code
        raise _refused(code if isinstance(code, int) and 400 <= code <= 599 else 400, detail)
    return body.get("name")


def _checked(name: object) -> str | None:
    if not isinstance(name, str):
        return None
    text = name.strip()
    try:
        if "://" in text:
            # A URL may hold a key in its query; only what it names is kept.
            return read_reference(text).name
        # The model is there for the check alone: a name may lack it, and the user gives it to `watch` then.
        read_reference("any-model", text)
    except InvalidInputError:
        return None
    return text


def _body(response: Any) -> Any:  # Any: a response of whatever HTTP library, and JSON
    """The JSON of a response."""
    status_code = _status_code(response)
    try:
        body = response.json()
        body = None if _is_awaitable(body) else body
    # A library's own exceptions, which may hold the request with its key; so nothing of them is kept.
    except Exception:  # noqa: BLE001
        body = None
    if status_code >= 400:
        detail = read_error_detail(body.get("error", body) if isinstance(body, Mapping) else body)
        raise _refused(status_code, detail)
    if body is None:
        raise UnreadableResponseError(
            f"The answer to the submission is not JSON. {_UNRECORDED}",
            status_code=status_code,
            next_step="Check the URL that submit() posts to; the request may have been accepted even so.",
        )
    return body


def _is_awaitable(value: object) -> bool:
    if inspect.iscoroutine(value):
        value.close()  # or Python warns later and far away that nobody awaited it
        return True
    return inspect.isawaitable(value)


def _refused(status_code: int, detail: ErrorDetail | None) -> APIError:
    if detail is not None and detail.message:
        detail = ErrorDetail(detail.code, _LOOKS_LIKE_A_KEY.sub("(key)", detail.message))
    # A 404 to a submission is about the URL or the model: there is no operation yet that could be unknown.
    error = _not_found(detail) if status_code == 404 else api_error(status_code, detail)
    error.next_step = f"This was the answer to submit(). {_UNRECORDED}"
    return error


def _not_found(detail: ErrorDetail | None) -> APIError:
    return APIError(404, detail.code, detail.message) if detail is not None else APIError(404)


def _status_code(response: object) -> int:
    code = getattr(response, "status_code", None)
    return code if isinstance(code, int) else 200
