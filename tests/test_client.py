"""The headless client against a real HTTP server: one poll, one download, several threads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
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
    json_reply,
    refused,
    running,
    sign_in_page,
)
from leaks import KEY
from timing import wait_until

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
)
from rushes.operation import Video

pytest_plugins = ("server_fixtures",)

CLIP = clips.clip()
PATH = "/v1beta/models/veo/operations/op1"
SOURCE = str(Path(__file__).parents[1] / "src")


# get


def test_one_get_is_one_request_with_the_key(server: FaultServer, client: Client) -> None:
    server.operation("veo", "op1", running())
    operation = client.get("veo", "op1")
    assert (operation.status, operation.done) == ("running", False)
    assert (operation.model_name, operation.operation_id) == ("veo", "op1")
    [request] = server.requests
    assert (request.path, request.key) == (PATH, KEY)


def test_an_answer_longer_than_any_is_refused(
    server: FaultServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rushes.client._LONGEST_ANSWER_BYTES", 1_000)
    server.operation("veo", "op1", json_reply({"name": "operations/op1", "metadata": "x" * 1_000}))
    with pytest.raises(UnreadableResponseError, match="longer than 1,000 bytes"):
        client.get("veo", "op1")


def test_an_answer_that_stalls_is_given_up_by_the_time_limit_of_a_poll(
    server: FaultServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rushes.client._POLL_TIMEOUT_S", 0.2)
    server.operation("veo", "op1", Stall(), running())
    with pytest.raises(NetworkError) as caught:
        client.get("veo", "op1")
    assert caught.value.kind == "timeout"


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


def test_without_a_card_no_error_tells_to_resume(server: FaultServer, client: Client, tmp_path: Path) -> None:
    server.operation("veo", "op1", refused(401), running())
    (tmp_path / "mine.mp4").write_bytes(b"mine")
    gone = Video(uri=server.serve("/gone", Resource(CLIP), refused(400, "No such file")))
    clip = Video(uri=server.serve("/clip", Resource(CLIP)))
    steps = []
    for call in (
        Client,
        lambda: client.get("veo", "op1"),
        lambda: client.wait("veo", "op1", timeout=0),
        lambda: client.download(gone, tmp_path / "gone.mp4"),
        lambda: client.download(clip, tmp_path / "mine.mp4"),
    ):
        with pytest.raises(RushesError) as raised:
            call()
        assert raised.value.next_step
        steps.append(f"{type(raised.value).__name__}: {raised.value.next_step}")
    assert [step for step in steps if "resume" in step.lower() or "save(path)" in step] == []
    assert [step.partition(":")[0] for step in steps] == [
        "CredentialsError",
        "AuthenticationError",
        "WatchTimeoutError",
        "DownloadError",
        "SaveError",
    ]


def test_neither_client_nor_poll_print_the_key(client: Client) -> None:
    assert KEY not in repr(client)
    assert KEY not in repr(vars(client))


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
    wait_until(lambda: not server.connections)


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


def test_a_client_that_could_not_be_made_still_prints() -> None:
    half_made = Client.__new__(Client)
    assert repr(half_made) == "Client(no credentials)"
