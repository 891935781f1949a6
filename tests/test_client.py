"""The headless client against a real HTTP server: one poll, one wait, one download."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import clips
import pytest
from faults import (
    Drop,
    FaultServer,
    Garbage,
    Reset,
    Resource,
    Stall,
    Truncate,
    busy,
    finished,
    json_reply,
    refused,
    running,
    sign_in_page,
)

import rushes
from rushes import schedule
from rushes.client import Client
from rushes.errors import (
    APIError,
    AuthenticationError,
    CredentialsError,
    DownloadError,
    InvalidInputError,
    NetworkError,
    OperationNotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RushesError,
    SaveError,
    ServerError,
    UnreadableResponseError,
    WatchTimeoutError,
)
from rushes.operation import Video

KEY = "canary-key-77e0"
CLIP = clips.clip()
PATH = "/v1beta/models/veo/operations/op1"
SOURCE = str(Path(__file__).parents[1] / "src")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(key=KEY) as running_server:
        yield running_server


@pytest.fixture
def client(server: FaultServer) -> Iterator[Client]:
    with Client(base_url=server.origin, api_key=KEY) as opened:
        yield opened


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls and retries follow each other without the pauses that spare a real endpoint."""
    monkeypatch.setattr(schedule, "SHORTEST_POLL_S", 0.005)
    monkeypatch.setattr(schedule, "FIRST_RETRY_S", 0.005)
    monkeypatch.setattr(schedule, "LONGEST_RETRY_S", 0.01)


# get


def test_one_get_is_one_request_with_the_key(server: FaultServer, client: Client) -> None:
    server.operation("veo", "op1", running())
    operation = client.get("veo", "op1")
    assert (operation.status, operation.done) == ("running", False)
    assert (operation.model_name, operation.operation_id) == ("veo", "op1")
    [request] = server.requests
    assert (request.path, request.key) == (PATH, KEY)


@pytest.mark.parametrize(
    "arguments",
    [
        ("veo", "op1"),
        ("models/veo", "operations/op1"),
        ("veo", "models/veo/operations/op1"),
        ("veo", {"name": "operations/op1"}),
        ("veo", SimpleNamespace(name="models/veo/operations/op1")),
        ("models/veo/operations/op1",),
        (" models/veo/operations/op1 ",),
        ({"name": "models/veo/operations/op1"},),
        (SimpleNamespace(name="models/veo/operations/op1"),),
        ("{origin}/v1beta/models/veo/operations/op1",),
        ("{origin}/v1/models/veo/operations/op1?key=ignored",),
        ("veo", "{origin}/v1beta/models/veo/operations/op1"),
    ],
)
def test_an_operation_may_be_named_in_every_form(
    server: FaultServer, client: Client, arguments: tuple[object, ...]
) -> None:
    server.operation("veo", "op1", running())
    filled = (
        argument.replace("{origin}", server.origin) if isinstance(argument, str) else argument
        for argument in arguments
    )
    assert client.get(*filled).operation_id == "op1"
    assert [request.path for request in server.requests] == [PATH]


@pytest.mark.parametrize(
    "arguments",
    [
        ("https://api.gptproto.com/v1beta/models/veo/operations/op1",),
        ("veo", "http://127.0.0.1:1/v1beta/models/veo/operations/op1"),
        ("veo", "{origin}0/v1beta/models/veo/operations/op1"),
        ("operations/op1",),
        ("veo",),
        ("veo", "../op1"),
        ("veo", "op1?key=x"),
        ("veo", "op1#x"),
        ("veo", "op%2f1"),
        ("veo/../../x", "op1"),
        ("veo", "op1\n"),
        ("veo", ""),
        ("veo", "x" * 3000),
        ("veo", 7),
        (None, None),
    ],
)
@pytest.mark.parametrize("method", ["get", "wait"])
def test_what_cannot_be_meant_is_refused_before_any_request(
    server: FaultServer, client: Client, method: str, arguments: tuple[object, ...]
) -> None:
    filled = (
        argument.replace("{origin}", server.origin) if isinstance(argument, str) else argument
        for argument in arguments
    )
    with pytest.raises(InvalidInputError) as raised:
        getattr(client, method)(*filled)
    assert raised.value.next_step
    assert server.requests == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refused(400), APIError),
        (refused(401, "Invalid signature"), AuthenticationError),
        (refused(403, "Insufficient balance"), PermissionDeniedError),
        (refused(404), OperationNotFoundError),
        (busy(429, retry_after="7"), RateLimitError),
        (busy(500), ServerError),
        (busy(503), ServerError),
        (sign_in_page(), NetworkError),
        (json_reply({"status": "completed", "id": "x"}), UnreadableResponseError),
        (json_reply([1, 2]), UnreadableResponseError),
        (Drop(), NetworkError),
        (Reset(), NetworkError),
        (Garbage(), NetworkError),
        (Truncate(20), NetworkError),
    ],
)
def test_get_raises_what_came_back_at_once(
    server: FaultServer, client: Client, reply: object, kind: type[RushesError]
) -> None:
    server.operation("veo", "op1", reply, running())  # type: ignore[arg-type]
    with pytest.raises(RushesError) as raised:
        client.get("veo", "op1")
    assert type(raised.value) is kind
    assert KEY not in str(raised.value)
    assert len(server.requests) == 1


