"""The clips that the embedded endpoint serves. `render_clips.py` beside them painted them, from numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Clip:
    """One MP4 file (H.264 High, AAC) of the package, 7 s long.

    Attributes:
        name: of the file, without `.mp4`.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
    """

    name: str
    width: int
    height: int

    @property
    def aspect_ratio(self) -> str:
        """As in a request for a generation: "16:9" or "9:16"."""
        return "16:9" if self.width > self.height else "9:16"

    @property
    def data(self) -> bytes:
        """The whole file, read once for the life of the process."""
        return _read(self.name)

    @property
    def etag(self) -> str:
        """A strong entity tag, in its quotes."""
        return f'"{_digest(self.name)}"'


CLIPS = (
    Clip("sea", 1280, 720),
    Clip("aurora", 1280, 720),
    Clip("rain", 1280, 720),
    Clip("hills", 720, 1280),
)


def choose(start: int, count: int, aspect_ratio: str | None = None) -> tuple[Clip, ...]:
    """`count` clips of this aspect ratio (any where it is None), beginning with number `start`."""
    pool: Sequence[Clip] = [clip for clip in CLIPS if aspect_ratio in (None, clip.aspect_ratio)]
    return tuple(pool[(start + i) % len(pool)] for i in range(count))


@cache
def _read(name: str) -> bytes:
    return resources.files(__package__ or __name__).joinpath(f"{name}.mp4").read_bytes()


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_read(name)).hexdigest()[:24]
