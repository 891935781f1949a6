"""How long a provider asks to be left alone, in whatever form it says so."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from answers import of, refusal

from rushes.answer import retry_after_s
from rushes.errors import RateLimitError


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, None, 7.0),
        ({"Retry-After": " 1.5 "}, None, 1.5),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:47 GMT"}, None, 10.0),
        (
            {"Retry-After": "Sun, 06 Nov 1994 08:49:47 GMT", "Date": "Sun, 06 Nov 1994 08:49:44 GMT"},
            None,
            3.0,
        ),
        ({"Retry-After": "Sun, 06 Nov 1994 08:00:00 GMT"}, None, 0.0),
        ({"Retry-After": "-5"}, None, None),
        ({"Retry-After": "soon"}, None, None),
        ({"Retry-After": "٣"}, None, None),
        ({}, None, None),
        ({}, {"error": {"details": [{"@type": "RetryInfo", "retryDelay": "58s"}]}}, 58.0),
        ({}, [{"error": {"details": [{}, {"retryDelay": "0.5s"}]}}], 0.5),
        ({}, {"error": {"details": [{"retryDelay": "forever"}]}}, None),
        ({}, {"error": {"details": [{"retryDelay": "٣s"}]}}, None),
        ({"Retry-After": "7"}, {"error": {"details": [{"retryDelay": "58s"}]}}, 7.0),
    ],
)
def test_a_wish_to_wait_is_read_in_every_form(
    headers: dict[str, str], body: object, seconds: float | None
) -> None:
    now = datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc)
    assert retry_after_s(headers, body, now=now) == seconds


def test_a_date_to_wait_for_is_read_by_the_local_clock_where_the_answer_has_none() -> None:
    seconds = retry_after_s({"Retry-After": "Fri, 06 Nov 2195 08:49:47 GMT"})
    assert seconds is not None
    assert seconds > 86_400.0


def test_a_wish_to_wait_reaches_the_error() -> None:
    body = {"error": {"code": 429, "message": "slow", "details": [{"retryDelay": "58s"}]}}
    error = refusal(of(body, 429))
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 58.0
