"""`Client.wait` against a real HTTP server: it outlasts what passes, and ends by everything else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import clips
import pytest
from faults import (
    Drop,
    Fault,
    FaultServer,
    Garbage,
    Reset,
    Stall,
    Truncate,
    busy,
    finished,
    json_reply,
    refused,
    running,
    sign_in_page,
)
from leaks import KEY
from timing import wait_until, within

import rushes
from rushes import schedule, watcher
from rushes.client import Client
from rushes.errors import (
    APIError,
    InvalidInputError,
    NetworkError,
    WatchTimeoutError,
)

pytest_plugins = ("server_fixtures",)

CLIP = clips.clip()
PATH = "/v1beta/models/veo/operations/op1"
SOURCE = str(Path(__file__).parents[1] / "src")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls and retries follow each other without the pauses that spare a real endpoint."""
    monkeypatch.setattr(watcher, "poll_interval_s", lambda *_: 0.005)
    monkeypatch.setattr(schedule, "FIRST_RETRY_S", 0.005)
    monkeypatch.setattr(schedule, "LONGEST_RETRY_S", 0.01)


@pytest.mark.usefixtures("quick")
def test_wait_polls_until_the_end_with_the_name_it_was_given(server: FaultServer, client: Client) -> None:
    renamed = json_reply({"name": "models/other/operations/elsewhere", "done": False})
    end = json_reply({"name": "operations/elsewhere", "done": True, "response": {}})
    server.operation("veo", "op1", renamed, renamed, end)
    operation = client.wait("veo", "op1")
    assert (operation.status, operation.operation_id) == ("empty", "op1")
    assert [request.path for request in server.requests] == [PATH] * 3


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("status", ["succeeded", "filtered", "partly_filtered", "empty", "failed"])
def test_wait_returns_the_operation_however_it_ended(status: str) -> None:
    with (
        rushes.demo_endpoint(seconds=0.05, status=status, samples=2) as endpoint,
        Client(base_url=endpoint.base_url, api_key=endpoint.api_key) as client,
    ):
        operation = client.wait(endpoint.create_operation())
        assert operation.done
        assert operation.status == ("succeeded" if status == "partly_filtered" else status)


@pytest.mark.usefixtures("quick")
def test_wait_survives_what_passes(server: FaultServer, client: Client) -> None:
    faults = [
        Drop(), Reset(), Garbage(), Truncate(20), Truncate(0), sign_in_page(), json_reply({}, 500), busy(503),
        json_reply({}, 502), json_reply({}, 504), json_reply({}, 408), json_reply({}, 425), busy(429), running(),
        refused(404),
    ]  # fmt: skip
    server.operation("veo", "op1", *faults, finished("https://x/y"))
    assert client.wait("veo", "op1").status == "succeeded"
    assert len(server.requests) == len(faults) + 1


@pytest.mark.usefixtures("quick")
def test_wait_takes_the_pause_that_it_is_asked_for(server: FaultServer, client: Client) -> None:
    server.operation("veo", "op1", busy(429, retry_after="1"), finished("https://x/y"))
    began = time.monotonic()
    client.wait("veo", "op1")
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("status", [400, 401, 403])
def test_wait_raises_at_once_what_does_not_pass(server: FaultServer, client: Client, status: int) -> None:
    server.operation("veo", "op1", refused(status), running())
    with pytest.raises(APIError) as raised:
        client.wait("veo", "op1")
    assert raised.value.status_code == status
    assert len(server.requests) == 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("timeout", [0, 0.2])
def test_wait_gives_up_when_a_poll_after_the_timeout_still_says_running(
    server: FaultServer, client: Client, timeout: float
) -> None:
    server.operation("veo", "op1", running())
    began = time.monotonic()
    with pytest.raises(WatchTimeoutError) as raised:
        client.wait("veo", "op1", timeout=timeout)
    assert timeout <= time.monotonic() - began < timeout + 5
    assert not isinstance(raised.value, TimeoutError)
    assert len(server.requests) == 1 if timeout == 0 else len(server.requests) > 1


def test_wait_with_no_time_at_all_still_finds_a_finished_operation(
    server: FaultServer, client: Client
) -> None:
    server.operation("veo", "op1", finished("https://x/y"))
    assert client.wait("veo", "op1", timeout=0).done


@pytest.mark.usefixtures("quick")
def test_wait_raises_the_network_error_when_its_time_is_up(client: Client, server: FaultServer) -> None:
    server.operation("veo", "op1", *[Drop()] * 500, running())
    with pytest.raises(NetworkError):
        client.wait("veo", "op1", timeout=0.1)


@pytest.mark.parametrize("timeout", [-1, "5", True, float("nan"), [], 1j])
def test_a_timeout_that_is_no_time_is_refused_before_any_request(
    server: FaultServer, client: Client, timeout: float
) -> None:
    with pytest.raises(InvalidInputError, match="timeout"):
        client.wait("veo", "op1", timeout=timeout)
    assert server.requests == []


@pytest.mark.parametrize("timeout", [None, float("inf"), 10**400])
def test_an_endless_timeout_is_one(server: FaultServer, client: Client, timeout: float | None) -> None:
    server.operation("veo", "op1", finished("https://x/y"))
    assert client.wait("veo", "op1", timeout=timeout).done


WAIT = """
import sys
from rushes.client import Client
client = Client(base_url=sys.argv[1], api_key=input())
print("waits", flush=True)
client.wait("veo", "op1")
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("phase", ["in a request", "between two polls"])
def test_ctrl_c_ends_a_wait_and_prints_no_key(server: FaultServer, phase: str) -> None:
    within(10.0, lambda: interrupted(server, Stall() if phase == "in a request" else running()))


def interrupted(server: FaultServer, answer: Fault) -> float:
    """Seconds from Ctrl-C to the end of a process that waits."""
    server.requests.clear()
    server.operation("veo", "op1", answer, running())
    process = subprocess.Popen(
        [sys.executable, "-c", WAIT, server.origin],
        env={**os.environ, "PYTHONPATH": SOURCE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(KEY + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "waits\n"
            wait_until(lambda: server.requests)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, printed = process.communicate(timeout=30)
            took_s = time.monotonic() - began
        finally:
            process.kill()
    assert printed.rstrip().endswith("KeyboardInterrupt")
    assert KEY not in printed
    return took_s
