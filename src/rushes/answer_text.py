"""An answer of an endpoint as text for people: without signatures and videos, and never long."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from rushes.shown import public_text

_MOST_VALUES = 200
_LONGEST_STRING = 300
_LONGEST_TEXT = 6000
#: Base64 of whatever it be: no word, name or path of an answer runs on for so long.
_ENCODED = re.compile(r"[A-Za-z0-9+/_=-]{120,}")
# Addresses in JSON or HTML inside a string, where what they are told by may be escaped, more than once too. As far as
# keys are found in escaped text and no further: else this would bring one to light.
_ESCAPES = re.compile(
    r"(?<!\\)\\{1,8}(?:u00(?P<json>2f|3a|3d|3f)|/)"
    r"|&(?:amp;){0,3}(?:#0{0,4}(?P<decimal>47|58|61|63)|#x0{0,4}(?P<hex>2f|3a|3d|3f)|(?P<name>sol|colon|equals|quest));",
    re.IGNORECASE,
)
_NAMED = {"sol": "/", "colon": ":", "equals": "=", "quest": "?"}
#: An address inside an address, escaped as a whole or in part: where its query begins cannot be told.
_ESCAPED_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}(?:%(?:25)*3a(?:/|%(?:25)*2f){2}|:(?:/%(?:25)*2f|%(?:25)*2f(?:/|%(?:25)*2f)))"
    r"[^\s\"'<>]*",
    re.IGNORECASE | re.ASCII,
)
_USER = re.compile(r"//[^\s/@\"'<>]{1,300}@")
#: The query of an address without its beginning, "/files/1?X-Signature=2". `alt=media`, which files need, stays.
_QUERY = re.compile(
    r"(?:[?#]|%(?:25)*3f)(?!alt=(?:media|json)(?![^\s\"'<>]))[^\s\"'<>=%]{0,64}(?:=|%)[^\s\"<>]*",
    re.IGNORECASE | re.ASCII,
)
#: What a quote or a space has cut off from its query; and what signs an address, however what is around it is escaped.
_SIGNATURE = re.compile(
    r"(?:&(?:amp;){0,3}[\w.-]{1,64}="
    r"|x-(?:goog|amz)-[a-z0-9-]{1,40}(?:=|%(?:25)*3d|\\+u003d|&[#\w;]{2,24};))[^\s\"<>]*",
    re.IGNORECASE | re.ASCII,
)
#: What a terminal takes for a command, and marks that hide text or turn its direction.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ud800-\\udfff]"
)


def answer_text(content: object) -> str:
    """JSON, indented: addresses without their queries, no long data, cut to a few thousand characters.

    Args:
        content: parsed JSON from which the key has been taken out already.
    """
    text = visible(json.dumps(_Pruner().pruned(content), indent=1, ensure_ascii=False))
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}\n(cut)"


class _Pruner:
    """Copies JSON, up to a number of values."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def pruned(self, value: Any) -> Any:  # Any: arbitrary JSON in, the same out
        self._left -= 1
        if isinstance(value, str):
            return _public(value)
        if isinstance(value, Mapping):
            copied: dict[str, Any] = {}
            for key, item in value.items():
                if self._left <= 0:
                    copied["(more)"] = f"{len(value) - len(copied)} left out"
                    break
                copied[_public(key)] = self.pruned(item)
            return copied
        if isinstance(value, list):
            items: list[Any] = []
            for item in value:
                if self._left <= 0:
                    items.append(f"({len(value) - len(items)} left out)")
                    break
                items.append(self.pruned(item))
            return items
        return value


def public_words(text: str) -> str:
    """Words of a server fit to be shown: addresses without their queries however they are escaped, no long data."""
    text = public_text(_ESCAPES.sub(_unescaped, text))
    text = _USER.sub("//", _ESCAPED_ADDRESS.sub("(an escaped address)", text))
    text = _SIGNATURE.sub("(a query)", _QUERY.sub("?(a query)", text))
    return _ENCODED.sub(lambda found: f"({len(found[0]):,} characters left out)", text)


def visible(text: str) -> str:
    """The text with what nobody sees, but for line breaks, written as JSON escapes it."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _unescaped(found: re.Match[str]) -> str:
    if name := found["name"]:
        return _NAMED[name.lower()]
    code = found["json"] or found["hex"]
    return chr(int(code, 16)) if code else chr(int(found["decimal"] or ord("/")))


def _public(text: str) -> str:
    # Cut twice: what is looked through stays short, and no address is cut before its query is gone.
    shown = public_words(text[: 4 * _LONGEST_STRING])
    if len(shown) <= _LONGEST_STRING and len(text) <= 4 * _LONGEST_STRING:
        return shown
    return f"{shown[:_LONGEST_STRING]}... ({len(text):,} characters)"
