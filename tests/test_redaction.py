"""A key that a server echoes is taken out in whatever spelling, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.answer import read_answer
from rushes.credentials import Secret
from rushes.provider import GPTPROTO
from rushes.redaction import Redactor

KEY = "ca/n+ar=y&\\'\"<0123456789>"


ECHOES = {
    "plain": KEY,
    "percent": quote(KEY, safe=""),
    "percent in lower case": quote(KEY, safe="").lower(),
    "percent, slash kept": quote(KEY, safe="/"),
    "percent twice": quote_plus(quote(KEY)),
    "HTML": html.escape(KEY),
    "HTML, decimal": html.escape(KEY).replace("&#x27;", "&#39;"),
    "HTML twice": html.escape(html.escape(KEY)),
    "JSON": json.dumps(KEY)[1:-1],
    "JSON of PHP": json.dumps(KEY)[1:-1].replace("/", "\\/"),
    "JSON twice": json.dumps(json.dumps(KEY))[3:-3],
    "JSON of Go": json.dumps(KEY)[1:-1]
    .replace("&", "\\u0026")
    .replace("<", "\\u003c")
    .replace(">", "\\u003E"),
    "Python": repr(KEY)[1:-1],
    "percent, letters too": "".join(f"%{ord(letter):02X}" for letter in KEY),
    "HTML, letters too": "".join(f"&#{ord(letter)};" for letter in KEY),
    "HTML in hexadecimal, letters too": "".join(f"&#x{ord(letter):x};" for letter in KEY),
    "JSON, letters too": "".join(f"\\u{ord(letter):04x}" for letter in KEY),
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_a_key_that_a_server_echoes_is_taken_out(echo: str) -> None:
    redact = Redactor(KEY).redact
    assert redact(f"the key {echo} is bad") == "the key [API key] is bad"
    assert redact(f"the key {echo}", cut_off=True) == "the key [API key]"
    assert redact(f"{echo}{echo}") == "[API key][API key]"


@pytest.mark.parametrize(
    "spell", [str, lambda key: quote(key, safe=""), html.escape], ids=["plain", "percent", "HTML"]
)
def test_the_beginning_of_a_key_at_the_end_of_a_cut_off_text_is_taken_out(spell: type[str]) -> None:
    redact = Redactor(KEY).redact
    echo = spell(KEY)
    for length in range(6, len(echo) + 1):
        assert redact(f"key: {echo[:length]}", cut_off=True) == "key: [API key]"
    assert redact("a can", cut_off=True) == "a can"
    assert redact("", cut_off=True) == ""
    assert redact("key: ca/n and more", cut_off=True) == "key: ca/n and more"


@pytest.mark.parametrize("key", ["d", "name", "done", "video"])
def test_a_key_as_short_as_a_word_does_not_tear_the_answer_apart(key: str) -> None:
    body = b'{"name": "operations/op1", "done": true, "response": {"videos": [{"uri": "https://h/d"}]}}'
    operation = read_answer(
        200, {}, body, provider=GPTPROTO, secret=Secret(key), model_name="m", operation_id="op1"
    )
    assert operation.status == "succeeded"
    assert Redactor(key).redact(f"a {key[:-1]}", cut_off=True) == f"a {key[:-1]}"


KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)


@given(key=KEYS, data=st.data())
def test_no_text_keeps_the_key(key: str, data: st.DataObject) -> None:
    escaped = data.draw(st.sampled_from((key, quote(key, safe=""), json.dumps(key)[1:-1], html.escape(key))))
    text = "".join(data.draw(st.lists(st.sampled_from((key, escaped, key[:-1], key[1:], "x", "[", "API")))))
    redacted = Redactor(key).redact(text + escaped)
    assert key not in redacted
    assert escaped not in redacted


@pytest.mark.parametrize("cut_off", [False, True])
@pytest.mark.parametrize("count", [1, 2, 100_000])
def test_the_key_does_not_come_together_again_with_what_is_put_in_its_place(
    count: int, cut_off: bool
) -> None:
    key = "0123456["
    for text in (key[:-1] * count + key, key[:-1] * (count + 1)):
        assert key not in Redactor(key).redact(text, cut_off=cut_off)


@given(key=KEYS, text=st.text())
def test_text_without_the_key_stays_as_it_is(key: str, text: str) -> None:
    if key not in html.unescape(text):
        assert Redactor(key).redact(text) == text


def test_long_texts_made_to_be_searched_for_long_are_searched_in_no_time() -> None:
    began_s = time.thread_time()
    for key in ("\\/" * 20, "a" * 40, "&" * 40, "%25" * 20):
        redact = Redactor(key).redact
        for text in ("\\" * 200_000, "a" * 39 + "b" * 200_000, "&amp;" * 39 + "%" * 200_000, "%25" * 100_000):
            redact(text, cut_off=True)
    assert time.thread_time() - began_s < 5


def test_a_redactor_prints_as_nothing() -> None:
    redactor = Redactor("canary-0123456789")
    assert redactor.redact("canary-0123456789") == "[API key]"
    assert "anar" not in f"{redactor!r} {vars(redactor)!r}"


def test_what_is_promised_ends_where_the_key_is_encoded_as_a_whole() -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    assert Redactor(KEY).redact(encoded) == encoded
