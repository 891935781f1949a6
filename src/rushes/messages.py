"""The messages between a page and the kernel beside the traits, and what is accepted of them.

They travel as anywidget custom messages. `js/src/model.ts` declares the same types; a test compares both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict, TypeGuard

from rushes.credentials import Secret
from rushes.details import Details
from rushes.snapshot import Snapshot

#: A page asks for a few chunks at a time, so that no question books a lot of answers.
MAX_CHUNKS_PER_PULL = 8
_LARGEST_NUMBER = 2**53 - 1  # JavaScript's Number.MAX_SAFE_INTEGER


class StopRequest(TypedDict):
    """Stop watching. `id` is named in the acknowledgement."""

    type: Literal["stop"]
    id: int


class ResumeRequest(TypedDict):
    """Watch again."""

    type: Literal["resume"]
    id: int


class KeyRequest(TypedDict):
    """Watch again with the API key that was typed into the card."""

    type: Literal["key"]
    id: int
    key: str


class WatchRequest(TypedDict):
    """Watch the operation that was typed into the form of a card without one. Both names as they were typed; `key` is
    "" where none was.
    """

    type: Literal["watch"]
    id: int
    model_name: str
    operation_id: str
    key: str


class SyncRequest(TypedDict):
    """Ask for the state: a page that has just started, or that may have missed an update.

    `page` is a number that the page made up: a widget is shown by several, and each leaves for itself.
    """

    type: Literal["sync"]
    page: float


class PullRequest(TypedDict):
    """Ask for chunks that are missing."""

    type: Literal["pull"]
    sample: int
    generation: int
    chunks: list[int]


class ReceivedRequest(TypedDict):
    """Which message with chunks came last, by the index of its first one: it opens the window for more. `waited_ms`
    have passed since. `as_numbers` says that the bytes travelled as an array of numbers, as in VS Code.
    """

    type: Literal["received"]
    sample: int
    generation: int
    index: int
    waited_ms: int
    as_numbers: bool


class LeftRequest(TypedDict):
    """No view in this page shows the widget any more."""

    type: Literal["left"]
    page: float


class GoneRequest(TypedDict):
    """The page itself goes: a tab is closed or loaded anew. The outputs stay in the notebook."""

    type: Literal["gone"]
    page: float


class PosterRequest(TypedDict):
    """A picture of the video, as `wants_poster` asked for; it is the message's only buffer."""

    type: Literal["poster"]
    sample: int
    generation: int


class SavedRequest(TypedDict):
    """Somebody has clicked on Save in the page."""

    type: Literal["saved"]
    sample: int
    generation: int


class PlayingRequest(TypedDict):
    """A video plays in the page; said again every few seconds while it does."""

    type: Literal["playing"]


class DetailsRequest(TypedDict):
    """Ask for what the card shows under Details; asking again does no harm."""

    type: Literal["details"]


class AckReply(TypedDict):
    """The request with this number has reached the kernel."""

    type: Literal["ack"]
    id: int


class StateReply(TypedDict):
    """The state, for a page that asked."""

    type: Literal["state"]
    snapshot: Snapshot


class ChunkReply(TypedDict):
    """A run of chunks of a video, `count` of them from `index` on; their bytes are the message's only buffer. Each has
    `chunk_bytes`, the last of the file what is left. `acknowledge` asks the page to say at once that they are there.
    """

    type: Literal["chunk"]
    sample: int
    generation: int
    index: int
    count: int
    chunk_bytes: int
    acknowledge: bool
    pulled: bool


class DetailsReply(TypedDict):
    """What the card shows under Details, as of now."""

    type: Literal["details"]
    details: Details


Request = (
    StopRequest
    | ResumeRequest
    | KeyRequest
    | WatchRequest
    | SyncRequest
    | PullRequest
    | ReceivedRequest
    | PosterRequest
    | SavedRequest
    | PlayingRequest
    | DetailsRequest
    | LeftRequest
    | GoneRequest
)
Reply = AckReply | StateReply | ChunkReply | DetailsReply


@dataclass(frozen=True)
class KeyGiven:
    """A `KeyRequest` as it is once read: the key is in a `Secret` and no longer in the message."""

    id: int
    secret: Secret


@dataclass(frozen=True)
class WatchAsked:
    """A `WatchRequest` as it is once read; None for a key that was not typed."""

    id: int
    model_name: str
    operation_id: str
    secret: Secret | None


ReadRequest = (
    StopRequest
    | ResumeRequest
    | KeyGiven
    | WatchAsked
    | SyncRequest
    | PullRequest
    | ReceivedRequest
    | PosterRequest
    | SavedRequest
    | PlayingRequest
    | DetailsRequest
    | LeftRequest
    | GoneRequest
)


def read_request(content: object) -> ReadRequest | None:
    """The request in a message from a page, or None where our page cannot have sent it.

    A message can come from any script in the notebook, so nothing of it is believed. A key is removed from
    `content`, because a traceback or a debugger would show it there.
    """
    if not isinstance(content, dict):
        return None
    secret = Secret.wrap(content.pop("key")) if isinstance(content.get("key"), str) else None
    kind, number, page = content.get("type"), content.get("id"), content.get("page")
    if kind == "sync" and isinstance(page, float):
        return SyncRequest(type="sync", page=page)
    if kind == "playing":
        return PlayingRequest(type="playing")
    if kind == "details":
        return DetailsRequest(type="details")
    if kind == "left" and isinstance(page, float):
        return LeftRequest(type="left", page=page)
    if kind == "gone" and isinstance(page, float):
        return GoneRequest(type="gone", page=page)
    if kind == "stop" and is_number(number):
        return StopRequest(type="stop", id=number)
    if kind == "resume" and is_number(number):
        return ResumeRequest(type="resume", id=number)
    if kind == "key" and is_number(number) and secret is not None:
        return KeyGiven(number, secret)
    if kind == "watch" and is_number(number) and secret is not None:
        return _watch_asked(content, number, secret)
    if kind in ("pull", "received", "poster", "saved"):
        return _about_sample(content)
    return None


def _watch_asked(content: dict[str, object], number: int, secret: Secret) -> WatchAsked | None:
    model_name, operation_id = content.get("model_name"), content.get("operation_id")
    if not (isinstance(model_name, str) and isinstance(operation_id, str)):
        return None
    return WatchAsked(number, model_name, operation_id, secret or None)


def _about_sample(
    content: dict[str, object],
) -> PullRequest | ReceivedRequest | PosterRequest | SavedRequest | None:
    sample, generation, chunks = content.get("sample"), content.get("generation"), content.get("chunks")
    if not (is_number(sample) and is_number(generation)):
        return None
    if content["type"] == "poster":
        return PosterRequest(type="poster", sample=sample, generation=generation)
    if content["type"] == "saved":
        return SavedRequest(type="saved", sample=sample, generation=generation)
    if content["type"] == "received":
        index, waited_ms, as_numbers = (content.get(name) for name in ("index", "waited_ms", "as_numbers"))
        if not (is_number(index) and is_number(waited_ms) and isinstance(as_numbers, bool)):
            return None
        return ReceivedRequest(
            type="received",
            sample=sample,
            generation=generation,
            index=index,
            waited_ms=waited_ms,
            as_numbers=as_numbers,
        )
    if not (isinstance(chunks, list) and len(chunks) <= MAX_CHUNKS_PER_PULL and all(map(is_number, chunks))):
        return None
    return PullRequest(type="pull", sample=sample, generation=generation, chunks=chunks)


def is_number(value: object) -> TypeGuard[int]:
    """Whether this is a number that a page may count with: neither negative nor beyond what JavaScript holds."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_NUMBER
