"""What is wrong with a connection or a broken answer is told as what it is."""

from __future__ import annotations

import contextlib
import socket

import canary
import pytest
from exchanges import OK, failure, fetch
from faults import Drop, Fault, FaultServer, Garbage, Reply, Reset, Truncate
from leaks import KEY, SIGNATURE

from rushes.credentials import Secret
from rushes.provider import provider_at
from rushes.transport import Transport

pytest_plugins = ("server_fixtures",)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Drop(), "reset"),
        (Reset(), "reset"),
        (Reset(5), "reset"),
        (Truncate(5), "truncated"),
        (Garbage(), "truncated"),
        (Garbage(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"), "truncated"),
        (Garbage(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12"), "truncated"),
        (Garbage(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "truncated"),
        (Garbage(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n"), "truncated"),
        (Garbage(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "truncated"),
        (Garbage(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value)[:60],
)
def test_a_broken_answer_is_a_fault_of_its_kind(
    server: FaultServer, transport: Transport, fault: Fault, kind: str
) -> None:
    url = server.reply("/a", OK, fault)
    error = failure(lambda: fetch(transport, url + f"?sig={SIGNATURE}"))
    assert error.kind == kind
    assert "127.0.0.1" in str(error)
    assert fetch(transport, url)[1] == OK.body


def test_a_closed_port_is_told_as_refused() -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    with Transport(provider_at(f"http://127.0.0.1:{port}"), Secret(KEY)) as transport:
        error = failure(lambda: transport.open(f"http://127.0.0.1:{port}/?sig={SIGNATURE}"))
    assert error.kind == "refused"


def test_a_name_that_does_not_exist_is_told_as_such(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_known(*args: object, **options: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", not_known)
        error = failure(lambda: transport.open(f"https://videos.invalid/?sig={SIGNATURE}"))
    assert error.kind == "dns"
    assert str(error).startswith("The name videos.invalid was not found.")


def test_an_error_status_is_an_answer(server: FaultServer, transport: Transport) -> None:
    for status in (204, 400, 401, 404, 429, 500, 503):
        exchange, body = fetch(
            transport, server.reply(f"/{status}", Reply(status, b"" if status == 204 else b"x"))
        )
        assert (exchange.status_code, body) == (status, b"" if status == 204 else b"x")


def test_an_exception_that_is_no_error_comes_out_as_itself(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ending(BaseException):
        def __init__(self, reason: str) -> None:
            super().__init__(reason)

    def end(*args: object, **options: object) -> object:
        try:
            raise ValueError(KEY)
        except ValueError:
            raise Ending("the kernel ends") from None

    monkeypatch.setattr(transport._session, "get", end)
    with pytest.raises(Ending, match="the kernel ends") as caught:
        transport.open("https://videos.example/")
    assert canary.find(KEY, caught.value) == []
