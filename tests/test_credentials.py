"""Which provider a key is for, and which text is a key."""

from __future__ import annotations

import pytest
from api_keys import (
    ALIAS_URL,
    ENVIRONMENT,
    GOOGLE_KEY,
    GOOGLE_URL,
    GPTPROTO_KEY,
    GPTPROTO_URL,
    LOOPBACK_URL,
    PLAIN_KEY,
    UNKNOWN_URL,
    found,
)

from rushes.credentials import Secret
from rushes.errors import CredentialsError, InvalidInputError
from rushes.provider import GOOGLE, GPTPROTO, origin_of


@pytest.mark.parametrize(
    ("pasted", "provider", "source"),
    [
        (GOOGLE_URL, "google", "GEMINI_API_KEY in the environment"),
        (GPTPROTO_URL, "gptproto", "GPTPROTO_API_KEY in the environment"),
        (ALIAS_URL, "gptproto", "GPTPROTO_API_KEY in the environment"),
        (UNKNOWN_URL, "custom", None),
        (LOOPBACK_URL, "custom", None),
    ],
)
def test_a_pasted_url_chooses_the_provider_of_its_host(
    pasted: str, provider: str, source: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    credentials = found(url_base=pasted)
    assert (credentials.provider.name, credentials.source) == (provider, source)
    if source is None:
        with pytest.raises(CredentialsError, match="keys of known providers are not sent to another host"):
            credentials.require()


@pytest.mark.parametrize("address", [UNKNOWN_URL, f"{LOOPBACK_URL}/prefix/v1beta/", f" {UNKNOWN_URL} "])
def test_the_variable_for_the_base_url_gives_gptprotos_key_to_that_endpoint(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPTPROTO_BASE_URL", address)
    monkeypatch.setenv("GPTPROTO_API_KEY", ENVIRONMENT["GPTPROTO_API_KEY"])
    for credentials in (found(), found(provider="gptproto"), found(url_base=address.strip())):
        assert credentials.source == "GPTPROTO_API_KEY in the environment"
        assert credentials.provider.origins == {origin_of(address.strip())}
        assert credentials.provider.base_url == address.strip().removesuffix("/v1beta/")
    assert found(url_base=GOOGLE_URL).secret is None


def test_googles_host_in_the_variable_for_gptprotos_base_url_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GPTPROTO_BASE_URL", GOOGLE_URL)
    monkeypatch.setenv("GPTPROTO_API_KEY", ENVIRONMENT["GPTPROTO_API_KEY"])
    with pytest.raises(InvalidInputError, match="GPTPROTO_BASE_URL names Google's host"):
        found()


@pytest.mark.parametrize(
    "arguments",
    [
        {"base_url": UNKNOWN_URL, "url_base": GOOGLE_URL},
        {"base_url": GOOGLE_URL, "provider": "gptproto"},
        {"url_base": GPTPROTO_URL, "provider": "google"},
        {"provider": "openai"},
        {"provider": ""},
    ],
)
def test_arguments_that_contradict_each_other_are_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        found(api_key=PLAIN_KEY, **arguments)


@pytest.mark.parametrize(
    ("key", "provider", "title"),
    [(GOOGLE_KEY, "gptproto", "GPTProto"), (GPTPROTO_KEY, "google", "Google")],
)
def test_a_key_of_the_other_providers_form_is_refused_in_words(key: str, provider: str, title: str) -> None:
    credentials = found(api_key=key, provider=provider)
    assert credentials.secret is None
    with pytest.raises(CredentialsError, match=f"it is not sent to {title}"):
        credentials.require()
    assert found(api_key=GOOGLE_KEY).provider is GOOGLE
    assert found(api_key=GPTPROTO_KEY).provider is GPTPROTO


@pytest.mark.parametrize(
    "pasted", [f"  {PLAIN_KEY}\n", f'"{PLAIN_KEY}"', f"' {PLAIN_KEY} '", f"\t{PLAIN_KEY}\r\n"]
)
def test_white_space_and_quotes_around_a_key_are_dropped(
    pasted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(api_key=pasted).require() == Secret(PLAIN_KEY)
    monkeypatch.setenv("GPTPROTO_API_KEY", pasted)
    assert found().require() == Secret(PLAIN_KEY)


@pytest.mark.parametrize(
    ("key", "trouble"),
    [
        ("", "is empty"),
        (' "" ', "is empty"),
        ("canary key", "has white space"),
        ("canary\r\nX-Evil: 1", "has white space"),
        ("canary\x00", "has white space"),
        ("canary\u2026", "has white space"),
        ("canary\udce9", "has white space"),
        ("canary" * 1000, "is longer than 4096"),
        (b"canary-in-bytes", "is not text"),
        (1234567890, "is not text"),
    ],
)
def test_a_key_that_cannot_stand_in_a_header_is_refused_without_showing_it(key: str, trouble: str) -> None:
    credentials = found(api_key=key)
    assert credentials.secret is None
    with pytest.raises(CredentialsError, match=f"The key from the api_key argument {trouble}") as caught:
        credentials.require()
    assert "canary" not in f"{caught.value!r} {caught.value} {vars(caught.value)} {credentials!r}"
