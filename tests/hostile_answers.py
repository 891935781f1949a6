"""Answers that no provider should send: any status, any headers, any body, the key echoed in it.

One generator for two drivers: Hypothesis draws each of its choices and shrinks what fails, or a seeded `random.Random`
makes as many as there is time for.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from faults import corpus

KEY = "canary+key/0123456789="
Json: TypeAlias = Any  # arbitrary JSON

_WORDS = """name metadata createTime updateTime done response error code message status details type retryDelay
    generatedSamples generateVideoResponse videos generatedVideos predictions video uri gcsUri mimeType encoding
    bytesBase64Encoded videoBytes raiMediaFilteredCount raiMediaFilteredReasons videoUri @type"""
_TEXTS = (
    *(
        "",
        " ",
        "true",
        "FALSE",
        "running",
        "completed",
        "operations/x",
        "models/m/operations/x",
        "\x00",
        "\ud800",
    ),
    *("\udfff\ud83d", "AAAA", "A===", "-_-_", "é😀", "58s", "1e999s", "404", "503", "429", "API_KEY_INVALID"),
    *("Content policy violation", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999999+23:59"),
    *(
        "2025-01-19T00:00:00-25:00",
        "2025-02-30T00:00:00Z",
        "https://h/f?sig=1",
        "gs://b/o",
        "https://[::1",
        "a" * 3000,
    ),
    *(
        '{"error": {"code": 404}}',
        '{"error": "{\\"message\\": \\"x\\"}"}',
        "[" * 2000,
        "{",
        KEY,
        f"key={KEY}!",
    ),
    *(
        "canary%2Bkey%2F0123456789%3D",
        "canary%2bkey%2f0123456789%3d",
        '{"message": "canary+key\\/0123456789="}',
    ),
)
_NUMBERS = (
    0,
    1,
    -1,
    3,
    13,
    404,
    503,
    10**400,
    -(10**4000),
    0.0,
    2.0,
    1e308,
    float("nan"),
    float("inf"),
    -0.0,
)
_KEYS = (*_WORDS.split(), *_WORDS.split(), KEY, "", "\ud800")
_CORPUS = tuple(case["body"] for case in corpus() if not isinstance(case["body"], str))
_STATUSES = (200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504, 599)


@dataclass(frozen=True)
class Answer:
    """One answer to a poll."""

    status_code: int
    headers: dict[str, str]
    body: bytes


def hostile_answer(rng: random.Random) -> Answer:
    """The next one."""
    names = rng.sample(("Retry-After", "Date", "Content-Type", "Content-Length", "X-Echo"), rng.randint(0, 3))
    status_code = rng.choice(_STATUSES) if rng.random() < 0.9 else rng.randint(100, 599)
    return Answer(status_code, {name: _header_text(rng) for name in names}, _body(rng))


def _body(rng: random.Random) -> bytes:
    kind = rng.random()
    if kind < 0.1:
        return _noise(rng) + KEY.encode() + _noise(rng)
    if kind < 0.15:
        return _noise(rng)
    value = _altered(rng, rng.choice(_CORPUS)) if kind < 0.7 else _json(rng, 4)
    return rng.choice(_SPOILERS)(_written(value))


def _noise(rng: random.Random) -> bytes:
    return rng.getrandbits(8 * 64).to_bytes(64, "big")[: rng.randint(0, 64)]


def _json(rng: random.Random, depth: int) -> Json:
    kind = rng.random()
    if depth > 0 and kind < 0.25:
        return [_json(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    if depth > 0 and kind < 0.6:
        return {rng.choice(_KEYS): _json(rng, depth - 1) for _ in range(rng.randint(0, 5))}
    if kind < 0.8:
        return rng.choice(_TEXTS)
    if kind < 0.9:
        return rng.choice(_NUMBERS)
    if kind < 0.95:
        return chr(rng.randint(0, 0x10FFFF)) * rng.randint(0, 3)
    return rng.choice((None, True, False))


def _altered(rng: random.Random, value: Json) -> Json:
    """A recorded answer with something else in one or two of its places."""
    for _ in range(rng.randint(1, 2)):
        value = _with(value, rng.choice(_places(value)), _json(rng, 3))
    return value


def _places(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in _places(item, (*path, key)))]


def _with(value: Json, path: tuple[str | int, ...], item: Json) -> Json:
    if not path:
        return item
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], item)
    return copy


def _written(value: Json) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


_SPOILERS: tuple[Callable[[bytes], bytes], ...] = (
    lambda body: body,
    lambda body: body,
    lambda body: body,
    lambda body: body[: len(body) // 2],
    lambda body: body[:-1] + b', "done": true, "name": "operations/twice", "done": false}',
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: body.decode().encode("utf-16"),
    lambda body: body.replace(b'"', b"'"),
    lambda body: b"[" * 300 + body + b"]" * 300,
    lambda body: b'{"error":' * 200 + body + b"}" * 200,
    lambda body: b"[" * 100_000 + body,
    lambda body: b"<!doctype html>" + body,
    lambda body: b" " * 7_990 + KEY.encode() + body,
    lambda body: json.dumps(body.decode()).encode(),
    lambda body: body + b"\x00\xff" + KEY.encode(),
)
_DATES = (
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Mon, 01 Jan 0001 00:00:00 +2400",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Sun, 06 Nov 1994",
)
_HEADER_TEXTS = (
    *_DATES,
    *("", "text/html", "application/json", "3", "1.5", "-1", "1e9", "١٢", ",,,", "nan", "9" * 40, KEY),
)


def _header_text(rng: random.Random) -> str:
    return rng.choice(_HEADER_TEXTS) if rng.random() < 0.8 else chr(rng.randint(1, 255)) * rng.randint(0, 9)
