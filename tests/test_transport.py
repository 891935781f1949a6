"""One HTTP exchange against real servers: who gets the key, how long it may take, and what is left of it afterwards."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import itertools
import logging
import select
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import canary
import pytest
from faults import (
    Drip,
    Drop,
    Fault,
    FaultServer,
    Garbage,
    Plain,
    Reply,
    Reset,
    Stall,
    Truncate,
    json_reply,
    redirect,
)
from interrupting import interrupted_while_reading
from live_watches import until

from rushes.credentials import Secret
from rushes.errors import InvalidInputError, NetworkError, UnreadableResponseError
from rushes.provider import provider_at
from rushes.transport import Exchange, Transport

KEY = "canary-key-0123456789"
SIGNATURE = "canary-signature-0123456789"
OK = json_reply({"name": "operations/op1", "done": False})


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(key=KEY) as server:
        yield server


@pytest.fixture
def other() -> Iterator[FaultServer]:
    """Another port is another origin."""
    with FaultServer(key=KEY) as server:
        yield server


@pytest.fixture
def transport(server: FaultServer) -> Iterator[Transport]:
    with Transport(provider_at(server.origin), Secret(KEY), read_timeout_s=20) as transport:
        yield transport


def fetch(transport: Transport, url: str, total_timeout_s: float | None = None) -> tuple[Exchange, bytes]:
    with transport.open(url, total_timeout_s=total_timeout_s) as exchange:
        return exchange, exchange.read(1 << 20)


def failure(call: Callable[[], object]) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        call()
    assert caught.value.transient
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert canary.find(KEY, caught.value) == []
    assert canary.find(SIGNATURE, caught.value) == []
    return caught.value


# Whose key it is.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_goes_along_to_the_same_origin(
    server: FaultServer, transport: Transport, status: int
) -> None:
    server.reply("/target", OK, needs_key=True)
    exchange, body = fetch(transport, server.reply("/start", redirect("/target", status)))
    assert (exchange.status_code, body) == (200, OK.body)
    assert [request.key for request in server.requests] == [KEY, KEY]


def test_the_key_stays_behind_when_a_redirect_leaves_the_origin(
    server: FaultServer, other: FaultServer, transport: Transport
) -> None:
    server.reply("/back", OK)
    url = server.reply("/start", redirect(other.reply("/away", redirect(server.url("/back")))))
    fetch(transport, url)
    assert [(request.path, request.key) for request in other.requests] == [("/away", None)]
    assert [request.key for request in server.requests] == [KEY, KEY]
    assert KEY not in str(other.requests[0])


def test_another_host_name_for_the_same_machine_is_another_origin(
    server: FaultServer, transport: Transport
) -> None:
    port = server.origin.rpartition(":")[2]
    server.reply("/target", OK)
    fetch(transport, server.reply("/start", redirect(f"http://localhost:{port}/target")))
    assert [request.key for request in server.requests] == [KEY, None]


def test_no_key_is_sent_where_there_is_none(server: FaultServer) -> None:
    with Transport(provider_at(server.origin), None) as transport:
        fetch(transport, server.reply("/x", OK))
    assert server.requests[0].key is None


def test_further_headers_go_along_and_identity_is_asked_for(
    server: FaultServer, transport: Transport
) -> None:
    with transport.open(server.reply("/x", OK), headers={"Range": "bytes=5-"}):
        pass
    headers = server.requests[0].headers
    assert headers["range"] == "bytes=5-"
    assert headers["accept-encoding"] == "identity"


def test_a_password_file_for_the_host_is_not_used(
    server: FaultServer, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(transport, server.reply("/x", OK))
    with Transport(provider_at(server.origin), Secret(KEY)) as with_environment:
        with_environment._loopback_session = (
            with_environment._session
        )  # as for a host that is not this machine
        fetch(with_environment, server.url("/x"))
    assert all("authorization" not in request.headers for request in server.requests)


def test_cookies_are_not_kept(server: FaultServer, transport: Transport) -> None:
    reply = json_reply({}, Set_Cookie="session=1; Path=/")
    server.reply("/a", reply, redirect("/a"))
    fetch(transport, server.url("/a"))
    fetch(transport, server.url("/a"))
    assert all("cookie" not in request.headers for request in server.requests)
    assert len(server.requests) == 3


# Redirects.


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


# Faults.


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


# Time.


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


@dataclass(frozen=True)
class DripHead(Fault):
    """Header lines that never end, a few bytes every 10 ms."""


@dataclass(frozen=True)
class PutOff(Fault):
    """Says every 10 ms that the answer will come."""


class DrippingServer(FaultServer):
    """Drips in time as well as in packets: a byte that comes resets every timeout of a socket."""

    def _deliver(self, connection: socket.socket, reply: Reply, fault: Fault) -> bool:
        if not isinstance(fault, (DripHead, Drip, PutOff)):
            return super()._deliver(connection, reply, fault)
        if not isinstance(fault, PutOff):
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + (b"" if isinstance(fault, DripHead) else b"\r\n"))
        while not self._stopping:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" if isinstance(fault, PutOff) else b"X")
            select.select([connection, self._released], [], [], 0.01)
        return False


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
    fetch(transport, url, total_timeout_s=0.2)
    until(lambda: time.monotonic() > began + 0.2)  # the limit of the connection's first request has passed
    assert fetch(transport, url, total_timeout_s=20)[1] == OK.body
    assert fetch(transport, url)[1] == OK.body
    assert server.connections == 1


# Proxies and certificates.


class Proxy:
    """Writes down what it is asked, and passes on no more than CONNECT does, to `target`."""

    def __init__(self, target: tuple[str, int] | None = None, answer: bytes = b"") -> None:
        self.heads: list[str] = []
        self._target = target
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:" + str(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="recording-proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join(10)
        assert not self._thread.is_alive(), "a client did not let go of the proxy"
        self._listener.close()

    def _run(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with contextlib.suppress(ConnectionError), connection:
                head = b""
                while b"\r\n\r\n" not in head and (received := connection.recv(4096)):
                    head += received
                if not head:
                    return
                self.heads.append(head.decode("latin-1"))
                connection.sendall(self._answer)
                if self._target is not None:
                    with socket.create_connection(self._target) as upstream:
                        _relay(connection, upstream)


def _relay(one: socket.socket, other: socket.socket) -> None:
    while True:
        for end in select.select([one, other], [], [])[0]:
            data = end.recv(65536)
            if not data:
                return
            (other if end is one else one).sendall(data)


PASSWORD = "canary-proxy-password"


def use_proxy(monkeypatch: pytest.MonkeyPatch, proxy: Proxy, *names: str) -> None:
    for name in names:
        monkeypatch.setenv(name, f"http://user:{PASSWORD}@{proxy.address}")


def test_this_machine_is_asked_without_the_proxy(
    server: FaultServer, other: FaultServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(Proxy()) as proxy:
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
    with contextlib.closing(Proxy(answer=answer)) as proxy:
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


class TlsServer(DrippingServer):
    """The fault server behind a certificate for the name `videos.example`."""

    def __init__(self, certificate: Path, key_file: Path) -> None:
        super().__init__(key=KEY)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key_file)

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    def _converse(self, connection: socket.socket, client: str) -> None:
        try:
            secure = self._context.wrap_socket(connection, server_side=True)
        except OSError:
            with self._lock:
                del self._connections[threading.current_thread()]
            return
        with self._lock:
            self._connections[threading.current_thread()] = secure
        super()._converse(secure, client)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key_file = folder / "certificate.pem", folder / "key.pem"
    names = "subjectAltName=DNS:videos.example,DNS:localhost,IP:127.0.0.1"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=videos.example", "-addext", names]
    command += ["-keyout", str(key_file), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key_file


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> Iterator[TlsServer]:
    server = TlsServer(*certificate)
    with server:
        yield server


@pytest.fixture
def proxied(
    tls: TlsServer, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Proxy]:
    """`https://videos.example`, reached through a proxy and trusted through a CA bundle, as in a company."""
    with contextlib.closing(Proxy(("127.0.0.1", tls.port), b"HTTP/1.1 200 Established\r\n\r\n")) as proxy:
        use_proxy(monkeypatch, proxy, "HTTPS_PROXY")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
        yield proxy


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


@pytest.mark.parametrize("fault", [DripHead(), Drip(), Stall()], ids=["head", "body", "silence"])
def test_the_total_timeout_holds_over_tls_and_a_proxy(tls: TlsServer, proxied: Proxy, fault: Fault) -> None:
    tls.reply("/a", OK, fault)
    started = time.monotonic()
    with Transport(provider_at("https://videos.example"), Secret(KEY)) as transport:
        error = failure(lambda: fetch(transport, "https://videos.example/a", total_timeout_s=0.5))
    assert error.kind == "timeout"
    assert time.monotonic() - started < 5


# What is printed.


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


def test_a_transport_and_its_answers_are_not_pickled(server: FaultServer, transport: Transport) -> None:
    with transport.open(server.reply("/a", OK)) as exchange:
        assert canary.find(KEY, transport, exchange) == []
