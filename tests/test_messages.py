from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.messages import MAX_CHUNKS_PER_PULL, KeyGiven, WatchAsked, read_request

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "content",
    [
        {"type": "stop", "id": 3},
        {"type": "resume", "id": 0},
        {"type": "sync", "page": 0.5},
        {"type": "pull", "sample": 0, "generation": 2, "chunks": [0, 7]},
        {"type": "received", "sample": 0, "generation": 2, "index": 5, "waited_ms": 250, "as_numbers": True},
        {"type": "poster", "sample": 1, "generation": 2},
        {"type": "playing"},
        {"type": "left", "page": 0.5},
        {"type": "gone", "page": 0.5},
    ],
)
def test_what_our_page_sends_is_read(content: dict[str, Any]) -> None:
    assert read_request(dict(content)) == content


def test_a_key_is_taken_out_of_the_message_that_brought_it() -> None:
    content = {"type": "key", "id": 1, "key": " canary "}
    request = read_request(content)
    assert isinstance(request, KeyGiven)
    assert request.secret.header_value == "canary"
    assert "canary" not in repr((content, request))


def test_what_a_form_sends_is_read_and_its_key_taken_out() -> None:
    content = {"type": "watch", "id": 1, "model_name": "m", "operation_id": " x ", "key": " canary "}
    request = read_request(content)
    assert isinstance(request, WatchAsked)
    assert (request.model_name, request.operation_id) == ("m", " x ")
    assert request.secret is not None
    assert request.secret.header_value == "canary"
    assert "canary" not in repr((content, request))


def test_a_form_without_a_key_brings_none() -> None:
    request = read_request({"type": "watch", "id": 1, "model_name": "", "operation_id": "", "key": " "})
    assert request == WatchAsked(1, "", "", None)


@pytest.mark.parametrize("kind", ["key", "watch", "stop", "nonsense", None])
def test_a_key_leaves_even_a_message_that_is_refused(kind: str | None) -> None:
    content = {"type": kind, "id": "no number", "key": "canary"}
    assert read_request(content) is None
    assert "canary" not in repr(content)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "stop",
        [],
        {},
        {"type": "stop"},
        {"type": "stop", "id": True},
        {"type": "stop", "id": -1},
        {"type": "stop", "id": 1.0},
        {"type": "sync"},
        {"type": "left", "page": "this one"},
        {"type": "resume", "id": 2**60},
        {"type": "key", "id": 1},
        {"type": "key", "id": 1, "key": 5},
        {"type": "pull", "sample": 0, "generation": 0, "chunks": list(range(MAX_CHUNKS_PER_PULL + 1))},
        {"type": "watch", "id": 1, "model_name": "m", "operation_id": "x"},
        {"type": "watch", "id": 1, "model_name": "m", "operation_id": None, "key": ""},
        {"type": "watch", "id": 1, "model_name": ["m"], "operation_id": "x", "key": ""},
        {"type": "watch", "model_name": "m", "operation_id": "x", "key": ""},
        {"type": "pull", "sample": 0, "generation": 0, "chunks": [None]},
        {"type": "pull", "sample": 0, "generation": 0, "chunks": 1},
        {"type": "pull", "sample": "0", "generation": 0, "chunks": [1]},
        {
            "type": "received",
            "sample": 0,
            "generation": 0,
            "chunks": [1],
            "waited_ms": 0,
            "as_numbers": False,
        },
        {"type": "received", "sample": 0, "generation": 0, "index": 1, "waited_ms": 0, "as_numbers": 0},
        {"type": "received", "sample": 0, "generation": 0, "index": 1, "waited_ms": -1, "as_numbers": False},
        {"type": "poster", "sample": 0},
        {"type": "poster", "sample": -1, "generation": 0},
    ],
)
def test_what_our_page_cannot_have_sent_is_ignored(content: object) -> None:
    assert read_request(content) is None


@given(
    ANY_JSON
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["stop", "key", "watch", "pull", "received", "poster"])},
        optional={
            "id": ANY_JSON,
            "key": ANY_JSON,
            "model_name": ANY_JSON,
            "operation_id": ANY_JSON,
            "sample": ANY_JSON,
            "generation": ANY_JSON,
            "chunks": ANY_JSON,
            "index": ANY_JSON,
            "waited_ms": ANY_JSON,
            "as_numbers": ANY_JSON,
        },
    )
)
def test_no_message_of_any_script_raises(content: object) -> None:
    read_request(content)
