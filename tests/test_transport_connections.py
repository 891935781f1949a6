"""Which connections are kept for the next request."""

from __future__ import annotations

import pytest
from exchanges import OK, failure, fetch
from faults import Drop, Fault, FaultServer, Plain, Reply, Reset

from rushes.transport import Transport

pytest_plugins = ("server_fixtures",)


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
