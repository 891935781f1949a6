"""A provider with one video, and what a watch of it has asked."""

from __future__ import annotations

from collections.abc import Iterator

import clips
from faults import FaultServer, Recorded, Resource
from live_watches import Watches

KEY = "canary-key-9b1c"
FILE = "/v1beta/files/abc:download"
CLIP = clips.clip()


def video_server(watches: Watches) -> Iterator[FaultServer]:
    """The fixture `server` of the files that make it one: other files have servers of that name, too.

    Ends before the watches' threads have to: a request that stalls is cut then.
    """
    with FaultServer(key=KEY) as started:
        started.serve(FILE, Resource(CLIP, needs_key=True))
        yield started


def polls_of(server: FaultServer, operation_id: str = "op1") -> list[Recorded]:
    return [request for request in server.requests if request.path.endswith(f"/operations/{operation_id}")]


def files_of(server: FaultServer) -> list[Recorded]:
    return [request for request in server.requests if request.path.startswith(FILE)]
