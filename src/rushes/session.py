"""A requests session that keeps nothing and prints nothing, whatever debug switches are on, and ends in time."""

from __future__ import annotations

import functools
import http.client
import io
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

#: The loggers of urllib3 that are told about single requests.
_LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
#: Limit for an answer's status line and headers: nobody can stop a request before they have come.
_HEAD_TIMEOUT_S = 60.0
#: What reading and writing raise where the server has closed the connection.
_CLOSED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class _Sending(threading.local):
    """The request that this thread is sending."""

    under_way = False
    expires_at: float | None = None
    #: A connection that was kept alive from an earlier request was closed without an answer to this one.
    too_late = False


_sending = _Sending()


def quiet_session(*, trust_env: bool) -> requests.Session:
    """A session that keeps no cookies, retries no failure and prints no header.

    Args:
        trust_env: whether the environment's proxies and CA bundles are used, as `requests` users expect.
    """
    session = _Session()
    session.trust_env = trust_env
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pool_connections=4, pool_maxsize=16, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


@contextmanager
def sending(expires_at: float | None) -> Iterator[None]:
    """For requests made inside: a limit for the whole answer, its body too, and log lines without what is private.

    Args:
        expires_at: on the monotonic clock; None for no limit.
    """
    _sending.under_way, _sending.expires_at, _sending.too_late = True, expires_at, False
    try:
        yield
    finally:
        _sending.under_way, _sending.expires_at = False, None


class _Session(requests.Session):
    """Leaves redirects alone. Told not to follow one, requests still reads its whole body, however long it is."""

    def resolve_redirects(
        self, *args: Any, **kwargs: Any
    ) -> Iterator[requests.Response]:  # Any: as in requests
        return iter(())


class _Connection(urllib3.connection.HTTPConnection):
    """Mixed into a connection: not subject to `http.client.HTTPConnection.debuglevel`, which prints every header.

    Knows whether it was kept alive when it breaks.
    """

    debuglevel = 0
    _kept_alive = False

    # Any: both signatures belong to urllib3 and are passed through.
    def connect(self) -> None:
        self._kept_alive = False
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        with self._watched():
            super().request(*args, **kwargs)

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        with self._watched():
            response = super().getresponse(*args, **kwargs)
        self._kept_alive = True
        return response

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except _CLOSED:
            _sending.too_late = self._kept_alive
            raise


class _Response(http.client.HTTPResponse):
    """Reads until the deadline of the request that it answers; its head within a minute where there is none.

    A socket's timeout begins anew with every byte, so that a server that drips could hold a request up for weeks.
    """

    def __init__(
        self, sock: socket.socket, *args: Any, **kwargs: Any
    ) -> None:  # Any: http.client's, passed through
        super().__init__(sock, *args, **kwargs)
        self._expires_at = _sending.expires_at
        head_expires_at = time.monotonic() + _HEAD_TIMEOUT_S
        if self._expires_at is not None:
            head_expires_at = min(head_expires_at, self._expires_at)
        self._reader = _TimedReader(self.fp.detach(), sock, head_expires_at)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        super().begin()
        self._reader.expires_at = self._expires_at


class _TimedReader(io.RawIOBase):
    """Reads a socket's file, each time for no longer than what is left until the deadline, if there is one."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, expires_at: float | None) -> None:
        self._raw = raw
        self._socket = sock
        self.expires_at = expires_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # Any: a writable buffer, which 3.10 has no name for
        if self.expires_at is None:
            return self._raw.readinto(buffer)
        left_s = self.expires_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        silence_s = self._socket.gettimeout()
        self._socket.settimeout(left_s if silence_s is None else min(left_s, silence_s))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._socket.settimeout(silence_s)

    def close(self) -> None:
        self._raw.close()
        super().close()


@functools.cache
def _quiet_pool(pool: type[urllib3.HTTPConnectionPool]) -> type[urllib3.HTTPConnectionPool]:
    """The same kind of pool (plain, TLS, SOCKS) with quiet connections."""
    if issubclass(pool.ConnectionCls, _Connection):
        return pool
    connection = type("QuietConnection", (_Connection, pool.ConnectionCls), {"response_class": _Response})
    return type("QuietPool", (pool,), {"ConnectionCls": connection})


class _Adapter(HTTPAdapter):
    """Connections that print no headers, whatever debug switches are on, and retry no failure by themselves.

    A request that crossed with the end of its kept-alive connection has not failed: it is sent again, on another
    (RFC 9112, 9.3.1).
    """

    # Any: these signatures belong to requests and are passed through.
    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().send(*args, **kwargs)
        except requests.exceptions.ConnectionError:
            if not _sending.too_late:
                raise
        return super().send(*args, **kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _make_quiet(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **kwargs)
        _make_quiet(manager)
        return manager

    def close(self) -> None:
        # urllib3 2 leaves connections to the garbage collector, and the frames of an earlier error keep it waiting.
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for pool in [manager.pools.get(key) for key in manager.pools.keys()]:  # noqa: SIM118  not iterable
                if pool is not None:
                    pool.close()
        super().close()


def _make_quiet(manager: urllib3.PoolManager) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _quiet_pool(pool) for scheme, pool in pools.items()}


class _WithoutWhatIsPrivate(logging.Filter):
    """Takes queries and what servers sent out of urllib3's lines about our requests; those of others pass as they are.

    A signed URL is as good as a password, and a server may echo the key in a header that urllib3 cannot parse.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if _sending.under_way and isinstance(record.args, tuple):
            record.args = tuple(map(_without_what_is_private, record.args))
            record.exc_info = None
        return True


def _without_what_is_private(argument: object) -> object:
    if isinstance(argument, BaseException):
        return type(argument).__name__
    return argument.partition("?")[0] if isinstance(argument, str) else argument


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_WithoutWhatIsPrivate())
