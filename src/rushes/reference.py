"""What the user typed: which operation of which model, and on which endpoint if a URL said so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from rushes.errors import InvalidInputError
from rushes.provider import origin_of

#: Both go into the URL's path as they are, so only characters that mean nothing there are let in.
_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
_OPERATION_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~=+-]{0,255}")
_LONGEST_INPUT = 2048
#: Models that generate videos, as of November 2026: what a form suggests. Any other name is as good.
KNOWN_MODEL_NAMES = (
    "veo-3.1-generate-preview",
    "veo-3.1-fast-generate-preview",
    "veo-3.0-generate-001",
    "veo-3.0-fast-generate-001",
    "veo-2.0-generate-001",
)
_API_KEY = re.compile(r"(?<![A-Za-z0-9])(?:AIza[\w-]{20,}|sk-[\w-]{16,})", re.ASCII)

_Part = Literal["model_name", "operation_id"]
_TITLES: dict[_Part, str] = {"model_name": "model name", "operation_id": "operation ID"}

_EXPECTED = (
    'Expected a model name and an operation ID, as in watch("veo-3.1-generate-preview", "mg3pt9cbmvr1"), '
    'or one operation name, as in watch("models/veo-3.1-generate-preview/operations/mg3pt9cbmvr1").'
)


@dataclass(frozen=True)
class Reference:
    """One operation, as the user meant it.

    Attributes:
        model_name: without "models/".
        operation_id: without "operations/".
        base_url: the endpoint a pasted URL or a ledger entry named, else None.
    """

    model_name: str
    operation_id: str
    base_url: str | None = None

    @property
    def name(self) -> str:
        """The full operation name, "models/M/operations/X"."""
        return f"models/{self.model_name}/operations/{self.operation_id}"


def read_reference(model_name: object, operation_id: object = None) -> Reference:
    """Read the one or two arguments that `watch` and `Client` take.

    Args:
        model_name: a model name; or, alone, an operation name, a URL, an object with `.name`, or a dict with "name".
        operation_id: an operation ID, or any of those in its place.

    Raises:
        InvalidInputError: it cannot be meant, or could change the request's path, query or host.
    """
    if operation_id is None:
        return _alone(model_name)
    model = _checked_model(_text(model_name, "model_name"))
    base_url, _, identifier = _parts(_text(operation_id, "operation_id"))
    return Reference(model, _checked_id(identifier), base_url or _base_url_of(operation_id))


def read_typed(model_name: str, operation_id: str) -> Reference:
    """Read what was typed into the two fields of a form: a whole name or URL may stand in either, alone.

    Raises:
        InvalidInputError: as of `read_reference`; its `part` names the field that it belongs to, where one does.
    """
    part: _Part = "operation_id" if operation_id.strip(" ") else "model_name"
    try:
        return _typed(model_name, operation_id)
    except InvalidInputError as error:
        error.part = error.part or part  # a URL or a name that is none
        raise


def _typed(model_name: str, operation_id: str) -> Reference:
    if not operation_id.strip(" ") and _is_whole(model_name):
        return _alone(model_name)
    if not _is_whole(operation_id):
        return read_reference(model_name, operation_id)
    model = _parts(_text(operation_id, "operation_id"))[1]
    if not model_name.strip(" "):
        return _alone(operation_id)
    reference = read_reference(model_name, operation_id)
    if model is not None and model != reference.model_name:
        raise InvalidInputError(
            "The operation's name has another model in it.",
            next_step="Leave the model name out, or correct it.",
            part="model_name",
        )
    return reference


def _is_whole(text: str) -> bool:
    return "operations/" in text or "://" in text


def _alone(operation: object) -> Reference:
    text = _text(operation)
    if "operations/" not in text:
        raise InvalidInputError("One argument has to be a whole operation name.", next_step=_EXPECTED)
    base_url, model, identifier = _parts(text)
    identifier = _checked_id(identifier)
    if model is None:
        raise InvalidInputError(
            f"'operations/{identifier}' names no model.",
            next_step=f'Name it: watch("veo-3.1-generate-preview", "{identifier}"), '
            "with the model that you submitted to.",
            part="model_name",
        )
    return Reference(_checked_model(model), identifier, base_url or _base_url_of(operation))


def _text(value: object, part: _Part | None = None) -> str:
    """The text in a string, an object with `.name`, or a dict with "name"."""
    what = _TITLES[part] if part else "operation"
    name = value
    if isinstance(value, Mapping):
        name = value.get("name")
    elif not isinstance(value, str):
        name = getattr(value, "name", None)
    if not isinstance(name, str):
        raise InvalidInputError(
            f"The {what} is a {type(value).__name__} without a name.", next_step=_EXPECTED, part=part
        )
    # Pasted text often brings spaces along; anything else that is invisible is a mistake or an attack.
    name = name.strip(" ")
    if not name:
        raise InvalidInputError(f"The {what} is empty.", next_step=_EXPECTED, part=part)
    if len(name) > _LONGEST_INPUT:
        raise InvalidInputError(f"The {what} has {len(name):,} characters.", next_step=_EXPECTED, part=part)
    # The query of a pasted URL may hold a key: it is neither used nor shown.
    return re.split(r"[?#]", name)[0] if "://" in name else name


def _base_url_of(value: object) -> str | None:
    """The endpoint that a ledger entry remembers; other objects remember none."""
    base_url = getattr(value, "base_url", None)
    return base_url if isinstance(base_url, str) else None


def _parts(text: str) -> tuple[str | None, str | None, str]:
    """Split text into (base URL, model name, operation ID), unchecked."""
    base_url = None
    if "://" in text:
        base_url, text = _split_url(text)
    head, separator, identifier = text.rpartition("operations/")
    if not separator and base_url is not None:
        raise InvalidInputError("The URL is not an operation's.", next_step=_EXPECTED)
    if not separator:
        return None, None, text
    found = re.fullmatch(r"(?:.*/)?models/([^/]*)/", head)
    if head and not found:
        raise InvalidInputError("This is not an operation name.", next_step=_EXPECTED)
    return base_url, found[1] if found else None, identifier


def _split_url(url: str) -> tuple[str, str]:
    """Split an operation's URL into its endpoint and its operation name."""
    origin_of(url)  # refuses what is no URL, or carries a password
    split = urlsplit(url)
    found = re.fullmatch(r"(.*?)/v1(?:beta|alpha|beta1)?/(.*)", split.path)
    if found is None:
        raise InvalidInputError("The URL is not an operation's.", next_step=_EXPECTED)
    return f"{split.scheme}://{split.netloc}{found[1]}", found[2]


def _checked_model(model: str) -> str:
    model = model.removeprefix("models/")
    _check(model, _MODEL_NAME, "model_name")
    return model


def _checked_id(identifier: str) -> str:
    _check(identifier, _OPERATION_ID, "operation_id")
    return identifier


def _check(text: str, form: re.Pattern[str], part: _Part) -> None:
    """Refuse what cannot be meant. The text is not shown: a key may have been pasted in its place."""
    what = _TITLES[part]
    trouble = ""
    if _API_KEY.search(text):
        trouble = f"An API key stands where the {what} belongs."
    elif not text:
        trouble = f"The {what} is empty."
    elif ".." in text.rstrip(".") or not text.strip("."):
        trouble = f"The {what} has '..' in it."
    elif not form.fullmatch(text):
        wrong = next((letter for letter in text if not form.fullmatch(f"a{letter}")), None)
        trouble = (
            f"The {what} has {wrong!a} in it, which none has."
            if wrong is not None
            else f"The {what} begins with {text[0]!r}, which none does."
            if not form.fullmatch(text[0])
            else f"The {what} has {len(text):,} characters."
        )
    if trouble:
        raise InvalidInputError(trouble, next_step=_EXPECTED, part=part)
