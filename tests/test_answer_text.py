"""An answer that is shown: no signature, no video, and never long, whatever the answer is."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.answer_text import answer_text, public_words
from rushes.redaction import Redactor

SIGNATURE = "canary-signature"
URL = f"https://user:{SIGNATURE}@host.example/clip.mp4?X-Signature={SIGNATURE}&alt=media#{SIGNATURE}"
LONGEST = 7_000


@pytest.mark.parametrize(
    "text",
    [
        URL,
        f"see {URL} and {URL}.",
        json.dumps({"uri": URL}),
        json.dumps({"uri": URL}).replace("/", "\\/"),
        json.dumps(json.dumps({"uri": URL}).replace("/", "\\/")),
        json.dumps({"uri": URL}).replace("/", "\\u002f").replace(":", "\\u003A"),
        quote(URL, safe=""),
        f"next={quote(quote(URL, safe=''), safe='')}&x=1",
        "x" * 1190 + URL,
        json.dumps({"uri": URL}).replace("/", "\\/").replace("?", "\\u003f").replace("=", "\\u003d"),
        URL.replace("/", "&#x2F;").replace("=", "&#x3D;"),
        URL.replace("/", "&amp;#47;"),
        URL.replace(":", "%3A"),
        URL.replace("/", "%2F").replace("?", "%3F").replace("=", "%3D"),
        URL.replace("?", "%3F"),
        URL.partition(":")[2],
        URL.partition("@")[2],
        f"/files/1?X-Signature={SIGNATURE}",
        f"https://h/1?name=UTF-8''clip.mp4&X-Signature={SIGNATURE}",
    ],
)
def test_no_signature_of_an_address_is_shown(text: str) -> None:
    for content in (text, {"key": text}, {text: 1}, [[text]]):
        assert SIGNATURE not in answer_text(content)


@pytest.mark.parametrize("times", range(1, 12))
@pytest.mark.parametrize("escape", ["{}/", "{}u002f", "&{}#47;", "&{}#x2f;"])
def test_no_key_comes_to_light_that_was_not_found_escaped(escape: str, times: int) -> None:
    key = "canary/0123456789"
    piece = "amp;" if "&" in escape else "\\"
    echoed = key.replace("/", escape.format(piece * times))
    assert key not in answer_text([Redactor(key).redact(echoed)])


def test_what_says_something_stays() -> None:
    content = {
        "name": "operations/x",
        "done": True,
        "metadata": {"n": 1.5, "none": None},
        "list": ["a", False],
    }
    assert json.loads(answer_text(content)) == content
    uri = "https://host.example/v1beta/files/abc:download?alt=media"
    assert uri in answer_text({"uri": uri})
    words = "Is it a = b? Then 50% of 'https://h/1', #2 and /files/1?alt=media fail; why?"
    assert words in answer_text([words])


@pytest.mark.parametrize("length_bytes", [300, 3_000_000])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_no_video_is_shown_wherever_it_stands(length_bytes: int, encode: Any) -> None:
    encoded = encode(bytes(range(256)) * (length_bytes // 256 + 1)).decode()
    for content in (
        {"anyName": encoded},
        [f"data:video/mp4;base64,{encoded}"],
        {"nested": json.dumps([encoded])},
    ):
        shown = answer_text(content)
        assert encoded[150:250] not in shown
        assert "left out" in shown
        assert len(shown) < 1_000


def test_what_hides_or_commands_is_written_out() -> None:
    shown = answer_text({"a\u202eb": "\x7f\x9b2J\u200b\u2066"})
    assert "\\u202e" in shown
    assert "\\u009b2J\\u200b\\u2066" in shown
    assert shown.replace("\n", "").isprintable()
    assert json.loads(shown) == {"a\u202eb": "\x7f\x9b2J\u200b\u2066"}


@pytest.mark.parametrize("piece", ["\\", "&amp;", "%25", "a%3a", "?", "https:", "#a", "//"])
def test_words_of_any_length_are_looked_through_in_no_time(piece: str) -> None:
    began = time.thread_time()
    public_words(piece * 40_000)
    assert time.thread_time() - began < 1.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=2_000),
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(st.text(max_size=500), inner, max_size=40),
    max_leaves=400,
)


@given(JSON)
def test_no_answer_is_shown_at_length(content: Any) -> None:
    assert len(answer_text(content)) < LONGEST


def test_very_many_values_are_cut_with_a_word_about_it() -> None:
    for content in (
        [0] * 100_000,
        {str(number): [number] for number in range(100_000)},
        [[[0] * 9] * 9] * 9_000,
    ):
        shown = answer_text(content)
        assert len(shown) < LONGEST
        assert "left out" in shown
