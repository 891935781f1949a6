"""The picture of a video that a saved notebook keeps, taken by a page from the first frame that is not black."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property

#: `js/src/poster.ts` makes none larger.
MAX_POSTER_BYTES = 40_000


@dataclass(frozen=True)
class Poster:
    """A small JPEG picture."""

    data: bytes

    def __repr__(self) -> str:
        return f"<Poster, {len(self.data):,} bytes>"

    @cached_property
    def data_uri(self) -> str:
        """For an `<img>` that needs no other file."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.data).decode('ascii')}"


def read_poster(buffers: object) -> Poster | None:
    """The picture in a message's only buffer, or None where our page cannot have sent it: any script in the
    notebook can send a message, and what comes in it is saved and shown to others.
    """
    if not isinstance(buffers, (list, tuple)) or len(buffers) != 1:
        return None
    try:
        view = memoryview(buffers[0])
    except TypeError:
        return None
    if view.nbytes > MAX_POSTER_BYTES:
        return None
    data = view.tobytes()
    return Poster(data) if data[:3] == b"\xff\xd8\xff" else None
