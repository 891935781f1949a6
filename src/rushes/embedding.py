"""A small clip inside the notebook itself, for readers who get nothing but the notebook's file."""

from __future__ import annotations

import base64
import math
import re
from html import escape
from pathlib import Path

from rushes.errors import InvalidInputError, SaveError

_STYLE = "display:block;max-width:640px;width:100%"
_MIME_TYPE = re.compile(r"video/[A-Za-z0-9.+-]+")


class EmbeddedVideo:
    """A clip that displays as an HTML player with the bytes in it. Made by `Video.embed`."""

    def __init__(self, data: bytes, mime_type: str) -> None:
        self._data = data
        self._mime_type = mime_type

    def __repr__(self) -> str:
        return f"<EmbeddedVideo {self._mime_type}, {_megabytes(len(self._data))} MB>"

    def _repr_html_(self) -> str:
        source = f"data:{self._mime_type};base64,{base64.b64encode(self._data).decode('ascii')}"
        return f'<video controls preload="metadata" src="{escape(source)}" style="{_STYLE}"></video>'


def check_size(size_bytes: int, max_mb: float) -> None:
    """Refuse what is too large for a notebook; `max_mb` is in millions of bytes.

    Raises:
        SaveError: it is larger.
        InvalidInputError: a `max_mb` that cannot be meant.
    """
    if isinstance(max_mb, bool) or not isinstance(max_mb, (int, float)) or not max_mb > 0:
        raise InvalidInputError(
            f"max_mb={max_mb!r} is not a size.", next_step="Pass a number of megabytes, such as 10."
        )
    if size_bytes > max_mb * 1_000_000:
        needed = math.ceil(size_bytes / 1_000_000)
        raise SaveError(
            f"The video has {_megabytes(size_bytes)} MB; at most {max_mb:g} MB go into a notebook.",
            next_step=f"Call embed(max_mb={needed}) to have it there all the same, "
            "or share the file beside the notebook.",
        )


def embedded_type(mime_type: str | None, path: Path | None) -> str:
    """The type for the page: the provider's word where it is one of a video, else by the file's suffix."""
    if mime_type is not None and _MIME_TYPE.fullmatch(mime_type):
        return mime_type
    return "video/webm" if path is not None and path.suffix == ".webm" else "video/mp4"


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f}"
