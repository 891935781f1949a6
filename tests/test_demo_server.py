"""The embedded endpoint as a server: keep-alive, bounds, silence, and an end that leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from timing import wait_until

from rushes.embedded import DemoEndpoint, demo_endpoint
from rushes.embedded.server import MAX_BODY_BYTES

OURS = "rushes-embedded"
Threads = Callable[[], list[threading.Thread]]


@pytest.fixture
def endpoint() -> Iterator[DemoEndpoint]:
    with demo_endpoint(seconds=0) as running:
        yield running


def connect(endpoint: DemoEndpoint) -> http.client.HTTPConnection:
    host, port = endpoint.base_url.removeprefix("http://").split(":")
    return http.client.HTTPConnection(host, int(port), timeout=10)


def raw(endpoint: DemoEndpoint, data: bytes) -> bytes:
    """Everything the endpoint says to `data`, until it closes the connection."""
    host, port = endpoint.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


@pytest.fixture
def our_threads() -> Callable[[], list[threading.Thread]]:
    """The endpoint threads that began during the test; a demo of another test may have left its own running."""

    def running() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name.startswith(OURS)}

    before = running()
    return lambda: list(running() - before)


def test_it_listens_on_the_loopback_interface_alone(endpoint: DemoEndpoint) -> None:
    assert endpoint.base_url.startswith("http://127.0.0.1:")


def test_one_connection_carries_many_requests_errors_among_them(endpoint: DemoEndpoint) -> None:
    connection = connect(endpoint)
    good = {"x-goog-api-key": endpoint.api_key}
    name = endpoint.create_operation()
    sockets = set()
    for path, headers, expected in (
        (f"/v1beta/{name}", good, 200),
        (f"/v1beta/{name}", {}, 401),
        ("/nowhere", good, 404),
        (f"/v1beta/{name}", good, 200),
    ):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == expected
        assert answer.getheader("Date")
        assert connection.sock is not None
        sockets.add(connection.sock.getsockname())
    connection.request("POST", "/v1/models/m:predictLongRunning", body=b"{", headers=good)
    assert connection.getresponse().status == 400
    assert len(sockets) == 1
    connection.close()


def test_many_clients_at_once_are_all_answered(endpoint: DemoEndpoint) -> None:
    names = [endpoint.create_operation(samples=1 + i % 4) for i in range(40)]
    headers = {"x-goog-api-key": endpoint.api_key}

    def fetch(name: str) -> tuple[int, int]:
        answer = requests.get(f"{endpoint.base_url}/v1beta/{name}", headers=headers, timeout=30).json()
        samples = answer["response"]["generatedSamples"]
        video = requests.get(samples[0]["video"]["uri"], headers=headers, timeout=30)
        return len(samples), int(video.content[4:8] == b"ftyp")

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(fetch, names))
    assert results == [(1 + i % 4, 1) for i in range(40)]


def test_a_slow_client_delays_no_other(endpoint: DemoEndpoint) -> None:
    host, port = endpoint.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as stuck:
        stuck.sendall(b"GET /v1beta/models/m/operations/x HT")
        name = endpoint.create_operation()
        headers = {"x-goog-api-key": endpoint.api_key}
        assert (
            requests.get(f"{endpoint.base_url}/v1beta/{name}", headers=headers, timeout=5).status_code == 200
        )


def test_stop_ends_every_thread_and_cuts_idle_and_waiting_connections(our_threads: Threads) -> None:
    endpoint = demo_endpoint(seconds=0, latency_s=60).start()
    idle = connect(endpoint)
    idle.connect()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(requests.get, endpoint.base_url, timeout=30)
        wait_until(lambda: len(our_threads()) == 3)
        began = time.monotonic()
        endpoint.stop()
        assert time.monotonic() - began < 5
        wait_until(lambda: our_threads() == [])
        assert isinstance(waiting.exception(timeout=10), requests.ConnectionError)
    idle.close()
    assert not endpoint.running


def test_it_can_be_stopped_twice_and_started_again(our_threads: Threads) -> None:
    endpoint = demo_endpoint(seconds=0)
    with pytest.raises(RuntimeError, match="not running"):
        _ = endpoint.base_url
    name = endpoint.create_operation()
    for _ in range(2):
        with endpoint:
            assert endpoint.start() is endpoint
            answer = requests.get(
                f"{endpoint.base_url}/v1beta/{name}", headers={"x-goog-api-key": endpoint.api_key}, timeout=10
            )
            assert answer.status_code == 200
        endpoint.stop()
    wait_until(lambda: our_threads() == [])


def test_all_its_threads_are_daemons(our_threads: Threads, endpoint: DemoEndpoint) -> None:
    connection = connect(endpoint)
    connection.request("GET", "/")
    connection.getresponse().read()
    assert len(our_threads()) == 2
    assert all(thread.daemon for thread in our_threads())
    connection.close()


def test_latency_holds_every_answer_back() -> None:
    with demo_endpoint(latency_s=0.3) as endpoint:
        began = time.monotonic()
        requests.get(endpoint.base_url, timeout=10)
        assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([f"Content-Length: {MAX_BODY_BYTES + 1}"], 413),
        (["Content-Length: 99999999999999999999"], 400),
        (["Content-Length: -5"], 400),
        (["Content-Length: five"], 400),
        ([], 411),
        (["Transfer-Encoding: chunked"], 411),
    ],
)
def test_a_body_without_a_bound_is_refused_before_it_is_read(
    endpoint: DemoEndpoint, lines: list[str], expected: int
) -> None:
    head = [
        "POST /v1beta/models/m:predictLongRunning HTTP/1.1",
        "Host: x",
        f"x-goog-api-key: {endpoint.api_key}",
    ]
    answer = raw(endpoint, "\r\n".join([*head, *lines, "", ""]).encode())
    assert answer.startswith(f"HTTP/1.1 {expected} ".encode())
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == expected


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        (b"DELETE /v1beta/models/m/operations/x HTTP/1.1", 501),
        (b"GET / HTTP/3.0", 505),
        (b"GET / nonsense", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", 414),
    ],
)
def test_a_request_that_http_does_not_know_is_refused_as_json(
    endpoint: DemoEndpoint, request_line: bytes, expected: int
) -> None:
    answer = raw(endpoint, request_line + b"\r\nHost: x\r\n\r\n")
    assert f" {expected} ".encode() in answer.split(b"\r\n", 1)[0]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == expected


def test_a_flaky_network_goes_away_and_comes_back() -> None:
    now = 1000.0
    options = {"seconds": 0.0, "status": "succeeded", "samples": 1, "latency_s": 0.0, "api_key": "key"}
    with DemoEndpoint(**options, shape="gptproto", flaky=True, clock=lambda: now) as endpoint:
        url, headers = f"{endpoint.base_url}/v1beta/{endpoint.create_operation()}", {"x-goog-api-key": "key"}
        answered = []
        with requests.Session() as kept_alive:
            for _ in range(12):
                try:
                    answered.append(kept_alive.get(url, headers=headers, timeout=10).ok)
                except requests.ConnectionError:
                    answered.append(False)
                now += 1.0
    assert answered == [True] * 3 + [False] * 3 + [True] * 3 + [False] * 3


def test_nothing_is_ever_written_to_stderr_or_stdout(
    endpoint: DemoEndpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    raw(endpoint, b"nonsense\r\n\r\n")
    requests.get(endpoint.base_url + "/?key=secret", timeout=10)
    headers = {"x-goog-api-key": endpoint.api_key}
    name = endpoint.create_operation()
    uri = requests.get(f"{endpoint.base_url}/v1beta/{name}", headers=headers, timeout=10).json()["response"][
        "generatedSamples"
    ][0]["video"]["uri"]
    host, port = endpoint.base_url.removeprefix("http://").split(":")
    for _ in range(5):  # Clients that leave in the middle of a file, with a reset.
        target = requests.get(uri, headers=headers, timeout=10, allow_redirects=False).headers["Location"]
        with socket.create_connection((host, int(port)), timeout=10) as rude:
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            path = target.removeprefix(endpoint.base_url)
            rude.sendall(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nx-goog-api-key: {endpoint.api_key}\r\n\r\n".encode()
            )
            rude.recv(100)
    endpoint.stop()
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only systems that fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_knows_that_it_has_no_endpoint(endpoint: DemoEndpoint) -> None:
    assert endpoint.running
    child = os.fork()
    if child == 0:
        os._exit(7 if endpoint.running else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
