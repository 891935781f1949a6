"""Whose origin a URL has, as the libraries that connect would have it, and where a provider keeps its files."""

from __future__ import annotations

import contextlib

import pytest
import requests
import urllib3
from hypothesis import example, given, settings
from hypothesis import strategies as st
from url_readers import PIECES, readings

from rushes.errors import InvalidInputError
from rushes.provider import (
    GOOGLE,
    GPTPROTO,
    Provider,
    file_id_of,
    is_loopback,
    may_be_this_machine,
    origin_of,
    provider_at,
    provider_named,
)

CUSTOM = provider_at("https://videos.example:8443/prefix")
EVERY = (GPTPROTO, GOOGLE, CUSTOM)


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://api.gptproto.com/v1beta/x", GPTPROTO),
        ("https://API.gptproto.COM:443/", GPTPROTO),
        ("https://api.gptproto.com./", GPTPROTO),
        ("https://gptproto.com/upload", GPTPROTO),
        ("https://generativelanguage.googleapis.com/v1beta/files/x:download?alt=media", GOOGLE),
        ("https://videos.example:8443/other", CUSTOM),
        ("http://api.gptproto.com/", None),
        ("https://api.gptproto.com:8443/", None),
        ("https://api.gptproto.com.evil.example/", None),
        ("https://evil-api.gptproto.com/", None),
        ("https://evil.gptproto.com/", None),
        ("https://evil.example/api.gptproto.com", None),
        ("https://evil.example#https://api.gptproto.com", None),
        ("https://api.gptproto.com@evil.example/", None),
        ("https://user@api.gptproto.com/", None),
        ("https://api.gptproto.com\\@evil.example/", None),
        ("https://api.gptproto.com\t/", None),
        (" https://api.gptproto.com/", None),
        ("//api.gptproto.com/", None),
        ("https:api.gptproto.com", None),
        ("ftp://api.gptproto.com/", None),
        ("https://videos.example/", None),
        ("http://videos.example:8443/", None),
        ("https://\u0430pi.gptproto.com/", None),  # a Cyrillic letter
        ("https://api。gptproto。com/", None),
        ("https://[::1", None),
        ("https://api.gptproto.com:443x/", None),
        ("https://api.gptproto.com:99999/", None),
        ("", None),
    ],
)
def test_only_the_same_scheme_host_and_port_belong_to_a_provider(url: str, owner: Provider | None) -> None:
    assert [provider for provider in EVERY if provider.owns(url)] == ([] if owner is None else [owner])


@given(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=10).map(lambda pieces: "https://" + "".join(pieces)),
        st.text(),
    )
)
@example("https://api.gptproto.com\\@evil.example")
@example("https://evil.example\\@api.gptproto.com")
@example("https://api.gptproto.com:@evil.example")
@example("https://evil.example?@api.gptproto.com")
@example("https://evil.example;@api.gptproto.com")
@example("https://api.gptproto.com%2f@evil.example")
@settings(max_examples=400)
def test_a_provider_owns_no_url_that_a_library_would_take_elsewhere(url: str) -> None:
    for provider in EVERY:
        if not provider.owns(url):
            continue
        with contextlib.suppress(requests.RequestException, urllib3.exceptions.HTTPError):
            origins = {reading.origin for reading in readings(url).values()}
            assert origins <= provider.origins


