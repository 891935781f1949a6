"""Sessions that keep nothing: no connection either, once they are closed."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import requests
import urllib3
from faults import Drop, FaultServer, Plain, Reply
from timing import wait_until

from rushes.session import _make_quiet, quiet_session


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_closing_closes_connections_at_once_after_an_error_too() -> None:
    with FaultServer() as server:
        url = server.reply("/a", Reply(), Drop(), Plain())
        session = quiet_session(trust_env=False)
        with pytest.raises(requests.ConnectionError) as caught:
            session.get(url, timeout=5)
        assert session.get(url, timeout=5).status_code == 200
        wait_until(lambda: server.connections == 1, "the dropped connection is open")
        session.close()
        wait_until(lambda: not server.connections, "the connection stays open")
        del caught


def test_pools_of_another_kind_stay_of_that_kind() -> None:
    """Those of a SOCKS proxy connect in their own way; plain ones in their place would go past the proxy."""

    class SocksConnection(urllib3.connection.HTTPSConnection):
        debuglevel = 1

    class SocksPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = SocksConnection

    manager = urllib3.PoolManager()
    manager.pool_classes_by_scheme = {"https": SocksPool}
    for _ in range(2):
        _make_quiet(manager)
        pool = manager.pool_classes_by_scheme["https"]
        assert issubclass(pool, SocksPool)
        assert issubclass(pool.ConnectionCls, SocksConnection)
        assert pool.ConnectionCls.debuglevel == 0
    assert len(pool.ConnectionCls.__mro__) == len(SocksConnection.__mro__) + 2
