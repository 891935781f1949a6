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
# Addresses in JSON inside a string, whose slashes and colons may be escaped more than once.
_ESCAPED_SLASH = re.compile(r"\\+(?:u002[fF]|/)")
_ESCAPED_COLON = re.compile(r"\\+u003[aA]")
#: An address inside an address, escaped as a whole: where its query begins cannot be told.
_ESCAPED_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}%(?:25)*3a(?:%(?:25)*2f){2}[^\s\"'<>&]*", re.IGNORECASE | re.ASCII
)


def answer_text(content: object) -> str:
    """JSON, indented: addresses without their queries, no long data, cut to a few thousand characters.

    Args:
        content: parsed JSON from which the key has been taken out already.
    """
    text = json.dumps(_Pruner().pruned(content), indent=1, ensure_ascii=False)
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


def _public(text: str) -> str:
    # Cut twice: what is looked through stays short, and no address is cut before its query is gone.
    shown = _ESCAPED_COLON.sub(":", _ESCAPED_SLASH.sub("/", text[: 4 * _LONGEST_STRING]))
    shown = _ESCAPED_ADDRESS.sub("(an escaped address)", public_text(shown))
    shown = _ENCODED.sub(lambda found: f"({len(found[0]):,} characters left out)", shown)
    if len(shown) <= _LONGEST_STRING and len(text) <= 4 * _LONGEST_STRING:
        return shown
    return f"{shown[:_LONGEST_STRING]}... ({len(text):,} characters)"
