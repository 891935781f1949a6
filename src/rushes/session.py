"""A requests session that keeps nothing and prints nothing, whatever debug switches are on."""

from __future__ import annotations

import logging
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter


def quiet_session(*, trust_env: bool) -> requests.Session:
    """A session that keeps no cookies, retries nothing and prints no header.

    Args:
        trust_env: whether the environment's proxies and CA bundles are used, as `requests` users expect.
    """
    session = requests.Session()
    session.trust_env = trust_env
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pool_connections=4, pool_maxsize=16, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _QuietHTTPConnection(urllib3.connection.HTTPConnection):
    """Not subject to `http.client.HTTPConnection.debuglevel`, which prints every request header."""

    debuglevel = 0


class _QuietHTTPSConnection(urllib3.connection.HTTPSConnection):
    """As `_QuietHTTPConnection`, over TLS."""

    debuglevel = 0


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _QuietHTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _QuietHTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class _Adapter(HTTPAdapter):
    """Connections that print no headers, whatever debug switches are on, and retry nothing by themselves."""

    # Any: both signatures belong to requests and are passed through.
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def close(self) -> None:
        # urllib3 2 leaves connections to the garbage collector, and the frames of an earlier error keep it waiting.
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for pool in [manager.pools.get(key) for key in manager.pools.keys()]:  # noqa: SIM118  not iterable
                if pool is not None:
                    pool.close()
        super().close()


class _WithoutQueries(logging.Filter):
    """Takes the query out of urllib3's debug lines about requests: a signed URL is as good as a password."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                argument.partition("?")[0] if isinstance(argument, str) and "?" in argument else argument
                for argument in record.args
            )
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_WithoutQueries())
