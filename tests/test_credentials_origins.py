"""Wherever a key was found, it reaches nobody else's origin."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
from dataclasses import dataclass, field

import pytest
import requests
import urllib3
from api_keys import (
    ALIAS_URL,
    COLAB,
    ENVIRONMENT,
    GOOGLE_KEY,
    GOOGLE_URL,
    GPTPROTO_KEY,
    GPTPROTO_URL,
    LOOPBACK_URL,
    PLAIN_KEY,
    UNKNOWN_URL,
)
from fake_colab import FakeColab

from rushes import session
from rushes.credentials import Credentials, Secret, find_credentials
from rushes.errors import CredentialsError, InvalidInputError, NetworkError
from rushes.provider import origin_of
from rushes.reference import read_reference
from rushes.transport import Transport

HOSTS = (GPTPROTO_URL, ALIAS_URL, GOOGLE_URL, UNKNOWN_URL, LOOPBACK_URL)
OURS = {origin_of(GPTPROTO_URL), origin_of(ALIAS_URL)}
GOOGLES = {origin_of(GOOGLE_URL)}


@dataclass(frozen=True)
class Source:
    """Where keys lie before a call."""

    name: str
    argument: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    colab: dict[str, str] = field(default_factory=dict)
    usable: bool = True


SOURCES = (
    Source("none", usable=False),
    Source("argument", PLAIN_KEY),
    Source("argument of Google's form", GOOGLE_KEY),
    Source("argument of GPTProto's form", GPTPROTO_KEY),
    *(Source(name, environment={name: value}) for name, value in ENVIRONMENT.items()),
    Source("Google's form under GPTProto's name", environment={"GPTPROTO_API_KEY": GOOGLE_KEY}, usable=False),
    Source("GPTProto's form under Google's name", environment={"GEMINI_API_KEY": GPTPROTO_KEY}, usable=False),
    *(
        Source(
            f"all with base URL {url}",
            PLAIN_KEY if given else None,
            {**ENVIRONMENT, "GPTPROTO_BASE_URL": url},
        )
        for url in (GPTPROTO_URL, ALIAS_URL, GOOGLE_URL, UNKNOWN_URL, LOOPBACK_URL)
        for given in (False, True)
    ),
    Source("environment", environment=ENVIRONMENT),
    *(Source(f"Colab's {name}", colab={name: value}) for name, value in COLAB.items()),
    Source("everything", PLAIN_KEY, ENVIRONMENT, COLAB),
    Source("everything found", None, ENVIRONMENT, COLAB),
)


class Wire:
    """Takes the place of the network, and writes down which key would have left for which origin."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str | None]] = []

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        assert request.url is not None
        key = request.headers.get("x-goog-api-key")
        origin = origin_of(request.url)
        self.sent.append((origin, None if key is None else str.__str__(key)))
        others = [f"{name}: {value}" for name, value in request.headers.items() if name != "x-goog-api-key"]
        assert key is None or not any(key in text for text in (request.url, *others))
        response = requests.Response()
        response.request = request
        response.url = request.url
        response.status_code = 200
        body = b""
        if "/operations/" in request.url:
            body = json.dumps({"name": "operations/op1", "done": False}).encode()
        else:
            # Every host sends on to the next one, round and round.
            ring = [url for url in HOSTS if not url.startswith("http:") or origin.startswith("http:")]
            position = next((i for i, url in enumerate(ring) if origin_of(url) == origin), 0)
            response.status_code = 302
            response.headers["Location"] = (
                f"{ring[(position + 1) % len(ring)]}/v1beta/files/f1:download?alt=media"
            )
        response.raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False)
        return response

    def keys_by_origin(self) -> set[tuple[str, str]]:
        return {(origin, key) for origin, key in self.sent if key is not None}


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setattr(session._Adapter, "send", lambda self, request, **options: wire.send(request))
    return wire


def settled(
    source: Source, provider: str | None, base_url: str | None, pasted: str | None
) -> Credentials | None:
    """What a watch would go by; None where the call is refused before any request."""
    name = "models/veo/operations/op1"
    reference = read_reference(f"{pasted}/v1beta/{name}?alt=json" if pasted else name)
    try:
        return find_credentials(
            provider=provider,
            secret=Secret.wrap(source.argument),
            base_url=base_url,
            url_base=reference.base_url,
        )
    except InvalidInputError:
        return None


def allowed(
    key: str, source: Source, provider: str | None, base_url: str | None, pasted: str | None
) -> set[str]:
    """The origins that a key may reach, by the contract alone."""
    address = source.environment.get("GPTPROTO_BASE_URL")
    configured = {origin_of(address)} - GOOGLES if address else set()
    if key in (ENVIRONMENT["GPTPROTO_API_KEY"], COLAB["GPTPROTO_API_KEY"]):
        return OURS | configured
    if key in (*ENVIRONMENT.values(), *COLAB.values()):
        return GOOGLES
    named = base_url or pasted
    if named is not None:
        chosen = OURS if origin_of(named) in OURS else {origin_of(named)}
    else:
        chosen = GOOGLES if provider == "google" else OURS | configured
        chosen = chosen | (GOOGLES if provider is None else set())
    return chosen - (OURS if key == GOOGLE_KEY else GOOGLES if key == GPTPROTO_KEY else set())


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_no_key_reaches_an_origin_that_is_not_its_providers(
    source: Source, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in source.environment.items():
        monkeypatch.setenv(name, value)
    if source.colab:
        FakeColab(monkeypatch).secrets = dict(source.colab)
    crossings: list[object] = []
    polls = 0
    calls = itertools.product(
        (None, "gptproto", "google"),
        (None, *HOSTS),
        (None, GPTPROTO_URL, ALIAS_URL, GOOGLE_URL, UNKNOWN_URL),
    )
    for call in calls:
        credentials = settled(source, *call)
        if credentials is None or credentials.secret is None:
            assert credentials is None or isinstance(credentials.problem, CredentialsError)
            continue
        wire.sent.clear()
        with Transport(credentials.provider, credentials.require()) as transport:
            transport.open(credentials.provider.operation_url("veo", "op1")).close()
            assert wire.sent[0][1] is not None, "the poll itself goes with the key"
            polls += 1
            with contextlib.suppress(NetworkError):  # more than five hops
                transport.open(f"{LOOPBACK_URL}/v1beta/files/f1:download?alt=media").close()
            assert {origin for origin, _ in wire.sent} >= {origin_of(url) for url in HOSTS}
        crossings += [
            (call, origin, key)
            for origin, key in wire.keys_by_origin()
            if origin not in allowed(key, source, *call)
        ]
    assert crossings == []
    assert (polls > 0) == source.usable
