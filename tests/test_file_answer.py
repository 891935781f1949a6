"""Headers of an answer about a file: read for what they promise, and believed only where they make sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.file_answer import ByteRange, read_content_length, read_content_range, same_revision
from rushes.partial import Revision


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-9/10", ByteRange(0, 9, 10)),
        (" Bytes 5-9/* ", ByteRange(5, 9, None)),
        ("bytes 9-5/10", None),
        ("bytes 5-10/10", None),
        ("bytes */10", None),
        ("bytes 5-/10", None),
        ("items 0-9/10", None),
        ("bytes \u0665-\u0669/10", None),
        ("bytes 0-9999999999999999999999/*", None),
        ("", None),
    ],
)
def test_a_content_range_is_read_where_it_makes_sense(value: str, expected: ByteRange | None) -> None:
    assert read_content_range({"Content-Range": value}) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Length": "17"}, 17),
        ({"Content-Length": "17", "Content-Encoding": "identity"}, 17),
        ({"Content-Length": "17", "Content-Encoding": "gzip"}, None),
        ({"Content-Length": "17", "Transfer-Encoding": "chunked"}, None),
        ({"Content-Length": "-1"}, None),
        ({"Content-Length": "1e3"}, None),
        ({}, None),
    ],
)
def test_a_length_is_that_of_the_file_or_none(headers: dict[str, str], expected: int | None) -> None:
    assert read_content_length(headers) == expected


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_arbitrary_headers_are_read_without_harm(one: str, other: str, third: str) -> None:
    found = read_content_range({"Content-Range": one})
    assert found is None or 0 <= found.first <= found.last
    length = read_content_length(
        {"Content-Length": one, "Content-Encoding": other, "Transfer-Encoding": third}
    )
    assert length is None or length >= 0


def test_revisions_differ_where_both_name_something_and_it_is_not_the_same() -> None:
    held = Revision(100, '"a"', None)
    assert same_revision(held, Revision(None, None, "yesterday"))
    assert same_revision(held, Revision(100, '"a"', None))
    assert not same_revision(held, Revision(101, '"a"', None))
    assert not same_revision(held, Revision(100, '"b"', None))
