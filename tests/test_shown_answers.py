"""What a report shows of an answer that was an error: what it said, or what else it was, and never the key."""

from __future__ import annotations

import json

import pytest
from answers import of, read, refusal
from hostile_answers import KEY, Answer

from rushes.errors import OperationNotFoundError


def test_json_is_shown_as_it_came_without_the_key() -> None:
    shown = refusal(of({"error": {"code": 404, "message": f"The key {KEY} finds nothing."}}, 404)).answer
    assert shown is not None
    assert json.loads(shown) == {"error": {"code": 404, "message": "The key [API key] finds nothing."}}


def test_what_was_asked_without_a_key_is_shown_as_it_came() -> None:
    with pytest.raises(OperationNotFoundError) as caught:
        read(of({"error": {"code": 404, "message": "no"}}, 404), secret=None)
    assert caught.value.message == "no"
    assert json.loads(caught.value.answer or "") == {"error": {"code": 404, "message": "no"}}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (of(b"<html>", 502, Content_Type="Text/HTML; charset=utf-8"), "(6 bytes of text/html)"),
        (of(b"no" * 600, 502, Content_Type=f"text/{KEY}"), "(1,200 bytes)"),
        (of(b"no", 502), "(2 bytes)"),
        (of(b"[" * 101 + b"]" * 101), "(202 bytes)"),
        (
            of(b"[" + b" " * 262_143 + b"]", 502, Content_Type="application/json"),
            "(262,145 bytes of application/json)",
        ),
    ],
    ids=["page", "type that may be a secret", "no type", "nested too deep", "long"],
)
def test_of_anything_else_its_length_is_shown_and_its_type_where_that_is_no_secret(
    answer: Answer, shown: str
) -> None:
    assert refusal(answer).answer == shown
