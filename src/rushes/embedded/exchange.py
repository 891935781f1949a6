"""One request and its reply, free of sockets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


class CaseInsensitive(Mapping[str, str]):
    """Headers, looked up without regard to case. Of a repeated one the first counts."""

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._values: dict[str, str] = {}
        for name, value in items:
            self._values.setdefault(name.lower(), value)

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True)
class Request:
    """What a client asked. `path` has no query."""

    method: str
    path: str
    headers: CaseInsensitive
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What it is answered. Content-Length comes from the body; HEAD sends the same without the body."""

    status_code: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(status_code: int, body: Any) -> Reply:
    """A reply with a JSON body."""
    encoded = json.dumps(body, ensure_ascii=False).encode("utf-8")
    return Reply(status_code, encoded, {"Content-Type": "application/json; charset=UTF-8"})
