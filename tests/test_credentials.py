"""Which key is found, for whom, and that it reaches nobody else's origin."""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
import json
import logging
import pickle
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType

import pytest
import requests
import urllib3

from rushes import session
from rushes.credentials import Credentials, HeaderValue, Secret, find_credentials
from rushes.errors import CredentialsError, InvalidInputError, NetworkError
from rushes.provider import GOOGLE, GPTPROTO, origin_of
from rushes.reference import read_reference
from rushes.transport import Transport

GPTPROTO_URL = "https://api.gptproto.com"
ALIAS_URL = "https://gptproto.com"
GOOGLE_URL = "https://generativelanguage.googleapis.com"
UNKNOWN_URL = "https://videos.example"
LOOPBACK_URL = "http://127.0.0.1:8321"
HOSTS = (GPTPROTO_URL, ALIAS_URL, GOOGLE_URL, UNKNOWN_URL, LOOPBACK_URL)
OURS = {origin_of(GPTPROTO_URL), origin_of(ALIAS_URL)}
GOOGLES = {origin_of(GOOGLE_URL)}

PLAIN_KEY = "argument-key-0123456789"
GOOGLE_KEY = "AIzaSyArgumentKey0123456789012345678901"
GPTPROTO_KEY = "sk-argumentkey0123456789012345678901"
ENVIRONMENT = {name: f"{name.lower()}-of-the-environment" for name in ("GPTPROTO_API_KEY", "GEMINI_API_KEY")}
ENVIRONMENT["GOOGLE_API_KEY"] = "AIzaSyGoogleKeyOfTheEnvironment01234567"
COLAB = {name: f"{name.lower()}-of-colab" for name in (*GPTPROTO.key_variables, *GOOGLE.key_variables)}


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


class SecretNotFoundError(AttributeError): ...


class NotebookAccessError(RuntimeError): ...


class TimeoutException(Exception): ...


class FakeColab:
    """`google.colab.userdata` as Colab has it (googlecolab/colabtools, google/colab/userdata.py): a question to the
    page for one secret, with three errors of its own and a limit of 10 s.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.secrets: dict[str, str | Exception] = {}
        self.asked: list[str] = []
        package, colab, userdata = (
            ModuleType(name) for name in ("google", "google.colab", "google.colab.userdata")
        )
        userdata.get = self.get  # type: ignore[attr-defined]
        colab.userdata = userdata  # type: ignore[attr-defined]
        package.colab = colab  # type: ignore[attr-defined]
        for module in (package, colab, userdata):
            monkeypatch.setitem(sys.modules, module.__name__, module)

    def get(self, name: str) -> str:
        self.asked.append(name)
        found = self.secrets.get(name, SecretNotFoundError(f"Secret {name} does not exist."))
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch) -> FakeColab:
    return FakeColab(monkeypatch)


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


def found(**arguments: str) -> Credentials:
    secret = Secret.wrap(arguments.pop("api_key", None))
    return find_credentials(secret=secret, **arguments)


def test_an_explicit_key_wins_over_everything_that_lies_around(
    monkeypatch: pytest.MonkeyPatch, colab: FakeColab
) -> None:
    colab.secrets = dict(COLAB)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    credentials = found(api_key=PLAIN_KEY)
    assert credentials.secret == Secret(PLAIN_KEY)
    assert credentials.source == "the api_key argument"
    assert credentials.provider.name == "gptproto"
    assert colab.asked == []


def test_order_is_environment_then_colab_and_gptproto_before_google(
    monkeypatch: pytest.MonkeyPatch, colab: FakeColab
) -> None:
    colab.secrets = dict(COLAB)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    order = []
    for name in ("GPTPROTO_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        order.append(found().source)
        monkeypatch.delenv(name)
    for name in ("GPTPROTO_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        order.append(found().source)
        del colab.secrets[name]
    assert order == [
        "GPTPROTO_API_KEY in the environment",
        "GEMINI_API_KEY in the environment",
        "GOOGLE_API_KEY in the environment",
        "GPTPROTO_API_KEY in Colab's secrets",
        "GEMINI_API_KEY in Colab's secrets",
        "GOOGLE_API_KEY in Colab's secrets",
    ]


def test_a_named_provider_looks_for_its_own_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert found(provider="google").source == "GEMINI_API_KEY in the environment"
    assert found(provider=" GPTProto ").source == "GPTPROTO_API_KEY in the environment"
    monkeypatch.delenv("GPTPROTO_API_KEY")
    assert found(provider="gptproto").secret is None


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


def test_every_place_looked_at_is_named(monkeypatch: pytest.MonkeyPatch, colab: FakeColab) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", " ")
    colab.secrets = {
        "GPTPROTO_API_KEY": TimeoutException("Requesting secret timed out."),
        "GEMINI_API_KEY": NotebookAccessError("Notebook does not have access."),
    }
    with pytest.raises(CredentialsError) as caught:
        found().require()
    assert str(caught.value) == (
        "There is no API key. Looked at: "
        "GPTPROTO_API_KEY in the environment (not set); "
        "GEMINI_API_KEY in the environment (empty); "
        "GOOGLE_API_KEY in the environment (not set); "
        "GPTPROTO_API_KEY in Colab's secrets (timed out: Colab's page did not answer within 10 s); "
        "GEMINI_API_KEY in Colab's secrets "
        "(access is off for this notebook: switch it on in the Secrets panel); "
        "GOOGLE_API_KEY in Colab's secrets (no such secret). "
        "Pass api_key=..., or set GPTPROTO_API_KEY (or GEMINI_API_KEY for Google), then resume."
    )
    assert caught.value.__context__ is None


def test_colab_is_not_mentioned_elsewhere() -> None:
    with pytest.raises(CredentialsError) as caught:
        found(provider="gptproto").require()
    assert "Looked at: GPTPROTO_API_KEY in the environment (not set). " in str(caught.value)


def test_an_unknown_failure_of_colab_is_survived(colab: FakeColab) -> None:
    colab.secrets = {"GPTPROTO_API_KEY": ZeroDivisionError("canary"), "GEMINI_API_KEY": ""}
    with pytest.raises(CredentialsError) as caught:
        found().require()
    assert "GPTPROTO_API_KEY in Colab's secrets (could not be read)" in str(caught.value)
    assert "GEMINI_API_KEY in Colab's secrets (empty)" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_colabs_secrets_are_not_asked_for_from_a_thread(colab: FakeColab) -> None:
    colab.secrets = dict(COLAB)
    results: list[Credentials] = []
    thread = threading.Thread(target=lambda: results.append(found()))
    thread.start()
    thread.join()
    assert colab.asked == []
    with pytest.raises(CredentialsError, match="can only be read from a cell, not from a thread"):
        results[0].require()


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
