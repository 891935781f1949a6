"""Proxies and certificates that the environment names."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import canary
import pytest
from exchanges import OK, failure, fetch
from faults import FaultServer, redirect
from leaks import KEY, SIGNATURE
from proxy_server import PASSWORD, Proxy, use_proxy
from tls_server import TlsServer

from rushes.credentials import Secret
from rushes.provider import provider_at
from rushes.transport import Transport

pytest_plugins = ("server_fixtures", "transport_fixtures")


def test_this_machine_is_asked_without_the_proxy(
    server: FaultServer, other: FaultServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Proxy() as proxy:
        use_proxy(monkeypatch, proxy, "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")
        fetch(transport, server.reply("/a", redirect(other.reply("/b", OK))))
        port = server.origin.rpartition(":")[2]
        server.reply("/b", OK)
        fetch(transport, f"http://localhost:{port}/b")
        assert proxy.heads == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "proxy"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "proxy"),
        (b"", "reset"),
        (b"garbage", "truncated"),
        (f"HTTP/1.1 407 {PASSWORD}\r\n\r\n".encode(), "proxy"),
    ],
)
def test_another_host_is_asked_through_the_proxy_by_connect_alone(
    answer: bytes,
    kind: str,
    transport: Transport,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with Proxy(answer=answer) as proxy:
        use_proxy(monkeypatch, proxy, "HTTPS_PROXY")
        error = failure(lambda: transport.open(f"https://videos.example/x?sig={SIGNATURE}"))
    assert error.kind == kind
    assert kind != "proxy" or "HTTPS_PROXY" in error.next_step
    assert canary.find(PASSWORD, error, caplog.text, transport) == []
    [head] = proxy.heads
    assert head.startswith("CONNECT videos.example:443 HTTP/1.")
    assert KEY not in head
    assert SIGNATURE not in head


def test_hosts_that_no_proxy_names_are_asked_directly(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def look_up(host: str, *args: object, **options: object) -> object:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "videos.example")
    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", look_up)
        assert failure(lambda: transport.open("https://videos.example/")).kind == "dns"
        assert failure(lambda: transport.open("https://elsewhere.example/")).kind == "proxy"
    assert asked == ["videos.example", "proxy.example"]


@pytest.mark.parametrize("address", ["http://user:canary@@@/", "http://[canary/", "canary://127.0.0.1:9"])
def test_a_proxy_address_that_cannot_be_used_is_told_as_the_proxys(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    error = failure(lambda: transport.open("https://videos.example/"))
    assert error.kind == "proxy"
    assert "HTTPS_PROXY" in error.next_step
    assert canary.find("canary", error) == []


def test_a_ca_bundle_that_is_not_there_is_told(
    transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    error = failure(lambda: transport.open("https://videos.example/"))
    assert error.kind == "tls"
    assert "REQUESTS_CA_BUNDLE" in error.next_step


def test_proxy_and_ca_bundle_of_the_environment_work(tls: TlsServer, proxied: Proxy) -> None:
    tls.reply("/x", OK, needs_key=True)
    with Transport(provider_at("https://videos.example"), Secret(KEY)) as transport:
        assert fetch(transport, "https://videos.example/x")[1] == OK.body
    assert [request.key for request in tls.requests] == [KEY]
    assert KEY not in "".join(proxied.heads)


def test_an_unknown_certificate_is_told_with_the_way_out(
    tls: TlsServer, proxied: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with Transport(provider_at("https://videos.example"), Secret(KEY)) as transport:
        error = failure(lambda: transport.open("https://videos.example/x"))
    assert error.kind == "tls"
    assert "A proxy that inspects traffic does this" in str(error)
    assert "REQUESTS_CA_BUNDLE" in error.next_step
    assert tls.requests == []
