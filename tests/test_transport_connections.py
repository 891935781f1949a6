"""Which connections are kept for the next request."""

from __future__ import annotations

import socket

import pytest
from exchanges import OK, failure, fetch
from faults import Drop, Fault, FaultServer, Plain, Reply, Reset
from leaks import KEY
from proxy_server import Proxy
from timing import wait_until
from tls_server import TlsServer

from rushes.credentials import Secret
from rushes.provider import provider_at
from rushes.transport import Transport

pytest_plugins = ("server_fixtures", "transport_fixtures")


@pytest.mark.parametrize("fault", [Drop(), Reset()], ids=repr)
def test_a_kept_connection_that_the_server_closes_meanwhile_costs_no_answer(
    server: FaultServer, transport: Transport, fault: Fault
) -> None:
    url = server.reply("/a", OK, Plain(), fault)
    for _ in range(2):
        assert fetch(transport, url)[1] == OK.body
    assert len(server.requests) == 3


def test_a_server_that_closes_every_connection_is_told(server: FaultServer, transport: Transport) -> None:
    url = server.reply("/a", OK, Plain(), Drop(), Drop())
    fetch(transport, url)
    assert failure(lambda: fetch(transport, url)).kind == "reset"
    assert len(server.requests) == 3


def test_polls_share_a_connection(server: FaultServer, transport: Transport) -> None:
    url = server.reply("/a", OK)
    for _ in range(3):
        fetch(transport, url)
    assert server.connections == 1


def test_a_connection_whose_answer_was_not_read_is_not_used_again(
    server: FaultServer, transport: Transport
) -> None:
    url = server.reply("/a", Reply(200, b"x" * 100_000))
    with transport.open(url) as exchange:
        next(exchange.iter_bytes(10))
    assert fetch(transport, url)[1] == b"x" * 100_000


def test_a_closed_transport_holds_no_connection_though_an_error_of_it_is_still_held(
    tls: TlsServer, proxied: Proxy, server: FaultServer
) -> None:
    tls.reply("/a", OK)
    with Transport(provider_at("https://videos.example"), Secret(KEY)) as transport:
        fetch(transport, "https://videos.example/a")
        fetch(transport, server.reply("/a", OK))
        held = failure(lambda: fetch(transport, server.reply("/b", OK, Reset(after_bytes=5))))
        fetch(transport, server.url("/a"))
        wait_until(lambda: (proxied.connections, server.connections) == (1, 1))
    wait_until(lambda: proxied.connections + server.connections == 0)
    assert held.kind == "reset"


def test_the_proxy_of_these_tests_serves_and_ends_though_a_stranger_holds_on_to_it(
    tls: TlsServer, proxied: Proxy
) -> None:
    tls.reply("/a", OK)
    host, port = proxied.address.split(":")
    with (
        socket.create_connection((host, int(port))),
        Transport(provider_at("https://videos.example"), Secret(KEY)) as transport,
    ):
        assert fetch(transport, "https://videos.example/a")[1] == OK.body
