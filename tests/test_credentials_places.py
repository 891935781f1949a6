"""Where a key is looked for, in which order, and what is said where there is none."""

from __future__ import annotations

import threading

import pytest
from api_keys import COLAB, ENVIRONMENT, PLAIN_KEY, found
from fake_colab import FakeColab, NotebookAccessError, TimeoutException

from rushes.credentials import Credentials, Secret
from rushes.errors import CredentialsError


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch) -> FakeColab:
    return FakeColab(monkeypatch)


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
