"""How long one exchange may take."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from types import SimpleNamespace

import pytest
from dripping import DripHead, DrippingServer, PutOff
from exchanges import OK, failure, fetch
from faults import Drip, Fault, FaultServer, Stall, redirect
from leaks import KEY
from proxy_server import Proxy
from timing import wait_until
from tls_server import TlsServer

from rushes.credentials import Secret
from rushes.provider import provider_at
from rushes.transport import Transport

pytest_plugins = ("server_fixtures", "transport_fixtures")


@pytest.mark.parametrize("after_bytes", [None, 5])
def test_silence_ends_by_the_read_timeout(server: FaultServer, after_bytes: int | None) -> None:
    url = server.reply("/a", OK, Stall(after_bytes))
    with Transport(provider_at(server.origin), Secret(KEY), read_timeout_s=0.2) as transport:
        error = failure(lambda: fetch(transport, url))
    assert error.kind == "timeout"


def test_a_connection_that_does_not_stand_ends_by_the_connect_timeout() -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]  # the kernel's queue is full with these
        for filler in waiting:
            filler.setblocking(False)
            filler.connect_ex(address)
        with Transport(
            provider_at(f"http://127.0.0.1:{address[1]}"), None, connect_timeout_s=0.2
        ) as transport:
            error = failure(lambda: transport.open(f"http://127.0.0.1:{address[1]}/"))
        for filler in waiting:
            filler.close()
    assert error.kind == "timeout"


@pytest.mark.parametrize("fault", [DripHead(), Drip()], ids=["head", "body"])
def test_an_answer_that_drips_ends_by_the_total_timeout(fault: Fault) -> None:
    with DrippingServer(key=KEY) as server, Transport(provider_at(server.origin), Secret(KEY)) as transport:
        url = server.reply("/a", OK, fault)
        started = time.monotonic()
        error = failure(lambda: fetch(transport, url, total_timeout_s=0.3))
        assert error.kind == "timeout"
        assert 0.25 < time.monotonic() - started < 5


@pytest.fixture
def second_per_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the clock of the deadlines go on by one second with every look at it."""
    clock = SimpleNamespace(monotonic=itertools.count(0.0).__next__)
    monkeypatch.setattr("rushes.session.time", clock)


@pytest.mark.usefixtures("second_per_read")
@pytest.mark.parametrize("fault", [DripHead(), PutOff()], ids=["head", "continue"])
def test_a_head_that_does_not_end_is_given_up_without_a_total_timeout(fault: Fault) -> None:
    with DrippingServer(key=KEY) as server, Transport(provider_at(server.origin), Secret(KEY)) as transport:
        assert failure(lambda: fetch(transport, server.reply("/a", OK, fault))).kind == "timeout"


@pytest.mark.usefixtures("second_per_read")
def test_a_body_may_take_longer_than_the_head() -> None:
    with (
        DrippingServer(key=KEY) as server,
        Transport(provider_at(server.origin), Secret(KEY)) as transport,
        transport.open(server.reply("/a", OK, Drip())) as exchange,
    ):
        assert sum(1 for _ in itertools.islice(exchange.iter_bytes(), 100)) == 100


def test_the_total_timeout_counts_over_redirects(server: FaultServer, transport: Transport) -> None:
    url = server.reply("/a", redirect("/b"))
    server.reply("/b", OK, Stall())
    started = time.monotonic()
    error = failure(lambda: fetch(transport, url, total_timeout_s=0.3))
    assert error.kind == "timeout"
    assert time.monotonic() - started < 5


def test_a_limit_on_one_request_does_not_hold_for_the_next(server: FaultServer, transport: Transport) -> None:
    url = server.reply("/a", OK)
    began = time.monotonic()
    fetch(transport, url, total_timeout_s=2.0)
    # The limit of the connection's first request has to have passed.
    wait_until(lambda: time.monotonic() > began + 2.0)
    assert fetch(transport, url, total_timeout_s=20)[1] == OK.body
    assert fetch(transport, url)[1] == OK.body
    assert server.connections == 1


@pytest.mark.parametrize("fault", [DripHead(), Drip(), Stall()], ids=["head", "body", "silence"])
def test_the_total_timeout_holds_over_tls_and_a_proxy(tls: TlsServer, proxied: Proxy, fault: Fault) -> None:
    tls.reply("/a", OK, fault)
    started = time.monotonic()
    with Transport(provider_at("https://videos.example"), Secret(KEY)) as transport:
        error = failure(lambda: fetch(transport, "https://videos.example/a", total_timeout_s=0.5))
    assert error.kind == "timeout"
    assert time.monotonic() - started < 5
