"""A URL as each library on the way of a request reads it: the one that decides and the ones that connect."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3.util

PORTS = {"https": 443, "http": 80}

#: What means something to somebody who reads URLs, for building hostile ones.
PIECES = (
    *[
        "..",
        ".",
        "/",
        "\\",
        "%2e",
        "%2F",
        "%40",
        "%",
        "?",
        "#",
        ";",
        ":",
        "@",
        "//",
        "&",
        "=",
        "+",
        "~",
        "[",
        "]",
        "::1",
        "*",
        "|",
        "'",
        '"',
        "<",
        "a",
        "Z",
        "0",
        "-",
        "_",
        "é",
        "443",
        "8443",
        "AIza",
        "user",
    ],
    *[
        "http://",
        "https://",
        "evil.example",
        "operations/",
        "models/",
        "v1beta/",
        "127.0.0.1",
        "videos.example",
    ],
    *["api.gptproto.com", "generativelanguage.googleapis.com"],
    *(" ", "\t", "\n", "\r", "\x00", "\x7f", "\u2024", "\uff0f", "\uff20", "\u3002", "\u200b", "\ud800"),
)


@dataclass(frozen=True)
class Reading:
    """What one library takes a URL for."""

    origin: str
    user: str | None
    path: str
    query: str
    fragment: str


def readings(url: str) -> dict[str, Reading]:
    """By library. Raises what the library raises for a URL that it refuses."""
    prepared = requests.Request("GET", url).prepare().url
    assert prepared is not None
    return {
        "urllib": _by_urllib(url),
        "urllib3": _by_urllib3(url),
        "requests, urllib": _by_urllib(prepared),
        "requests, urllib3": _by_urllib3(prepared),
    }


def _by_urllib(url: str) -> Reading:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    return Reading(
        f"{parts.scheme}://{host}:{parts.port or PORTS[parts.scheme]}",
        parts.username,
        parts.path,
        parts.query,
        parts.fragment,
    )


def _by_urllib3(url: str) -> Reading:
    parts = urllib3.util.parse_url(url)
    host = (parts.host or "").rstrip(".")
    return Reading(
        f"{parts.scheme}://{host}:{parts.port or PORTS[parts.scheme or '']}",
        parts.auth,
        parts.path or "",
        parts.query or "",
        parts.fragment or "",
    )
