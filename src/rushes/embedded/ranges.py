"""Serving part of a file: Range and If-Range of RFC 9110 (sections 13.1.5 and 14), one range at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formatdate

from rushes.embedded.exchange import Reply, Request

_BYTES = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.IGNORECASE | re.ASCII)


def serve(request: Request, data: bytes, *, etag: str, modified_at: float, media_type: str) -> Reply:
    """The file, the part of it that was asked for, or 416.

    A Range of several parts, of another unit or of bad syntax is ignored, as is one under an If-Range that no
    longer fits: the whole file is the right answer to these. So is a HEAD with a Range.
    """
    last_modified = formatdate(modified_at, usegmt=True)
    headers = {
        "Content-Type": media_type,
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Last-Modified": last_modified,
        "Cache-Control": "private",
    }
    asked = _BYTES.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or asked is None or not _still_fits(request.headers, etag, last_modified):
        return Reply(200, data, headers)
    first, last = asked.groups()
    if not first and not last:
        return Reply(200, data, headers)
    if first and last and int(last) < int(first):
        return Reply(200, data, headers)  # Bad syntax, not an unsatisfiable range.
    if first:
        start, end = int(first), min(int(last) if last else len(data) - 1, len(data) - 1)
    else:
        start, end = max(len(data) - int(last), 0), len(data) - 1
    if start >= len(data):
        unsatisfied = {**headers, "Content-Range": f"bytes */{len(data)}"}
        del unsatisfied["Content-Type"]
        return Reply(416, b"", unsatisfied)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    return Reply(206, data[start : end + 1], headers)


def _still_fits(headers: Mapping[str, str], etag: str, last_modified: str) -> bool:
    condition = headers.get("If-Range")
    return condition is None or condition.strip() in (etag, last_modified)
