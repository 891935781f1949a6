"""What is shown, printed, logged or pickled of an exchange holds neither the key nor the query of an address."""

from __future__ import annotations

import http.client
import logging
import signal

import canary
import pytest
from exchanges import OK, fetch
from faults import FaultServer, Garbage, Stall, json_reply, redirect
from interrupting import interrupted_while_reading
from leaks import KEY, SIGNATURE

from rushes.transport import Transport

pytest_plugins = ("server_fixtures",)


def test_what_the_server_answers_is_public_where_it_is_shown(
    server: FaultServer, transport: Transport
) -> None:
    target = f"/{KEY}/x?sig={SIGNATURE}&alt=media"
    server.reply(
        f"/{KEY}/x", json_reply({}, X_Echo=KEY, X_Sig=SIGNATURE, Date="Sun, 06 Nov 1994 08:49:37 GMT")
    )
    exchange, body = fetch(transport, server.reply("/a", redirect(target)))
    assert exchange.url == f"{server.origin}/[API key]/x?alt=media"
    assert exchange.headers["x-ECHO"] == "[API key]"
    assert exchange.date is not None
    assert canary.find(KEY, transport, body, exchange.url, exchange.headers) == []
    assert SIGNATURE not in repr(exchange.headers)


def test_debug_switches_print_neither_key_nor_query(
    server: FaultServer,
    transport: Transport,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    caplog.set_level(logging.DEBUG)
    server.reply("/b", json_reply({"echo": KEY}, X_Echo=KEY))
    # urllib3 warns of a header it cannot parse, with the URL and the rest of the head.
    head = f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon {KEY} {SIGNATURE}\r\n\r\n{{}}"
    server.reply("/c", OK, Garbage(head.encode()))
    fetch(transport, server.reply("/a", redirect(f"/b?sig={SIGNATURE}")))
    fetch(transport, server.url(f"/c?sig={SIGNATURE}"))
    printed = capfd.readouterr()
    shown = caplog.text + printed.out + printed.err
    assert canary.find(KEY, shown, [vars(record) for record in caplog.records]) == []
    assert canary.find(SIGNATURE, shown, [vars(record) for record in caplog.records]) == []
    assert "GET /b HTTP/1.1" in caplog.text, "the log is still of use"


def test_log_lines_of_other_users_of_urllib3_are_left_alone(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    requests = pytest.importorskip("requests")
    caplog.set_level(logging.DEBUG)
    requests.get(server.reply("/mine", OK) + "?my=query", timeout=10)
    assert "/mine?my=query" in caplog.text


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="interrupts as POSIX does")
@pytest.mark.parametrize("after_bytes", [None, 5], ids=["head", "body"])
def test_an_interrupt_in_the_middle_shows_nothing(
    server: FaultServer, transport: Transport, after_bytes: int | None
) -> None:
    url = server.reply("/a", OK, Stall(after_bytes)) + f"?sig={SIGNATURE}"
    with interrupted_while_reading(), pytest.raises(KeyboardInterrupt) as caught:
        fetch(transport, url)
    assert caught.value.__context__ is None
    assert "transport.py" in canary.verbose_traceback(caught.value)
    assert canary.find(KEY, caught.value) == []
    assert canary.find(SIGNATURE, caught.value) == []


def test_a_transport_and_its_answers_are_not_pickled(server: FaultServer, transport: Transport) -> None:
    with transport.open(server.reply("/a", OK)) as exchange:
        assert canary.find(KEY, transport, exchange) == []
