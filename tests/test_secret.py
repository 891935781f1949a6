"""A secret is printed, copied and pickled nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Iterator

import pytest
from api_keys import found

from rushes.credentials import HeaderValue, Secret
from rushes.errors import CredentialsError


def texts_of(thing: object) -> Iterator[str]:
    yield repr(thing)
    yield str(thing)
    yield f"{thing}"
    yield f"{[thing]} { {'key': thing} }"


@pytest.mark.parametrize("wrap", [Secret, HeaderValue], ids=["secret", "header value"])
def test_a_secret_prints_nowhere(wrap: type, caplog: pytest.LogCaptureFixture) -> None:
    secret = wrap("canary-0123456789")
    shown = [repr(secret), repr([secret]), f"{secret!r}", f"{ {'k': secret} }"]
    if wrap is Secret:
        shown += texts_of(secret)
        with caplog.at_level(logging.DEBUG):
            logging.getLogger("any").debug("%s %r", secret, secret)
        shown.append(caplog.text)
    assert not any("canary" in text for text in shown)


def test_a_secret_has_no_vars_and_no_state_to_copy() -> None:
    secret = Secret("canary-0123456789")
    with pytest.raises(TypeError):
        vars(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret]) == [secret]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_key_is_not_pickled(protocol: int) -> None:
    secret = Secret("canary-0123456789")
    for thing in (secret, secret.header_value, found(api_key="canary-0123456789")):
        with pytest.raises(CredentialsError, match="is not pickled"):
            pickle.dumps(thing, protocol)


def test_secrets_compare_and_hash_by_their_text() -> None:
    assert Secret("one-key-012345") == Secret(Secret(" one-key-012345 "))
    assert hash(Secret("one-key-012345")) == hash(Secret("one-key-012345"))
    assert Secret("one-key-012345") != Secret("another-key-0123")
    assert Secret("one-key-012345") != "one-key-012345"
