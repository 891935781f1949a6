"""One call of `download` at a time, against a fault server, and what tests ask about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import clips
from faults import FaultServer
from leaks import KEY

from rushes.credentials import Secret
from rushes.download import Progress, download
from rushes.operation import Video
from rushes.provider import Provider, provider_at
from rushes.transport import Transport

CLIP = clips.clip(200_000)
OTHER = clips.clip(200_000, seed=1)
OLD = "Sun, 19 Jan 2025 00:00:00 GMT"


class Run:
    """One call of `download` with what a test wants to know about it."""

    def __init__(self, server: FaultServer, directory: Path, provider: Provider | None = None) -> None:
        self.provider = provider or provider_at(server.origin)
        self.destination = directory / "clip.mp4"
        self.part = directory / "clip.mp4.part"
        self.note = directory / "clip.mp4.part.json"
        self.progress: list[Progress] = []
        self.slept_s: list[float] = []
        # Beside other tests an answer may be long in coming: a test that waits for silence says less.
        self.read_timeout_s = 10.0

    def __call__(self, uri: str | Video, **options: Any) -> bytes:
        video = uri if isinstance(uri, Video) else Video(uri=uri)
        with Transport(self.provider, Secret(KEY), read_timeout_s=self.read_timeout_s) as transport:
            path = download(
                transport,
                video,
                self.destination,
                on_progress=self.progress.append,
                sleep=self.slept_s.append,
                **options,
            )
        assert path == self.destination
        return path.read_bytes()

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.destination.parent.iterdir())


def ranges(server: FaultServer) -> list[str | None]:
    return [request.headers.get("range") for request in server.requests]
