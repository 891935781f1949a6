"""One generated video: where it is, its bytes, and its file."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from rushes.embedding import EmbeddedVideo, check_size, embedded_type
from rushes.errors import DownloadError
from rushes.shown import public_uri, without_home


@dataclass(frozen=True, repr=False)
class Video(PathLike[str]):
    """One sample of a finished operation.

    Attributes:
        uri: where the endpoint says it is, query included; None for an inline video.
        mime_type: as the answer says, else None.
        inline: whether the bytes came inside the answer.
        path: the file on this machine once it is downloaded, else None.
    """

    uri: str | None = None
    mime_type: str | None = None
    inline: bool = False
    path: Path | None = None
    _base64: str | None = None

    @property
    def data(self) -> bytes:
        """The video's bytes, from the file or from the answer.

        Raises:
            DownloadError: it is not downloaded yet, or its inline bytes are broken.
            OSError: the file cannot be read.
        """
        if self.path is not None:
            return self.path.read_bytes()
        if self._base64 is None:
            raise DownloadError(
                "This video is not downloaded.", next_step="Download it, or take the one of a finished watch."
            )
        return b"".join(self.inline_chunks())

    def inline_chunks(self, characters: int = 1 << 20) -> Iterator[bytes]:
        """The inline bytes, decoded piece by piece.

        Raises:
            DownloadError: they are not base64.
        """
        text = self._base64 or ""
        for start in range(0, len(text), characters - characters % 4):
            piece = text[start : start + characters - characters % 4]
            decoded = _decoded(piece)
            if decoded is None:
                raise DownloadError(
                    "The video inside the answer is not base64: the answer was cut or altered on its way.",
                    next_step="Resume or re-run the cell to ask for the operation again.",
                )
            yield decoded

    def embed(self, max_mb: float = 10) -> EmbeddedVideo:
        """The clip itself for the notebook, on purpose: shown as a cell's result, it plays in a notebook that is sent
        by email or opened on nbviewer. The notebook grows by four thirds of the file.

        Args:
            max_mb: refuse a larger file, in millions of bytes.

        Raises:
            DownloadError: it is not downloaded yet.
            SaveError: it is larger.
            InvalidInputError: a `max_mb` that cannot be meant.
            OSError: the file cannot be read.
        """
        if self.path is not None:
            check_size(self.path.stat().st_size, max_mb)  # before it is read
        data = self.data
        check_size(len(data), max_mb)
        return EmbeddedVideo(data, embedded_type(self.mime_type, self.path))

    def with_path(self, path: Path) -> Video:
        """The same video, downloaded to `path`."""
        return replace(self, path=path, _base64=None)

    def __fspath__(self) -> str:
        if self.path is None:
            raise DownloadError("This video is not downloaded.", next_step="Download it first.")
        return str(self.path)

    def __repr__(self) -> str:
        # A notebook keeps what its last line prints.
        lead = f"'{without_home(str(self.path))}'" if self.path is not None else "not downloaded"
        origin = "inline" if self.inline else f"uri={public_uri(self.uri)!r}" if self.uri else ""
        return f"Video({', '.join(filter(None, (lead, origin, self.mime_type and f'mime_type={self.mime_type!r}')))})"

    def __copy__(self) -> Video:
        return self

    def __deepcopy__(self, memo: Mapping[int, object]) -> Video:
        return self  # frozen; by way of a pickle it would lose its signature

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "uri": public_uri(self.uri) if self.uri else None}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)


def _decoded(text: str) -> bytes | None:
    text = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
