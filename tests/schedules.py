"""Fault schedules made from a seed: what a server does to each request, and how a run through it has to end.

Nothing here runs anything. `download_schedule` and `watch_schedule` give data that a test lays out on fault servers.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import clips
from faults import (
    Change,
    Drip,
    Drop,
    Fault,
    FaultServer,
    Garbage,
    IgnoreRange,
    NoLength,
    Plain,
    Reply,
    Reset,
    Resource,
    Stall,
    Truncate,
    WrongLength,
    WrongRange,
    busy,
    corpus,
    corpus_reply,
    finished,
    json_reply,
    redirect,
    refused,
    running,
    sign_in_page,
)
from leaks import KEY, SIGNATURE

from rushes.errors import AuthenticationError, DownloadError, NetworkError, RateLimitError, ServerError

#: Faults in a row that a download has to survive; it gives up after seven requests that bring nothing.
MOST_FAULTS = 5
#: More than any run sends.
FOR_EVER = 40

Place = Literal["own", "own redirect", "foreign", "foreign redirect", "foreign refuses"]
Errors = tuple[type[Exception], ...]


@dataclass(frozen=True)
class DownloadSchedule:
    """What happens to one video on its way.

    Attributes:
        place: where its URI points, and which host has it.
        resource: the file at first.
        script: what becomes of the requests for it.
        stops: after how many looks at `cancelled` each interrupted call is stopped; one more call finishes.
        max_bytes: the limit given.
        errors: what the last call raises; empty where it brings the file.
    """

    seed: int
    place: Place
    resource: Resource
    script: tuple[Fault, ...]
    stops: tuple[int, ...] = ()
    max_bytes: int = 1 << 30
    errors: Errors = ()

    @property
    def path(self) -> str:
        """Where the host that has the file serves it."""
        return f"/v1beta/files/f{self.seed}:download"

    def lay_out(self, own: FaultServer, foreign: FaultServer) -> str:
        """Put the file on the servers and return its URI."""
        query = f"?alt=media&X-Signature={SIGNATURE}"
        keyed, open_to_all = replace(self.resource, needs_key=True), self.resource
        if self.place == "own":
            return own.serve(self.path, keyed, *self.script) + query
        if self.place == "own redirect":
            own.serve(self.path, keyed, *self.script)
            return own.reply(f"/go/{self.seed}", redirect(self.path + query), needs_key=True)
        if self.place == "foreign":
            return foreign.serve(self.path, open_to_all, *self.script) + query
        if self.place == "foreign redirect":
            target = foreign.serve(self.path, open_to_all, *self.script) + query
            return own.reply(f"/go/{self.seed}", redirect(target), needs_key=True)
        own.serve(self.path, keyed, *self.script)
        return foreign.reply(self.path, refused(403, f"Not with this key. {query}")) + query

    def content(self, own: FaultServer, foreign: FaultServer) -> bytes:
        """What the file holds after all that has happened to it."""
        return (foreign if self.place in ("foreign", "foreign redirect") else own).content(self.path)


def download_schedule(seed: int) -> DownloadSchedule:
    """The schedule of a seed."""
    rng = random.Random(seed)
    resource = _resource(rng)
    size = len(resource.content)
    faults = [_passing(rng, size) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4, MOST_FAULTS)))]
    place: Place = rng.choice(
        ("own", "own", "own", "own redirect", "foreign", "foreign redirect", "foreign refuses")
    )
    if place == "foreign":
        # Its host is given up after two requests that bring nothing, and nobody else has the file.
        faults = faults[:1]
    stops = tuple(rng.randint(0, 12) for _ in range(rng.choice((0, 0, 0, 1, 2))))
    plan = DownloadSchedule(seed, place, resource, tuple(faults), stops)
    if rng.random() < 0.2:
        ending, errors = rng.choice(_ENDINGS)
        bringing_nothing = [fault for fault in faults if isinstance(fault, (Drop, Garbage, Reply))]
        script = (*bringing_nothing[:3], *[ending(rng)] * FOR_EVER)
        return replace(plan, place="own", script=script, errors=errors)
    if rng.random() < 0.05:
        smallest = min(
            size, *(len(fault.resource.content) for fault in faults if isinstance(fault, Change)), size
        )
        return replace(plan, place="own", max_bytes=smallest - 1, errors=(DownloadError,))
    return plan


@dataclass(frozen=True)
class WatchSchedule:
    """What happens to one watch.

    Attributes:
        polls: what becomes of its status requests; the last answer repeats.
        status: how it has to end.
        downloads: its videos.
        timeout_s: the watch's own limit, None for none.
        stop_after_polls: stop it once so many polls were sent, then resume it; None for never.
        stop_in_download: stop it once it downloads, then resume it.
        errors: names of what its result may raise; empty where it has videos.
    """

    seed: int
    polls: tuple[Fault, ...]
    status: str
    downloads: tuple[DownloadSchedule, ...] = ()
    timeout_s: float | None = None
    stop_after_polls: int | None = None
    stop_in_download: bool = False
    errors: tuple[str, ...] = ()

    @property
    def operation_id(self) -> str:
        return f"op{self.seed}"

    def lay_out(self, own: FaultServer, foreign: FaultServer) -> None:
        """Put the operation and its files on the servers."""
        polls = list(self.polls)
        if self.downloads:
            polls.append(finished(*(plan.lay_out(own, foreign) for plan in self.downloads)))
        own.operation("veo", self.operation_id, *polls)


def watch_schedule(seed: int) -> WatchSchedule:
    """The schedule of a seed."""
    rng = random.Random(f"watch {seed}")
    polls = [_poll(rng) for _ in range(rng.choice((0, 1, 2, 3, 5, 8)))]
    stop = rng.randint(1, len(polls)) if polls and rng.random() < 0.25 else None
    drawn = rng.random()
    if drawn < 0.6:
        return _ends_with_videos(rng, seed, polls, stop)
    if drawn < 0.65:
        late = [running()] * rng.randint(1, 5)
        return WatchSchedule(seed, tuple(late), "timed_out", timeout_s=0.05, errors=("WatchTimeoutError",))
    if drawn < 0.7:
        ending, error = rng.choice(((busy(503), "ServerError"), (sign_in_page(), "NetworkError")))
        # No answer "running" before: among many the first poll may have to wait beyond the deadline.
        return WatchSchedule(seed, (ending,), "failed", timeout_s=0.05, errors=(error,))
    ending, status, errors = rng.choice(_poll_endings())
    return WatchSchedule(seed, (*polls, ending), status, stop_after_polls=stop, errors=errors)


def _ends_with_videos(
    rng: random.Random, seed: int, polls: Sequence[Fault], stop: int | None
) -> WatchSchedule:
    plans = []
    for index in range(rng.choice((1, 1, 1, 2))):
        plan = replace(download_schedule(seed * 2 + index), stops=(), max_bytes=1 << 30)
        # Without its limit a video that was too large arrives.
        plans.append(plan if len(plan.script) >= FOR_EVER else replace(plan, errors=()))
    failed = [plan.errors for plan in plans if plan.errors]
    return WatchSchedule(
        seed,
        tuple(polls),
        "failed" if failed else "succeeded",
        tuple(plans),
        stop_after_polls=stop,
        stop_in_download=rng.random() < 0.25,
        errors=tuple(kind.__name__ for kind in failed[0]) if failed else (),
    )


def _resource(rng: random.Random) -> Resource:
    etag, modified = rng.choice(
        (
            ('"v1"', None),
            ('"v1"', None),
            (None, _MODIFIED[0]),
            ('"v1"', _MODIFIED[0]),
            ('W/"v1"', None),
            (None, None),
        )
    )
    content = _content(rng)
    mime_type = rng.choice(("video/mp4", "video/mp4", "application/octet-stream", "binary/octet-stream"))
    return Resource(content, etag, modified, mime_type, ranges=rng.random() < 0.85)


def _content(rng: random.Random) -> bytes:
    if rng.random() < 0.05:
        return clips.webm(rng.randint(500, 20_000))
    # Few small sizes, so that a file is often replaced by another one of the same length.
    size = rng.choice((1_000, 5_000, 20_000, rng.randint(1_000, 64_000)))
    return clips.clip(size, seed=rng.getrandbits(32), moov_first=rng.random() < 0.7)


def _passing(rng: random.Random, size: int) -> Fault:
    """A fault that the next request may not have."""
    kind = rng.choices(tuple(_PASSING), weights=[weight for weight, _ in _PASSING.values()])[0]
    return _PASSING[kind][1](rng, size)


def _somewhere(rng: random.Random, size: int) -> int:
    return rng.choice((0, 1, 4, 8, size - 1, rng.randrange(size), rng.randrange(size)))


def _anywhere(rng: random.Random, size: int) -> int | None:
    return rng.choice((None, _somewhere(rng, size)))


def _change(rng: random.Random) -> Change:
    etag = rng.choice((None, '"v1"', '"v2"', 'W/"v2"'))
    return Change(
        replace(_resource(rng), etag=etag, last_modified=rng.choice((None, *_MODIFIED)), needs_key=False)
    )


def _poll(rng: random.Random) -> Fault:
    if rng.random() < 0.5:
        return running()
    return rng.choice(
        (
            Drop(),
            Reset(),
            Reset(10),
            Truncate(rng.randint(0, 20)),
            Garbage(),
            Reply(200, running().body[:-3]),
            WrongLength(30),
            Drip(7),
            sign_in_page(),
            busy(rng.choice((429, 500, 502, 503, 504, 408))),
            busy(503, "0"),
            Reply(200, b'{"name": "operations/op1", "done": tr'),
            Reply(502, b"<html>Bad gateway</html>", (), "text/html"),
        )
        + ((Stall(),) if rng.random() < 0.1 else ())
    )


_MODIFIED = ("Sun, 19 Jan 2025 00:00:00 GMT", "Mon, 20 Jan 2025 00:00:00 GMT")
_PASSING: dict[str, tuple[float, Callable[[random.Random, int], Fault]]] = {
    "plain": (2, lambda rng, size: Plain()),
    "drop": (3, lambda rng, size: Drop()),
    "reset": (4, lambda rng, size: Reset(_anywhere(rng, size))),
    "truncate": (8, lambda rng, size: Truncate(_somewhere(rng, size))),
    "stall": (0.2, lambda rng, size: Stall(_anywhere(rng, size))),
    "drip": (1, lambda rng, size: Drip(rng.randint(200, 2_000))),
    "garbage": (1, lambda rng, size: Garbage(rng.randbytes(rng.randint(0, 60)))),
    "wrong length": (3, lambda rng, size: WrongLength(rng.choice((-1, 1, rng.randint(-size, size))))),
    "no length": (2, lambda rng, size: NoLength(_anywhere(rng, size))),
    "no range": (3, lambda rng, size: IgnoreRange(_anywhere(rng, size))),
    "wrong range": (3, lambda rng, size: WrongRange(rng.randint(-99, 99), rng.choice((0, 0, 7, -1)))),
    "busy": (3, lambda rng, size: busy(rng.choice((408, 429, 500, 502, 503)), rng.choice((None, "7", "x")))),
    "page": (1, lambda rng, size: sign_in_page()),
    "json": (1, lambda rng, size: json_reply({"error": {"message": f"later, {KEY}"}})),
    "no video": (1, lambda rng, size: Reply(200, rng.randbytes(rng.randint(0, 999)), (), "video/mp4")),
    "change": (4, lambda rng, size: _change(rng)),
}
_ENDINGS: tuple[tuple[Callable[[random.Random], Fault], Errors], ...] = (
    (lambda rng: refused(rng.choice((403, 404, 410)), f"You may not: {KEY}"), (DownloadError,)),
    (lambda rng: refused(401, "Invalid signature"), (AuthenticationError,)),
    (lambda rng: refused(400, "API key not valid."), (AuthenticationError,)),
    (lambda rng: Drop(), (NetworkError,)),
    (lambda rng: Reset(), (NetworkError,)),
    (lambda rng: Garbage(), (NetworkError,)),
    (lambda rng: sign_in_page(), (NetworkError,)),
    (lambda rng: busy(429), (RateLimitError,)),
    (lambda rng: busy(503), (ServerError,)),
    (lambda rng: json_reply({"error": {"message": "no"}}), (DownloadError,)),
    (lambda rng: Reply(200, b"this is no video", (), "video/mp4"), (DownloadError,)),
    (lambda rng: redirect("http://192.0.2.7/x"), (NetworkError,)),
)


@functools.cache
def _poll_endings() -> tuple[tuple[Reply, str, tuple[str, ...]], ...]:
    """Answers that end a watch without a video: those recorded, and those documented."""
    ends = {"filtered": "OperationFilteredError", "empty": "NoVideoError", "failed": "OperationFailedError"}
    recorded = [
        (corpus_reply(case), case["expected"]["outcome"], (ends[case["expected"]["outcome"]],))
        for case in corpus()
        if case["expected"]["outcome"] in ends
    ]
    documented = (
        (refused(401, "Invalid signature"), "failed", ("AuthenticationError",)),
        (refused(400, "API key not valid. Please pass a valid API key."), "failed", ("AuthenticationError",)),
        (refused(403, "invalid token"), "failed", ("PermissionDeniedError",)),
        (refused(404, "operation not found"), "failed", ("OperationNotFoundError",)),
        (refused(503, "content policy violation"), "filtered", ("OperationFilteredError",)),
        (finished("gs://bucket/clip.mp4"), "succeeded", ("DownloadError",)),
    )
    return (*recorded, *documented * 4)
