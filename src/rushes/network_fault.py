"""Why nothing came back: an exception of the HTTP library told in words that hold nothing of the request."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3

from rushes.errors import NetworkError, NetworkFault

_WORDS: dict[NetworkFault, tuple[str, str]] = {
    "timeout": ("{host} did not answer in time.", "Check the connection; rushes tries again by itself."),
    "refused": (
        "{host} refused the connection: nothing listens there.",
        "Check base_url and that the endpoint is up.",
    ),
    "reset": (
        "{host} closed the connection in the middle.",
        "This usually passes; rushes tries again by itself.",
    ),
    "truncated": ("The answer of {host} was cut off.", "This usually passes; rushes tries again by itself."),
    "dns": ("The name {host} was not found.", "Check base_url and the network connection."),
    "tls": (
        "The secure connection to {host} could not be verified. A proxy that inspects traffic does this.",
        "If your company has one, point REQUESTS_CA_BUNDLE at its certificate; "
        "on a public network open a browser and sign in.",
    ),
    "proxy": (
        "The proxy that the environment names did not let the request to {host} through.",
        "Check HTTPS_PROXY and NO_PROXY; open a browser to sign in where the proxy asks for it.",
    ),
    "other": (
        "The request to {host} failed ({name}).",
        "Check the network connection; rushes tries again by itself.",
    ),
}


def network_error(error: Exception, host: str) -> NetworkError:
    """The typed error for whatever requests, urllib3 or the socket raised; only the kind of fault is taken over.

    Args:
        error: the original; nothing of its text is used.
        host: the host that was asked, without port, path or query.
    """
    kind = _kind(error)
    words, next_step = _WORDS[kind]
    return NetworkError(words.format(host=host, name=type(error).__name__), kind=kind, next_step=next_step)


def sign_in_page_error(host: str) -> NetworkError:
    """The error for a web page that came where the endpoint's JSON should have."""
    return NetworkError(
        f"A web page came back in place of {host}'s answer: a sign-in page or an inspecting proxy is in between.",
        kind="sign_in",
        next_step="Open a browser and sign in to the network, or point REQUESTS_CA_BUNDLE at the proxy's certificate; "
        "if neither applies, check base_url.",
    )


def _kind(error: Exception) -> NetworkFault:
    chain = list(_causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in chain)

    if has(
        requests.exceptions.ProxyError,
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        urllib3.exceptions.ProxyError,
    ):
        # Our own address has been looked at before: it is the proxy's that cannot be read, or SOCKS without PySocks.
        return "proxy"
    if type(error) is OSError and error.errno is None:
        return "tls"  # how requests says that REQUESTS_CA_BUNDLE names no file
    if has(ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return "reset"
    if has(ssl.SSLError, requests.exceptions.SSLError, urllib3.exceptions.SSLError) and not has(TimeoutError):
        return "tls"
    if has(socket.gaierror):
        return "dns"
    if has(ConnectionRefusedError):
        return "refused"
    if has(requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        return "timeout"
    if has(urllib3.exceptions.IncompleteRead, requests.exceptions.ChunkedEncodingError):
        return "truncated"
    if has(ConnectionError) or any(getattr(cause, "errno", None) == errno.EPIPE for cause in chain):
        return "reset"
    return "truncated" if has(urllib3.exceptions.ProtocolError) else "other"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything it wraps: requests and urllib3 keep the reason in different places."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < 32:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
