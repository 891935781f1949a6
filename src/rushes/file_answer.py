"""What an answer about a video file says: which revision, which range of it, or why there is no file."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from rushes.answer import api_error, retry_after_s
from rushes.answer_text import public_words
from rushes.errors import (
    TRANSIENT_STATUS_CODES,
    AuthenticationError,
    DownloadError,
    NetworkError,
    RushesError,
    UnreadableResponseError,
)
from rushes.network_fault import sign_in_page_error
from rushes.operation import ErrorDetail, read_error_detail
from rushes.partial import Revision
from rushes.times import read_http_date
from rushes.transport import Exchange, Transport

_WORDS_LIMIT_BYTES = 65_536
_WORDS_LIMIT_S = 5.0
_WORDS_LIMIT_CHARACTERS = 300
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{0,200}"', re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.IGNORECASE | re.ASCII)
_BAD_KEY = re.compile(r"API[ _]key", re.IGNORECASE)


@dataclass(frozen=True)
class ByteRange:
    """A `Content-Range`: offsets of the first and last byte, and the file's length where it is known."""

    first: int
    last: int
    total: int | None


def read_content_range(headers: Mapping[str, str]) -> ByteRange | None:
    """The answer's `Content-Range` (RFC 9110, section 14.4), None where there is none that makes sense."""
    found = _CONTENT_RANGE.fullmatch((headers.get("Content-Range") or "").strip())
    if not found:
        return None
    read = ByteRange(int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3]))
    sensible = read.first <= read.last and (read.total is None or read.last < read.total)
    return read if sensible else None


def read_content_length(headers: Mapping[str, str]) -> int | None:
    """The length of the body in bytes, None where the server did not say or encoded it."""
    value = (headers.get("Content-Length") or "").strip()
    encoded = (headers.get("Content-Encoding") or "identity").strip().lower() != "identity"
    chunked = "chunked" in (headers.get("Transfer-Encoding") or "").lower()
    return int(value) if re.fullmatch(r"\d{1,18}", value, re.ASCII) and not encoded and not chunked else None


def read_revision(exchange: Exchange, total: int | None) -> Revision:
    """The revision of the file that an answer belongs to.

    A weak entity tag allows other bytes. A date is a strong validator only where the file could not have
    changed again within the same second (RFC 9110, section 8.8.2.2).
    """
    etag = (exchange.headers.get("ETag") or "").strip()
    modified = (exchange.headers.get("Last-Modified") or "").strip()
    moment = read_http_date(modified)
    sent = exchange.date
    settled = moment is not None and sent is not None and sent - moment >= timedelta(seconds=1)
    safe = len(modified) <= 64 and modified.isascii() and modified.isprintable()
    return Revision(
        total=total,
        # A server that echoes the key in a tag must not get it written to disk.
        etag=etag if _STRONG_ETAG.fullmatch(etag) and exchange.redact(etag) == etag else None,
        last_modified=modified if settled and safe and exchange.redact(modified) == modified else None,
    )


def same_revision(held: Revision, answered: Revision) -> bool:
    """Whether nothing that both name differs."""
    pairs = (
        (held.total, answered.total),
        (held.etag, answered.etag),
        (held.last_modified, answered.last_modified),
    )
    return all(one is None or other is None or one == other for one, other in pairs)


def not_a_video(exchange: Exchange, transport: Transport) -> RushesError | None:
    """The error for a successful answer that is a page or JSON by its MIME type; None for everything else."""
    mime_type = (exchange.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if mime_type in ("text/html", "application/xhtml+xml"):
        return sign_in_page_error(host_of(exchange.url))
    if mime_type == "application/json" or mime_type.endswith("+json"):
        words = _quoted(_read_words(exchange, transport))
        return DownloadError(f"{host_of(exchange.url)} sent JSON in place of the video{words}.")
    return None


def refusal(exchange: Exchange, transport: Transport) -> tuple[RushesError, float | None]:
    """The error for an HTTP status that is not a success, and the seconds the server asked to wait."""
    status = exchange.status_code
    host = host_of(exchange.url)
    detail = _read_words(exchange, transport)
    key_was_sent = transport.provider.owns(exchange.url)
    bad_key = status == 400 and _BAD_KEY.search(detail.message or "" if detail else "") is not None
    wait_s = retry_after_s(exchange.headers)
    answered = f"{host} answered HTTP {status} for the video{_quoted(detail)}."
    if key_was_sent and (status == 401 or bad_key):
        return AuthenticationError(
            status,
            None if detail is None else detail.code,
            None if detail is None else detail.message,
            provider=transport.provider.title,
        ), None
    if status in TRANSIENT_STATUS_CODES or status >= 500:
        return api_error(status, detail, provider=host, retry_after_s=wait_s), wait_s
    if status in (403, 404, 410):
        return DownloadError(
            f"{answered} The file has expired (providers keep it for about two days), "
            "or it belongs to another account.",
            next_step="Use the key that started the operation; an expired file must be generated again.",
        ), None
    if status == 401:
        return DownloadError(
            f"{answered} It wants a key; the one for {transport.provider.title} is not sent there.",
            next_step="Watch the operation with the provider that it was started with.",
        ), None
    return DownloadError(answered), None


def host_of(url: str) -> str:
    """The host of a URL, for the words of errors."""
    try:
        return urlsplit(url).hostname or "the server"
    except ValueError:
        return "the server"


def _read_words(exchange: Exchange, transport: Transport) -> ErrorDetail | None:
    """The provider's words in a short JSON body; None for a page, a long body, or one that is late."""
    deadline = time.monotonic() + _WORDS_LIMIT_S
    body = b""
    try:
        for piece in exchange.iter_bytes():
            body += piece
            if len(body) > _WORDS_LIMIT_BYTES or time.monotonic() > deadline:
                return None
        content = json.loads(body)
        detail = read_error_detail(content)
    except (NetworkError, UnreadableResponseError, ValueError, RecursionError):
        return None
    if detail is None:
        return None
    code = detail.code
    return ErrorDetail(
        _public(code, transport) if isinstance(code, str) else code, _public(detail.message, transport)
    )


def _public(words: str | None, transport: Transport) -> str | None:
    """A server's words on one line, without the key and the queries of URLs: servers echo both."""
    if words is None:
        return None
    words = public_words(" ".join(transport.redact(words).split()))
    return words if len(words) <= _WORDS_LIMIT_CHARACTERS else f"{words[:_WORDS_LIMIT_CHARACTERS]}…"


def _quoted(detail: ErrorDetail | None) -> str:
    return f' ("{detail.message}")' if detail is not None and detail.message else ""


__all__ = [
    "ByteRange",
    "host_of",
    "not_a_video",
    "read_content_length",
    "read_content_range",
    "read_revision",
    "refusal",
    "same_revision",
]
