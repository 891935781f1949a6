"""Which redirects are followed, and how far."""

from __future__ import annotations

import socket
from pathlib import Path

import canary
import pytest
from exchanges import OK, failure, fetch
from faults import FaultServer, Reply, Stall, redirect
from leaks import KEY, SIGNATURE
from proxy_server import Proxy
from tls_server import TlsServer

from rushes.credentials import Secret
from rushes.errors import InvalidInputError
from rushes.provider import provider_at
from rushes.transport import Transport

pytest_plugins = ("server_fixtures", "transport_fixtures")


def test_a_loop_ends_with_an_error_after_five_hops(server: FaultServer, transport: Transport) -> None:
    error = failure(lambda: fetch(transport, server.reply("/a", redirect("/a"))))
    assert error.kind == "redirect"
    assert str(error).startswith("127.0.0.1 redirected more than 5 times.")
    assert len(server.requests) == 6


def test_five_hops_are_followed(server: FaultServer, transport: Transport) -> None:
    server.reply("/5", OK)
    for hop in range(5):
        server.reply(f"/{hop}", redirect(f"/{hop + 1}"))
    assert fetch(transport, server.url("/0"))[1] == OK.body


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            "http://videos.example/x",
            "redirected to plain http at http://videos.example:80, which was refused",
        ),
        ("//videos.example/x", "redirected to plain http at http://videos.example:80, which was refused"),
        ("http://user:canary@127.0.0.1/", "redirected to an address that cannot be read"),
        ("https://[::1/", "redirected to an address that cannot be read"),
        ("file:///etc/passwd", "redirected to an address that cannot be read"),
        ("javascript:alert(1)", "redirected to an address that cannot be read"),
        ("https://a b/", "redirected to an address that cannot be read"),
        ("https://videos.example\\@127.0.0.1/", "redirected to an address that cannot be read"),
        (f"https://videos.example/?echo={KEY}", "videos.example:443 with the API key in the address"),
        (f"https://videos.example/%63{KEY[1:]}", "videos.example:443 with the API key in the address"),
    ],
)
def test_a_redirect_that_may_not_be_taken_is_refused(
    server: FaultServer, transport: Transport, target: str, words: str
) -> None:
    error = failure(lambda: fetch(transport, server.reply("/a", redirect(target))))
    assert error.kind == "redirect"
    assert words in str(error)
    assert "open a browser, sign in" in error.next_step
    assert "canary" not in str(error)
    assert len(server.requests) == 1


def test_the_body_of_a_redirect_is_not_read(server: FaultServer, transport: Transport) -> None:
    server.reply("/b", OK)
    endless = Reply(302, b"x" * 10, (("Location", "/b"),))
    _, body = fetch(transport, server.reply("/a", endless, Stall(after_bytes=5)))
    assert body == OK.body


def test_a_redirect_without_an_address_is_an_answer(server: FaultServer, transport: Transport) -> None:
    exchange, body = fetch(transport, server.reply("/a", Reply(302, b"nowhere")))
    assert (exchange.status_code, body) == (302, b"nowhere")


def test_plain_http_to_another_machine_is_refused_before_connecting(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", lambda *args: pytest.fail("it looked the name up"))
        for url in (f"http://videos.example/?sig={SIGNATURE}", f"http://127.1/?sig={SIGNATURE}"):
            with pytest.raises(InvalidInputError, match="is plain http") as caught:
                transport.open(url)
            assert canary.find(SIGNATURE, caught.value) == []


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://videos.example/x", "to plain http at http://videos.example:80, which was refused"),
        ("http://127.0.0.1:{port}/x", "to plain http at http://127.0.0.1:{port}, which was refused"),
        ("https://127.0.0.1:{port}/x", "to this machine (https://127.0.0.1:{port}), which was refused"),
        ("https://127.1:{port}/x", "to this machine (https://127.1:{port}), which was refused"),
        ("https://2130706433:{port}/x", "to this machine (https://2130706433:{port}), which was refused"),
        ("https://[::ffff:127.0.0.1]:{port}/x", "to this machine (https://[::ffff:127.0.0.1]:{port})"),
        (
            "https://api.localhost:{port}/x",
            "to this machine (https://api.localhost:{port}), which was refused",
        ),
    ],
)
def test_another_machine_redirects_neither_to_this_one_nor_to_plain_http(
    tls: TlsServer, proxied: Proxy, server: FaultServer, target: str, words: str
) -> None:
    port = server.origin.rpartition(":")[2]
    tls.reply("/a", redirect(target.format(port=port)))
    with Transport(provider_at("https://videos.example"), Secret(KEY)) as transport:
        error = failure(lambda: transport.open("https://videos.example/a"))
    assert error.kind == "redirect"
    assert words.format(port=port) in str(error)
    assert server.requests == []


def test_https_on_this_machine_does_not_turn_into_http(
    tls: TlsServer, certificate: tuple[Path, Path], server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls.reply("/a", redirect(server.reply("/b", OK)))
    origin = f"https://localhost:{tls.port}"
    with Transport(provider_at(origin), Secret(KEY)) as transport:
        transport._loopback_session.verify = str(certificate[0])
        error = failure(lambda: transport.open(f"{origin}/a"))
    assert "to plain http" in str(error)
    assert server.requests == []
