"""Addresses and answers that print as what may be shown of them: their queries and echoes are as good as passwords.

IPython's verbose traceback, and every tool that logs the variables of a crash, prints whatever a frame holds. What
stays in these types prints harmlessly there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# The scheme's length is bounded: on a long word without "://" the search would take quadratic time.
# A quote ends it, unless it goes on at once: JavaScript escapes none in "filename*=UTF-8''clip.mp4".
_URL = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://[^\s\"'<>]+(?:'{1,2}[\w%&=.~*-][^\s\"'<>]*)*", re.IGNORECASE | re.ASCII
)

_HARMLESS = frozenset({("alt", "media"), ("alt", "json")})


class PrivateUrl(str):
    """A URL to work with, printed without its query."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(public_uri(self))


class PrivateBytes(bytes):
    """A body as it came, printed as its length."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self):,} bytes>"


def public_uri(uri: str) -> str:
    """A URI fit to be shown or kept: without user name and signature; `alt=media`, which files need, stays."""
    try:
        parts = urlsplit(str.__str__(uri))
        query = "&".join(
            f"{key}={value}" for key, value in parse_qsl(parts.query) if (key, value) in _HARMLESS
        )
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(unreadable URI)"
    return f"{parts.scheme}://{host}{parts.path}{'?' + query if query else ''}"


def public_text(text: str) -> str:
    """A text with every URL in it made fit to be shown or kept."""
    return _URL.sub(lambda found: public_uri(found[0]), text)


def without_home(text: str) -> str:
    """The text with the user's directory as "~": its path may name the user, and cards and reports travel."""
    home = os.path.expanduser("~").rstrip("/\\")
    for path in (home, os.path.realpath(home)):
        if len(path) > 1:
            text = re.sub(rf"(?<![\w.~-]){re.escape(path)}(?![\w~-]|\.\w)", lambda _: "~", text)
    return text


def public_json(value: Any) -> Any:  # Any: arbitrary JSON in, the same out
    """JSON with every URL in it made fit to be kept."""
    if isinstance(value, Mapping):
        return {public_text(key): public_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [public_json(item) for item in value]
    return public_text(value) if isinstance(value, str) else value


__all__ = ["PrivateBytes", "PrivateUrl", "public_json", "public_text", "public_uri", "without_home"]