@pytest.mark.parametrize(
    ("address", "base_url", "origin", "title"),
    [
        ("https://videos.example", "https://videos.example", "https://videos.example:443", "videos.example"),
        (
            "https://VIDEOS.example:443/",
            "https://videos.example",
            "https://videos.example:443",
            "videos.example",
        ),
        ("https://h:8443/p/", "https://h:8443/p", "https://h:8443", "h:8443"),
        ("https://h/v1beta", "https://h", "https://h:443", "h"),
        ("https://h/p/v1beta/?key=canary#x", "https://h/p", "https://h:443", "h"),
        ("https://h/v1/", "https://h", "https://h:443", "h"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://localhost/", "http://localhost", "http://localhost:80", "localhost"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a", "http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_a_custom_endpoint_keeps_its_host_port_and_prefix(
    address: str, base_url: str, origin: str, title: str
) -> None:
    provider = provider_at(address)
    assert (provider.name, provider.title) == ("custom", title)
    assert provider.base_url == base_url
    assert provider.origins == {origin}
    assert provider.key_variables == ()
    assert provider.operation_url("m", "x") == f"{base_url}/v1beta/models/m/operations/x"


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://api.gptproto.com/v1beta", GPTPROTO),
        ("https://gptproto.com", GPTPROTO),
        ("https://api.gptproto.com/some/prefix", GPTPROTO),
        ("https://generativelanguage.googleapis.com/v1beta/", GOOGLE),
    ],
)
def test_a_known_host_is_the_known_provider(address: str, known: Provider) -> None:
    assert provider_at(address) is known


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://videos.example", "http://videos.example:80 is plain http: everyone on the way could read"),
        ("http://api.gptproto.com", "is plain http"),
        ("http://10.0.0.1:8000", "is plain http"),
        ("http://api.localhost:8000", "is plain http"),  # a resolver may send it anywhere
        ("http://127.0.0.1.evil.example", "is plain http"),
        ("http://2130706433", "is plain http"),
        ("http://0.0.0.0:8000", "is plain http"),
        ("https://user:canary@videos.example", "carries a user name or a password"),
        ("https://@videos.example", "carries a user name or a password"),
        ("videos.example", "does not start with https://"),
        ("ftp://videos.example", "does not start with https://"),
        ("file:///etc/passwd", "does not start with https://"),
        ("https://", "has no host that can be read"),
        ("https://..", "has no host that can be read"),
        ("https://a..b", "has no host that can be read"),
        ("https://vidéos.example", "has no host that can be read"),
        ("https://[::1", "cannot be read"),
        ("https://[..::1]:8443", "be read"),
        ("https://videos.example[::1]", "be read"),
        ("https://host:port", "cannot be read"),
        ("https://a b", "white space or control characters"),
        ("https://a\\b", "white space or control characters"),
        ("https://a\r\nX-Evil: 1", "white space or control characters"),
        (b"https://videos.example", "is not text"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_words(address: str, words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        provider_at(address)
    assert words in str(caught.value)
    assert caught.value.next_step
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None


def test_providers_are_found_by_name() -> None:
    assert provider_named("gptproto") is GPTPROTO
    assert provider_named(" Google ") is GOOGLE
    for name in ("openai", "", None, 3):
        with pytest.raises(InvalidInputError, match="is not a provider") as caught:
            provider_named(name)  # type: ignore[arg-type]
        assert 'provider="gptproto"' in caught.value.next_step


@pytest.mark.parametrize(
    ("uri", "file_id"),
    [
        ("https://generativelanguage.googleapis.com/v1beta/files/abc-1_2:download?alt=media", "abc-1_2"),
        ("https://generativelanguage.googleapis.com/v1beta/files/abc", "abc"),
        ("https://generativelanguage.googleapis.com/download/v1beta/files/abc:download", "abc"),
        ("https://api.gptproto.com/upload/v1beta/files/abc/content", "abc"),
        ("gs://bucket/files/clip.mp4", None),
        ("https://h/v1beta/files/", None),
        ("https://h/v1beta/files/a%2Fb:download", None),
        ("https://h/v1beta/files/..:download", None),
        ("https://h/clip.mp4?x=/files/abc", None),
        ("https://[h/files/abc", None),
        ("", None),
    ],
)
def test_the_file_that_a_uri_names_is_found_at_the_provider_itself(uri: str, file_id: str | None) -> None:
    assert file_id_of(uri) == file_id
    bases = {
        GPTPROTO: "https://api.gptproto.com/upload/v1beta/files",
        GOOGLE: "https://generativelanguage.googleapis.com/v1beta/files",
        CUSTOM: "https://videos.example:8443/prefix/v1beta/files",
    }
    for provider, base in bases.items():
        assert provider.file_url(uri) == (None if file_id is None else f"{base}/{file_id}:download?alt=media")


@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map(
        lambda pieces: "https://h/v1beta/files/" + "".join(pieces)
    )
)
def test_no_uri_steers_the_providers_file_url_elsewhere(uri: str) -> None:
    for provider in EVERY:
        own = provider.file_url(uri)
        if own is not None:
            assert provider.owns(own)
            for reader, reading in readings(own).items():
                assert reading.origin in provider.origins, reader
                assert reading.query == "alt=media", reader


@pytest.mark.parametrize(
    ("host", "certain", "possible"),
    [
        ("127.0.0.1", True, True),
        ("127.1.2.3", True, True),
        ("[::1]", True, True),
        ("localhost", True, True),
        ("LOCALHOST", True, True),
        ("localhost.", True, True),
        # Where these go depends on the resolver: no reason to trust, every reason to refuse.
        ("api.localhost", False, True),
        ("127.1", False, True),
        ("2130706433", False, True),
        ("0x7f000001", False, True),
        ("0177.0.0.1", False, True),
        ("0", False, True),
        ("0.0.0.0", False, True),
        ("[::]", False, True),
        ("[::ffff:127.0.0.1]", False, True),
        ("localhost.localdomain", False, True),
        ("10.0.0.1", False, False),
        ("128.0.0.1", False, False),
        ("videos.example", False, False),
        ("localhost.evil.example", False, False),
        ("[2001:db8::1]", False, False),
    ],
)
def test_this_machine_is_told_from_others(host: str, certain: bool, possible: bool) -> None:
    assert is_loopback(f"http://{host}:8000/x") is certain
    assert may_be_this_machine(f"http://{host}:8000/x") is possible


@given(st.text())
def test_an_origin_is_read_or_refused_and_nothing_else(text: str) -> None:
    with contextlib.suppress(InvalidInputError):
        scheme, _, rest = origin_of(text).partition("://")
        assert scheme in ("http", "https")
        assert rest.rpartition(":")[2].isdigit()
