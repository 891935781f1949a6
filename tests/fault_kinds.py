"""What a `faults.FaultServer` can do to a request, and the answers that endpoints are known to give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY_HEADER = "x-goog-api-key"
CORPUS = Path(__file__).parent / "data" / "operation_responses.json"
_HEAD_LIMIT_BYTES = 65_536


@dataclass(frozen=True)
class Fault:
    """What becomes of one request."""


@dataclass(frozen=True)
class Plain(Fault):
    """Answered as it should be."""


@dataclass(frozen=True)
class Drop(Fault):
    """The connection is closed without an answer."""


@dataclass(frozen=True)
class Reset(Fault):
    """The connection is reset before the answer (None), or behind that many bytes of the body."""

    after_bytes: int | None = None


@dataclass(frozen=True)
class Truncate(Fault):
    """The body ends early, though the length promised more."""

    after_bytes: int


@dataclass(frozen=True)
class Stall(Fault):
    """Silence before the answer (None) or in the body, until the client leaves or `release` is called."""

    after_bytes: int | None = None


@dataclass(frozen=True)
class Drip(Fault):
    """The body in small pieces, each in a packet of its own."""

    piece_bytes: int = 64


@dataclass(frozen=True)
class Garbage(Fault):
    """Bytes that are not HTTP."""

    data: bytes = b"\x16\x03\x01\x00\xff garbage \r\n\r\n"


@dataclass(frozen=True)
class WrongLength(Fault):
    """A Content-Length that is off by so many bytes; the body is as long as it says, or ends early."""

    delta: int


@dataclass(frozen=True)
class NoLength(Fault):
    """No Content-Length: the body ends where the connection does, after so many bytes (None: all of them)."""

    after_bytes: int | None = None


@dataclass(frozen=True)
class IgnoreRange(Fault):
    """The whole file, whatever was asked for, cut after so many bytes (None: not cut)."""

    after_bytes: int | None = None


@dataclass(frozen=True)
class WrongRange(Fault):
    """A 206 from another offset, or of a file of another length, than it should be; as its Content-Range says."""

    shift: int = 0
    total_delta: int = 0


@dataclass(frozen=True)
class Change(Fault):
    """The file is another one from here on."""

    resource: Resource


@dataclass(frozen=True)
class Reply(Fault):
    """An answer of one's own."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    mime_type: str = "application/json"


@dataclass(frozen=True)
class Resource:
    """A file that is served with ranges and validators; an operation has a `Reply` instead."""

    content: bytes
    etag: str | None = '"v1"'
    last_modified: str | None = None
    mime_type: str = "video/mp4"
    ranges: bool = True
    needs_key: bool = False


def redirect(location: str, status: int = 302) -> Reply:
    """A redirect to another place."""
    return Reply(status, b"", (("Location", location),))


def json_reply(value: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; header names with underscores."""
    pairs = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Reply(status, json.dumps(value).encode(), pairs)


def busy(status: int = 503, retry_after: str | None = None) -> Reply:
    """An answer that says: later."""
    body = {"error": {"code": status, "message": "The service is overloaded.", "status": "UNAVAILABLE"}}
    return json_reply(body, status, **({"Retry_After": retry_after} if retry_after is not None else {}))


def refused(status: int, message: str = "You may not.") -> Reply:
    """An error that stays."""
    return json_reply({"error": {"code": status, "message": message}}, status)


def sign_in_page() -> Reply:
    """What a network that wants a login puts in place of every answer."""
    return Reply(200, b"<!doctype html><title>Sign in</title><form>", (), "text/html; charset=utf-8")


def running() -> Reply:
    """The documented answer of an operation that runs."""
    return json_reply({"name": "operations/op1", "metadata": {}, "done": False})


def finished(*uris: str) -> Reply:
    """The documented answer of an operation that has finished."""
    samples = [{"video": {"uri": uri}} for uri in uris]
    body = {"name": "operations/op1", "done": True, "response": {"generatedSamples": samples}}
    return json_reply(body)


def corpus() -> list[dict[str, Any]]:
    """The recorded answers."""
    cases: list[dict[str, Any]] = json.loads(CORPUS.read_text(encoding="utf-8"))
    return cases


def corpus_reply(case: Mapping[str, Any]) -> Reply:
    """A recorded answer, as it came."""
    body = case["body"]
    is_text = isinstance(body, str)
    headers = tuple((str(name), str(text)) for name, text in (case.get("headers") or {}).items())
    mime_type = "text/html" if is_text and body.lstrip().startswith("<") else "application/json"
    content = body.encode() if is_text else json.dumps(body).encode()
    return Reply(case["http_status"], content, headers, mime_type)
