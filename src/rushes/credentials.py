"""Finding the API key that belongs to a provider, and holding it so that it never prints, pickles or syncs."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from rushes.errors import CredentialsError, InvalidInputError
from rushes.provider import (
    GOOGLE,
    GPTPROTO,
    KNOWN_PROVIDERS,
    Provider,
    origin_of,
    provider_at,
    provider_named,
)
from rushes.redaction import REDACTED, Redactor

BASE_URL_VARIABLE = "GPTPROTO_BASE_URL"


class HeaderValue(str):
    """A key on its way into a request: text, but printed as a placeholder in any container or traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"'{REDACTED}'"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise _not_pickled()


class Secret:
    """An API key in memory: it compares and hashes, and does not print, pickle or serialise.

    White space and quotes around it are dropped, as they come along when a key is pasted. The constructor never
    raises: a caller can wrap its argument first and check it once no local variable holds the bare text.
    """

    __slots__ = ("_is_text", "_redactor", "_value")

    _value: HeaderValue
    _is_text: bool
    _redactor: Redactor | None

    def __init__(self, value: str | Secret) -> None:
        if isinstance(value, Secret):
            value = value._value
        self._is_text = isinstance(value, str)
        self._value = HeaderValue(value.strip().strip("\"'").strip() if self._is_text else "")
        self._redactor = None

    @classmethod
    def wrap(cls, value: str | Secret | None) -> Secret | None:
        """The same as a `Secret`; None stays None."""
        return None if value is None else cls(value)

    def check(self, source: str) -> None:
        """Refuse what cannot stand in a header, without showing it.

        Raises:
            CredentialsError: empty, too long, or with white space, control or non-ASCII characters in it.
        """
        trouble = ""
        if not self._is_text:
            trouble = "is not text"
        elif not self._value:
            trouble = "is empty"
        elif len(self._value) > 4096:
            trouble = "is longer than 4096 characters"
        elif not re.fullmatch(r"[\x21-\x7e]+", self._value):
            trouble = "has white space, control or non-ASCII characters in it"
        if trouble:
            raise CredentialsError(
                f"The key from {source} {trouble}.",
                next_step="Copy it again from the provider's page, the key alone.",
            )

    def belongs_elsewhere(self, provider: Provider) -> Provider | None:
        """The known provider that the key's form names, where that is not `provider`; else None."""
        owner = (
            GOOGLE if self._value.startswith("AIza") else GPTPROTO if self._value.startswith("sk-") else None
        )
        # A custom endpoint may be a proxy for either, and its key was named for it on purpose.
        return None if owner is None or provider.name in ("custom", owner.name) else owner

    @property
    def header_value(self) -> HeaderValue:
        """The key itself, for the one header it is sent in."""
        return self._value

    def redact(self, text: str, *, cut_off: bool = False) -> str:
        """`text` without the key, in any spelling; see `Redactor.redact`."""
        if self._redactor is None:
            self._redactor = Redactor(self._value)
        return self._redactor.redact(text, cut_off=cut_off)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._digest(), other._digest())

    def __hash__(self) -> int:
        return hash(self._digest())

    def _digest(self) -> bytes:
        return hashlib.sha256(self._value.encode("utf-8", "surrogatepass")).digest()

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return repr(self)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: Mapping[int, object]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise _not_pickled()


def _not_pickled() -> CredentialsError:
    return CredentialsError(
        "An API key is not pickled.", next_step="Let each process read the key from its own environment."
    )


@dataclass(frozen=True)
class Credentials:
    """A provider and the key for it.

    Attributes:
        provider: where requests go.
        secret: the key, or None where none was found.
        source: where the key came from, in words for the card; None without a key.
        problem: why there is no usable key, ready to be raised; None with a key.
    """

    provider: Provider
    secret: Secret | None
    source: str | None
    problem: CredentialsError | None

    def require(self) -> Secret:
        """The key.

        Raises:
            CredentialsError: there is none; names every place looked at.
        """
        if self.secret is None or self.problem is not None:
            raise self.problem or CredentialsError("There is no API key.")
        return self.secret


def find_credentials(
    *,
    provider: str | None = None,
    secret: Secret | None = None,
    base_url: str | None = None,
    url_base: str | None = None,
) -> Credentials:
    """Match a provider and a key as the arguments, the environment and Colab's secrets say.

    Args:
        provider: "gptproto" or "google"; None lets the key or the URL decide.
        secret: a key given in the call.
        base_url: an endpoint given in the call.
        url_base: the endpoint that a pasted URL or a ledger entry names; used where the call gives no `base_url`.

    Returns:
        What was found. A missing or refused key is returned as `problem`, so that a card can ask for one.

    Raises:
        InvalidInputError: an unknown provider, a URL that cannot be used, or two arguments that contradict each other.
    """
    endpoint = _endpoint(provider, base_url, url_base)
    if secret is not None:
        return _given(endpoint, secret)
    candidates = (endpoint,) if endpoint is not None else tuple(map(_as_configured, KNOWN_PROVIDERS))
    return _found(candidates)


