"""How the bytes of an answer come, inflated or not, and how many may."""

from __future__ import annotations

import gzip

import pytest
from exchanges import fetch
from faults import FaultServer, Reply, Stall

from rushes.errors import UnreadableResponseError
from rushes.transport import Transport

pytest_plugins = ("server_fixtures",)


def test_an_answer_beyond_the_limit_is_refused(server: FaultServer, transport: Transport) -> None:
    url = server.reply("/a", Reply(200, b"x" * 1001))
    with (
        transport.open(url) as exchange,
        pytest.raises(UnreadableResponseError, match="longer than 1,000 bytes"),
    ):
        exchange.read(1000)
    with transport.open(url) as exchange:
        assert len(exchange.read(1001)) == 1001


def test_a_compressed_answer_is_read_though_nobody_asked_for_it(
    server: FaultServer, transport: Transport
) -> None:
    content = b'{"name": "operations/op1"}' * 1000
    url = server.reply("/a", Reply(200, gzip.compress(content), (("Content-Encoding", "gzip"),)))
    assert fetch(transport, url)[1] == content


def test_a_small_answer_that_inflates_without_end_meets_the_limit(
    server: FaultServer, transport: Transport
) -> None:
    bomb = gzip.compress(bytes(64 << 20))
    url = server.reply("/a", Reply(200, bomb, (("Content-Encoding", "gzip"),)))
    with transport.open(url) as exchange:
        pieces = exchange.iter_bytes()
        assert max(len(next(pieces)) for _ in range(4)) <= 16 << 20
    with transport.open(url) as exchange, pytest.raises(UnreadableResponseError, match="longer than"):
        exchange.read(1 << 20)


def test_what_is_compressed_twice_is_not_inflated(server: FaultServer, transport: Transport) -> None:
    bomb = gzip.compress(gzip.compress(bytes(64 << 20)))
    assert len(bomb) < 1_000
    url = server.reply("/a", Reply(200, bomb, (("Content-Encoding", "gzip, gzip"),)))
    assert fetch(transport, url)[1] == bomb


def test_bytes_are_handed_over_as_they_arrive(server: FaultServer, transport: Transport) -> None:
    url = server.reply("/a", Reply(200, b"x" * 1000), Stall(after_bytes=10))
    with transport.open(url) as exchange:
        assert next(exchange.iter_bytes()) == b"x" * 10
