"""Moments as providers and servers write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime


def read_rfc3339(value: object) -> datetime | None:
    """An RFC 3339 time with any number of second fractions, as an aware datetime; None where it is not one."""
    found = isinstance(value, str) and re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|z|([+-])(\d\d):?(\d\d))",
        value.strip(),
        re.ASCII,
    )
    if not found:
        return None
    try:
        moment = datetime.strptime(f"{found[1]} {found[2]}", "%Y-%m-%d %H:%M:%S")
        offset = timedelta(hours=int(found[6] or 0), minutes=int(found[7] or 0))
        zone = timezone(-offset if found[5] == "-" else offset)
        return moment.replace(microsecond=int((found[3] or "")[:6].ljust(6, "0")), tzinfo=zone)
    except ValueError:
        return None


def read_http_date(value: str | None) -> datetime | None:
    """The date of an HTTP header, as an aware datetime; None where it is not one."""
    try:
        moment = parsedate_to_datetime(value) if value else None
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=timezone.utc)