def _endpoint(provider: str | None, base_url: str | None, url_base: str | None) -> Provider | None:
    """The provider that the call's own words name, or None where they leave it to the key."""
    named = None if provider is None else _as_configured(provider_named(provider))
    if base_url is not None and url_base is not None and origin_of(base_url) != origin_of(url_base):
        raise InvalidInputError(
            f"The operation's URL is at {origin_of(url_base)}, base_url at {origin_of(base_url)}.",
            next_step="Leave one of the two out.",
        )
    address = base_url if base_url is not None else url_base
    if address is None:
        return named
    located = provider_at(address)
    configured = _as_configured(GPTPROTO)
    if located.origins == configured.origins:
        located = replace(configured, base_url=located.base_url)
    if named is not None and located.name == "custom":
        located = replace(located, files_path=named.files_path)
    if provider is not None and located.name not in ("custom", provider.strip().lower()):
        raise InvalidInputError(
            f"{located.base_url} belongs to {located.title}, not to provider={provider!r}.",
            next_step="Leave one of the two out.",
        )
    return located


def _as_configured(provider: Provider) -> Provider:
    """GPTProto at the address that GPTPROTO_BASE_URL names, where it is set."""
    address = os.environ.get(BASE_URL_VARIABLE, "").strip() if provider is GPTPROTO else ""
    if not address:
        return provider
    located = provider_at(address)
    if located.name == "google":
        raise InvalidInputError(
            f"{BASE_URL_VARIABLE} names Google's host: a GPTProto key must not go there.",
            next_step=f'Unset {BASE_URL_VARIABLE}, and use provider="google".',
        )
    if located.name == "gptproto":
        return located
    return replace(located, key_variables=GPTPROTO.key_variables, files_path=GPTPROTO.files_path)


def _given(endpoint: Provider | None, secret: Secret) -> Credentials:
    if endpoint is None:
        endpoint = GOOGLE if secret.belongs_elsewhere(GPTPROTO) else _as_configured(GPTPROTO)
    return _checked(endpoint, secret, "the api_key argument")


def _found(candidates: tuple[Provider, ...]) -> Credentials:
    looked: list[str] = []
    for read, place in ((_from_environment, "in the environment"), (_from_colab, "in Colab's secrets")):
        for provider in candidates:
            for variable in provider.key_variables:
                secret, remark = read(variable)
                if secret:
                    return _checked(provider, secret, f"{variable} {place}")
                if remark is not None:
                    looked.append(f"{variable} {place} ({remark})")
    return Credentials(candidates[0], None, None, _nothing_found(candidates[0], looked))


def _nothing_found(provider: Provider, looked: list[str]) -> CredentialsError:
    if looked:
        return CredentialsError(f"There is no API key. Looked at: {'; '.join(looked)}.")
    return CredentialsError(
        f"There is no API key for {provider.title}: keys of known providers are not sent to another host.",
        next_step="Pass api_key=... with the key that belongs to this endpoint.",
    )


def _checked(provider: Provider, secret: Secret, source: str) -> Credentials:
    problem: CredentialsError | None = None
    try:
        secret.check(source)
    except CredentialsError as error:
        problem = error.with_traceback(None)
    owner = secret.belongs_elsewhere(provider)
    if problem is None and owner is not None:
        problem = CredentialsError(
            f"The key from {source} is {owner.title}'s by its form; it is not sent to {provider.title}.",
            next_step=f'Use provider="{owner.name}", or give a key of {provider.title}.',
        )
    return Credentials(provider, None if problem else secret, None if problem else source, problem)


def _from_environment(variable: str) -> tuple[Secret | None, str | None]:
    secret = Secret.wrap(os.environ.get(variable))
    return (secret, None) if secret else (None, "not set" if secret is None else "empty")


def _from_colab(name: str) -> tuple[Secret | None, str | None]:
    """Read a Colab secret: a blocking question to the page, answered in the main thread only, with a limit of 10 s.

    The exceptions are those of `google.colab.userdata`, told apart by name because the module exists on Colab alone.
    """
    if "google.colab" not in sys.modules:
        return None, None
    if threading.current_thread() is not threading.main_thread():
        return None, "can only be read from a cell, not from a thread"
    remark = "could not be read"
    secret = None
    try:
        from google.colab import userdata  # type: ignore[import-not-found,unused-ignore]

        secret = Secret.wrap(userdata.get(name))
        remark = "empty"
    except Exception as error:  # noqa: BLE001  a failing secret store must not fail the watch
        remark = {
            "SecretNotFoundError": "no such secret",
            "NotebookAccessError": "access is off for this notebook: switch it on in the Secrets panel",
            "TimeoutException": "timed out: Colab's page did not answer within 10 s",
        }.get(type(error).__name__, remark)
    return (secret, None) if secret else (None, remark)
