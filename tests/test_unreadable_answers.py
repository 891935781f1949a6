"""What is no operation is refused, within bounds of time and memory, and told as what it is."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from answers import of, read, refusal

from rushes.errors import APIError, NetworkError, RushesError, UnreadableResponseError


def test_a_redirect_that_nobody_followed_is_no_operation() -> None:
    assert type(refusal(of({"name": "operations/op1", "done": False}, 300))) is APIError


def test_a_web_page_is_told_as_what_it_is() -> None:
    for answer in (of(b"<!DOCTYPE html><p>"), of(b" \n<html>"), of(b"hello", Content_Type="text/html")):
        error = refusal(answer)
        assert isinstance(error, NetworkError)
        assert (error.kind, error.transient) == ("sign_in", True)
        assert "api.gptproto.com" in str(error)


@pytest.mark.parametrize("body", [b"", b" \n", b'{"name": "oper', b"\xff\xfe", b"not json", b'{"a": 1}{'])
def test_a_cut_off_answer_is_tried_again(body: bytes) -> None:
    error = refusal(of(body))
    assert isinstance(error, UnreadableResponseError)
    assert error.transient


@pytest.mark.parametrize("body", [[], [1], "text", 3, None, True, {}, {"status": "completed", "id": "x"}])
def test_json_that_is_no_operation_is_final(body: object) -> None:
    error = refusal(of(body))
    assert isinstance(error, (UnreadableResponseError, NetworkError))
    assert isinstance(error, UnreadableResponseError)
    assert body is None or not error.transient


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b" \n", "The answer of GPTProto is empty."),
        (b'{"name": "oper', "The answer of GPTProto is cut off, or not JSON."),
        (b"[1]", "The answer is JSON, but a list, not an operation."),
        (b"[" * 101 + b"]" * 101, "The answer is JSON nested too deep to be an operation."),
        (b"[" + b"1," * 200_001, "The answer has too many values to be an operation."),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_with_its_status(body: bytes, words: str) -> None:
    error = refusal(of(body, 203))
    assert isinstance(error, UnreadableResponseError)
    assert str(error).startswith(words)
    assert error.status_code == 203


@pytest.mark.parametrize(
    "wrap", [lambda value: [value], lambda value: {"a": value}], ids=["lists", "objects"]
)
def test_an_answer_may_be_nested_as_deep_as_real_ones_many_times_over(
    wrap: Callable[[object], object],
) -> None:
    value: object = 1
    for _ in range(60):
        value = wrap(value)
    assert read(of({"name": "operations/op1", "metadata": {"a": value}})).status == "running"
    for _ in range(60):
        value = wrap(value)
    assert "nested too deep" in str(refusal(of({"name": "operations/op1", "metadata": {"a": value}})))


def test_nesting_without_end_is_unreadable() -> None:
    for body in (b"[" * 100_000, b'{"response":' * 500 + b"1" + b"}" * 500, b"[" * 400 + b"]" * 400):
        for status in (200, 400, 503):
            assert isinstance(refusal(of(body, status)), RushesError)


@pytest.mark.parametrize("value", [b"[]", b"{}", b"0", b'""'])
def test_a_body_of_too_many_values_is_refused_before_it_is_parsed(value: bytes) -> None:
    body = b'{"name": "operations/op1", "metadata": [' + value + (b"," + value) * 200_000 + b"]}"
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableResponseError, match="too many values"):
            read(of(body))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("value", [b"[1]", b'{"a":1}'], ids=["list", "object"])
def test_a_list_or_an_object_is_a_value_beside_those_in_it(value: bytes) -> None:
    body = b'{"name": "operations/op1", "metadata": [' + b",".join([value] * 120_000) + b"]}"
    assert "too many values" in str(refusal(of(body)))


def test_a_video_inside_the_answer_is_no_body_of_too_many_values() -> None:
    video = {"bytesBase64Encoded": "+/aA" * 1_000_000, "mimeType": "video/mp4"}
    operation = read(of({"name": "operations/op1", "done": True, "response": {"videos": [video]}}))
    assert operation.status == "succeeded"