def test_a_content_policy_503_is_a_finished_operation(server: FaultServer, client: Client) -> None:
    server.operation("veo", "op1", refused(503, "Content policy violation: violence"))
    for operation in (client.get("veo", "op1"), client.wait("veo", "op1")):
        assert (operation.status, operation.done) == ("filtered", True)
        assert operation.filtered_reasons == ("Content policy violation: violence",)


def test_no_key_is_told_when_the_client_is_made() -> None:
    with pytest.raises(CredentialsError, match="GPTPROTO_API_KEY"):
        Client()
    with pytest.raises(CredentialsError, match="another host"):
        Client(base_url="http://127.0.0.1:1")


def test_neither_client_nor_poll_print_the_key(client: Client) -> None:
    assert KEY not in repr(client)
    assert KEY not in repr(vars(client))


# wait


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
    assert len(server.requests) == 1 if timeout == 0 else len(server.requests) > 3


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


def test_an_endless_timeout_is_one(server: FaultServer, client: Client) -> None:
    server.operation("veo", "op1", finished("https://x/y"))
    assert client.wait("veo", "op1", timeout=float("inf")).done


WAIT = """
import sys
from rushes.client import Client
client = Client(base_url=sys.argv[1], api_key=input())
print("waits", flush=True)
client.wait("veo", "op1")
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("phase", ["in a request", "between two polls"])
def test_ctrl_c_ends_a_wait_within_a_second_and_prints_no_key(server: FaultServer, phase: str) -> None:
    server.operation("veo", "op1", Stall() if phase == "in a request" else running(), running())
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
            deadline = time.monotonic() + 10
            while not server.requests:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, printed = process.communicate(timeout=10)
            assert time.monotonic() - began < 1.0
            assert printed.rstrip().endswith("KeyboardInterrupt")
            assert KEY not in printed
        finally:
            process.kill()


# download


def test_a_video_is_downloaded_to_a_file_or_into_a_directory(
    server: FaultServer, client: Client, tmp_path: Path
) -> None:
    uri = server.serve("/v1beta/files/abc:download", Resource(CLIP, needs_key=True))
    target = client.download(Video(uri=uri), tmp_path / "clip.mp4")
    assert target == tmp_path / "clip.mp4"
    assert target.read_bytes() == CLIP
    inside = client.download(Video(uri=uri), str(tmp_path))
    assert inside == tmp_path / "abc.mp4"
    assert inside.read_bytes() == CLIP


def test_a_download_that_cannot_be_saved_makes_no_request(
    server: FaultServer, client: Client, tmp_path: Path
) -> None:
    uri = server.serve("/v1beta/files/abc:download", Resource(CLIP))
    with pytest.raises(SaveError, match="no directory"):
        client.download(Video(uri=uri), tmp_path / "missing" / "clip.mp4")
    assert server.requests == []


def test_a_video_in_googles_storage_tells_the_command(client: Client, tmp_path: Path) -> None:
    with pytest.raises(DownloadError) as raised:
        client.download(Video(uri="gs://bucket/clip.mp4"), tmp_path / "clip.mp4")
    assert "gcloud storage cp gs://bucket/clip.mp4" in raised.value.next_step


# as a whole


def test_one_client_serves_several_threads(server: FaultServer, client: Client, tmp_path: Path) -> None:
    for number in range(8):
        server.operation("veo", f"op{number}", json_reply({"name": f"operations/op{number}"}))
        server.serve(f"/v1beta/files/f{number}:download", Resource(clips.clip(seed=number)))
    wrong: list[str] = []

    def use(number: int) -> None:
        names = {client.get("veo", f"op{number}").name for _ in range(10)}
        if names != {f"operations/op{number}"}:
            wrong.append(f"answer of {number}")
        video = Video(uri=server.url(f"/v1beta/files/f{number}:download"))
        if client.download(video, tmp_path / f"{number}.mp4").read_bytes() != clips.clip(seed=number):
            wrong.append(f"file of {number}")

    threads = [threading.Thread(target=use, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    assert len(server.requests) == 8 * 11


def test_leaving_the_context_closes_the_connections(server: FaultServer) -> None:
    server.operation("veo", "op1", running())
    with Client(base_url=server.origin, api_key=KEY) as client:
        client.get("veo", "op1")
        assert server.connections == 1
    deadline = time.monotonic() + 5
    while server.connections:
        assert time.monotonic() < deadline
        time.sleep(0.002)


HEADLESS = """
import sys, tempfile
import rushes
with rushes.demo_endpoint(seconds=0) as endpoint:
    name = endpoint.create_operation()
    with rushes.Client(base_url=endpoint.base_url, api_key=endpoint.api_key) as client:
        client.get(name)
        operation = client.wait(name)
        with tempfile.TemporaryDirectory() as directory:
            path = client.download(operation.videos[0], directory + "/clip.mp4")
            assert path.stat().st_size > 1000
    from rushes.watching import open_watch
    open_watch(name, base_url=endpoint.base_url, api_key=endpoint.api_key).future.result(20)
loaded = {module.partition(".")[0] for module in sys.modules}
print(sorted(loaded & {"IPython", "ipywidgets", "anywidget", "traitlets", "ipykernel", "comm", "jupyter_client"}))
"""


def test_nothing_of_jupyter_is_imported_without_a_widget() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HEADLESS],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.strip() == "[]", ended.stderr
