"""One HTTP exchange over requests: who may get the key, how long it may take, how much may come back.

The redirect loop is our own because every client measured sends `x-goog-api-key` along to another host: `requests`
drops `Authorization` on a cross-host redirect, but no header it does not know. Errors of the HTTP library are replaced,
never chained: their frames, `request` and text hold the key, the query of signed URLs and the password of proxies.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TypeVar
from urllib.parse import unquote, urljoin, urlsplit

import requests

from rushes.credentials import Secret
from rushes.errors import NetworkError, UnreadableResponseError
from rushes.network_fault import network_error
from rushes.provider import Provider, is_loopback, may_be_this_machine, origin_of, provider_at
from rushes.session import quiet_session, sending
from rushes.shown import PrivateBytes, PrivateUrl, public_uri
from rushes.times import read_http_date

KEY_HEADER = "x-goog-api-key"
MAX_REDIRECTS = 5

#: What a server may answer with though identity is asked for. One within another ("gzip, gzip"), or a kind that
#: inflates further, grows a few bytes to gigabytes at a stroke; such a body is handed over as it came.
_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})

_logger = logging.getLogger("rushes")
_T = TypeVar("_T")


class Transport(AbstractContextManager["Transport"]):
    """Requests to one provider with one key. Safe to use from several threads.

    Args:
        provider: whose origins get the key.
        secret: the key, or None to send none.
        connect_timeout_s: limit for a connection to stand, in seconds.
        read_timeout_s: limit for silence on a connection, in seconds.
    """

    def __init__(
        self,
        provider: Provider,
        secret: Secret | None,
        *,
        connect_timeout_s: float = 10.0,
        read_timeout_s: float = 30.0,
    ) -> None:
        self.provider = provider
        self._secret = secret
        self._timeout_s = (connect_timeout_s, read_timeout_s)
        self._session = quiet_session(trust_env=True)
        # With HTTP_PROXY set, even a poll of 127.0.0.1 would go to the proxy, in clear.
        self._loopback_session = quiet_session(trust_env=False)

    def open(
        self, url: str, *, headers: Mapping[str, str] | None = None, total_timeout_s: float | None = None
    ) -> Exchange:
        """GET `url` and follow its redirects; any HTTP status is returned.

        The key goes along on every hop whose origin is the provider's, and on no other.

        Args:
            url: http only to this machine, https everywhere else.
            headers: further request headers.
            total_timeout_s: limit for the whole exchange, body included, however slowly bytes come.

        Raises:
            InvalidInputError: the URL cannot be used.
            NetworkError: nothing came back, or a redirect was refused.
        """
        url = PrivateUrl(url)
        fault: BaseException
        try:
            return self._follow(url, headers or {}, total_timeout_s)
        except BaseException as error:  # noqa: BLE001  Ctrl-C too: the frames inside hold addresses
            fault = _without_frames(error)
        raise fault

    def redact(self, text: str) -> str:
        """`text` without the key, should a server have echoed it."""
        return self._secret.redact(text) if self._secret is not None else text

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._session.close()
        self._loopback_session.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, url: PrivateUrl, headers: Mapping[str, str], total_timeout_s: float | None) -> Exchange:
        expires_at = None if total_timeout_s is None else time.monotonic() + total_timeout_s
        provider_at(url)  # refuses plain http to another machine before anything is sent
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send(url, headers, expires_at)
            target = self._session.get_redirect_target(response)
            if target is None:
                return Exchange(response, self.redact(public_uri(url)), expires_at, self.redact)
            response.close()
            url = self._redirected(url, target)
        raise NetworkError(
            f"{_host(url)} redirected more than {MAX_REDIRECTS} times.",
            kind="redirect",
            next_step="Check base_url; a sign-in page between you and the endpoint can do this too.",
        )

    def _send(
        self, url: PrivateUrl, headers: Mapping[str, str], expires_at: float | None
    ) -> requests.Response:
        session = self._loopback_session if is_loopback(url) else self._session

        def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
            # As `auth` it also keeps requests from adding what ~/.netrc holds for the host.
            if self._secret is not None and self.provider.owns(url):
                request.headers[KEY_HEADER] = self._secret.header_value
            return request

        def send() -> requests.Response:
            sent = {"Accept-Encoding": "identity", "User-Agent": "rushes", **headers}
            with sending(expires_at):
                return session.get(
                    url,
                    headers=sent,
                    timeout=self._timeout_s,
                    stream=True,
                    allow_redirects=False,
                    auth=authorize,
                )

        _logger.debug("GET %s", self.redact(public_uri(url)))
        return _guarded(send, _host(url))

    def _redirected(self, url: PrivateUrl, target: str) -> PrivateUrl:
        """The next hop, where it is one that may be taken."""
        trouble = ""
        next_url = PrivateUrl()
        try:
            next_url = PrivateUrl(urljoin(url, target))
            next_origin = origin_of(next_url)
        except ValueError:  # InvalidInputError is one too
            trouble = "to an address that cannot be read"
        else:
            from_loopback = is_loopback(url)
            if next_origin.startswith("http:") and not (
                url.startswith("http:") and from_loopback and is_loopback(next_url)
            ):
                trouble = f"to plain http at {next_origin}, which was refused"
            elif not from_loopback and may_be_this_machine(next_url):
                trouble = f"to this machine ({next_origin}), which was refused"
            elif not self.provider.owns(next_url) and self._holds_key(next_url):
                trouble = f"to {next_origin} with the API key in the address, which was refused"
        if trouble:
            raise NetworkError(
                self.redact(f"{_host(url)} redirected {trouble}."),
                kind="redirect",
                next_step="A sign-in page in between does this: open a browser, sign in, then try again.",
            )
        return next_url

    def _holds_key(self, url: PrivateUrl) -> bool:
        """Whether the key is in the address, escaped as no encoder does too: requests takes such escapes away."""
        return any(self.redact(spelling) != spelling for spelling in (url, PrivateUrl(unquote(url))))


class Exchange(AbstractContextManager["Exchange"]):
    """The answer to one request, its body still on the wire.

    Attributes:
        status_code: the HTTP status.
        headers: the answer's headers, found in any case.
        url: where the answer came from, fit to be shown.
        date: the server's clock (`Date` header), else None.
    """

    def __init__(
        self, response: requests.Response, url: str, expires_at: float | None, redact: Callable[[str], str]
    ) -> None:
        self.status_code = response.status_code
        self.headers: Mapping[str, str] = _Headers(
            {name: redact(value) for name, value in response.headers.items()}
        )
        self.url = url
        self.date = read_http_date(response.headers.get("Date"))
        self._response = response
        self._expires_at = expires_at
        self._redact = redact

    def iter_bytes(self, size: int = 1 << 18) -> Iterator[bytes]:
        """The body, at most `size` bytes at a time, as they arrive.

        Raises:
            NetworkError: the connection was cut, stalled, or took longer than the exchange may.
        """
        while True:
            if self._expires_at is not None and time.monotonic() > self._expires_at:
                raise NetworkError(f"{_host(self.url)} took too long to send its answer.", kind="timeout")
            piece = _guarded(lambda: self._read_some(size), _host(self.url))
            if not piece:
                return
            yield piece

    def read(self, limit_bytes: int) -> bytes:
        """The whole body.

        Raises:
            NetworkError: as `iter_bytes`.
            UnreadableResponseError: the body is longer than `limit_bytes`.
        """
        body = bytearray()
        for piece in self.iter_bytes(min(limit_bytes + 1, 1 << 20)):
            body += piece
            if len(body) > limit_bytes:
                raise UnreadableResponseError(
                    f"The answer of {_host(self.url)} is longer than {limit_bytes:,} bytes.",
                    status_code=self.status_code,
                )
        return PrivateBytes(body)

    def redact(self, text: str) -> str:
        """`text` without the key, should the server have echoed it."""
        return self._redact(text)

    def close(self) -> None:
        """Give the connection back, or drop it where the body was not read to its end."""
        self._response.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_some(self, size: int) -> bytes:
        raw = self._response.raw
        inflated = (self.headers.get("Content-Encoding") or "").strip().lower() in _INFLATED
        if inflated:
            size = min(size, 8192)  # older urllib3 inflates all it has read at once, a thousandfold at worst
        # read1 returns what has arrived; read(size) would wait for all of it, for ever from a server that drips.
        read = getattr(raw, "read1", None)
        if read is None:
            return PrivateBytes(raw.read(min(size, 4096), decode_content=inflated))
        return PrivateBytes(read(size, decode_content=inflated))


class _Headers(requests.structures.CaseInsensitiveDict[str]):
    """An answer's headers, printed without their values: they hold addresses and cookies."""

    def __repr__(self) -> str:
        return f"<headers {', '.join(self)}>"


def _guarded(call: Callable[[], _T], host: str) -> _T:
    """Call into the HTTP library and let none of its exceptions out: their frames and attributes hold the request.

    What is raised instead is raised outside the `except` block, so that `__context__` does not keep the original.
    """
    fault: BaseException
    try:
        return call()
    except Exception as error:  # noqa: BLE001  whatever it is, it holds the request
        fault = network_error(error, host)
    except BaseException as error:  # noqa: BLE001  Ctrl-C in a request would print the same frames
        fault = _without_frames(error)
    raise fault


def _without_frames(error: BaseException) -> BaseException:
    """The same exception without what its traceback and the ones behind it hold."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the endpoint"
