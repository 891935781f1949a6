"""Is a file WebM, and is it whole: what a download asks of the other container that providers send."""

from __future__ import annotations

import os
from typing import BinaryIO

_EBML = 0x1A45DFA3  # RFC 8794, section 11.2.1
_SEGMENT = 0x18538067  # RFC 9559, section 5.1
_MAX_TOP_LEVEL_ELEMENTS = 1_000


def has_webm_signature(head: bytes) -> bool:
    """Whether a file that begins with these bytes (4 are enough) is EBML, as WebM and Matroska are."""
    return head[:4] == _EBML.to_bytes(4, "big")


def is_complete_webm(path: str | os.PathLike[str]) -> bool:
    """Whether the top-level elements of the file fill it to its last byte and hold a segment.

    A segment of unknown size (a live recording) reaches to the end of the file, wherever that is.

    Raises:
        OSError: the file cannot be read.
    """
    segment = False
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        position = file.seek(0)
        for _ in range(_MAX_TOP_LEVEL_ELEMENTS):
            if position == size:
                return segment
            file.seek(position)
            identifier = _number(file, keep_marker=True)
            length = _number(file, keep_marker=False)
            if identifier is None or length is None or (position == 0 and identifier != _EBML):
                return False
            segment = segment or identifier == _SEGMENT
            if length < 0:
                return segment
            position = file.tell() + length
            if position > size:
                return False
    return False


def _number(file: BinaryIO, *, keep_marker: bool) -> int | None:
    """A variable-size integer (RFC 8794, section 4); -1 for a size of all ones ("unknown"), None if cut."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    rest = file.read(more)
    if len(rest) < more:
        return None
    number = int.from_bytes(first + rest, "big")
    if keep_marker:
        return number
    mask = (1 << 7 * (more + 1)) - 1
    return -1 if number & mask == mask else number & mask


__all__ = ["has_webm_signature", "is_complete_webm"]
