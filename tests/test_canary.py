"""Whole lives of a watch with canaries for secrets, and a search through everything that can be seen of them.

Three canaries: the API key, the password of a proxy, and the signature in a video's address. The address itself is the
user's (`Video.uri`, `Operation.raw`, in memory); the key and the password are nobody's to see.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import pickle
import signal
import socket
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import canary
import clips
import pytest
from faults import (
    Drop,
    Fault,
    FaultServer,
    Garbage,
    Reply,
    Reset,
    Resource,
    Stall,
    Truncate,
    finished,
    json_reply,
    redirect,
    refused,
    running,
    sign_in_page,
)
from interrupting import interrupted_while_reading
from live_watches import Watches, ended, live_watches, until

import rushes
from rushes import fetch, schedule
from rushes.credentials import Secret, find_credentials
from rushes.details import take_details
from rushes.errors import RushesError
from rushes.ledger import recent
from rushes.publisher import shared_publisher
from rushes.transport import Transport
from rushes.watching import Watch
from rushes.widget import OperationWidget

KEY = "canary+key/0123456789=abcdef"
PASSWORD = "canary-proxy-password-4711"
SIGNATURE = "canary-signature-88aa99bb"
CLIP = clips.clip()
FILE = "/v1beta/files/abc:download"
PLACE = ("veo", "op1")
NAME = "models/veo/operations/op1"


@dataclass
class Stage:
    """The provider, another host, and whatever came out while something was played on them."""

    server: FaultServer
    other: FaultServer
    watches: Watches
    data_directory: Path
    seen: list[object] = field(default_factory=list)

    @property
    def signed(self) -> str:
        """The file's address at the provider, with a signature."""
        return f"{self.server.url(FILE)}?alt=media&sig={SIGNATURE}"

    def answer(self, *answers: Fault) -> None:
        self.server.operation(*PLACE, *answers)

    def watch(self, **options: Any) -> Watch:
        return self.watches(
            *PLACE, **{"base_url": self.server.origin, "api_key": KEY, "timeout": 0, **options}
        )


@pytest.fixture
def stage(
    monkeypatch: pytest.MonkeyPatch, own_environment: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Stage]:
    """Every debug switch is on, and a proxy with a password is in the environment; nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = "127.0.0.1:" + str(listener.getsockname()[1])
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://user:{PASSWORD}@{nobody}")
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    monkeypatch.setattr(fetch, "_FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(schedule, "NOT_FOUND_GRACE_S", 0.0)
    monkeypatch.setattr("rushes.watcher.NOT_FOUND_GRACE_S", 0.0)
    caplog.set_level(logging.DEBUG)
    with live_watches(monkeypatch) as watches, FaultServer(key=KEY) as server, FaultServer(key=KEY) as other:
        server.serve(FILE, Resource(CLIP, needs_key=True))
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            stage = Stage(server, other, watches, own_environment)
            stage.seen.append(warned)
            yield stage


def echo(status: int) -> Reply:
    """An answer that repeats what it was sent, in its head too."""
    body = {"error": {"code": status, "message": f"Bad key {KEY}", "details": [{"x-goog-api-key": KEY}]}}
    return json_reply(body, status, X_Goog_Api_Key=KEY, Set_Cookie=f"key={KEY}", ETag=f'"{KEY}"')


def success(stage: Stage) -> None:
    stage.answer(running(), finished(stage.signed))


def success_by_redirect(stage: Stage) -> None:
    away = stage.other.serve("/clip.mp4", Resource(CLIP))
    stage.server.reply(FILE, redirect(f"{away}?sig={SIGNATURE}"), needs_key=True)
    stage.answer(finished(stage.signed))


def success_on_another_host(stage: Stage) -> None:
    stage.answer(finished(stage.other.serve("/clip.mp4", Resource(CLIP)) + f"?sig={SIGNATURE}"))


def success_after_faults(stage: Stage) -> None:
    script = (
        Reset(100),
        Truncate(200),
        Drop(),
        sign_in_page(),
        refused(503, f"busy {KEY}"),
        Garbage(KEY.encode()),
    )
    stage.server.serve(FILE, Resource(CLIP, needs_key=True), *script)
    stage.answer(
        Drop(),
        Garbage(KEY.encode()),
        echo(500),
        sign_in_page(),
        Reply(200, KEY.encode()),
        finished(stage.signed),
    )


def success_with_echoes(stage: Stage) -> None:
    video = {"uri": stage.signed, "mimeType": "video/mp4", "echo": KEY}
    body = {
        "name": NAME,
        "done": True,
        "metadata": {"echo": KEY, KEY: KEY, "link": f"look at {stage.signed}"},
        "response": {"videos": [video], "raiMediaFilteredReasons": [f"audio of {KEY}"]},
    }
    stage.server.serve(FILE, Resource(CLIP, etag=f'"{KEY}"', needs_key=True))
    stage.answer(json_reply(body, X_Goog_Api_Key=KEY))


def withheld(stage: Stage) -> None:
    stage.answer(json_reply({"done": True, "response": {"raiMediaFilteredReasons": [f"prompt of {KEY}"]}}))


def failed(stage: Stage) -> None:
    stage.answer(
        json_reply({"name": "operations/op1", "done": True, "error": {"code": KEY, "message": f"no {KEY}"}})
    )


def empty(stage: Stage) -> None:
    stage.answer(json_reply({"name": f"operations/{KEY}", "done": True}))


def another_vendor(stage: Stage) -> None:
    stage.answer(json_reply({"status": "completed", "url": stage.signed, "key": KEY}))


def polls(*answers: Fault) -> Callable[[Stage], None]:
    return lambda stage: stage.answer(*answers, running())


def downloads(*answers: Fault) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        stage.server.reply(FILE, refused(403, "gone"), *answers, needs_key=True)
        stage.answer(finished(stage.signed))

    return arrange


def redirects(target: str) -> Callable[[Stage], None]:
    return lambda stage: stage.answer(
        redirect(target.format(server=stage.server.origin, other=stage.other.origin))
    )


LIVES: dict[str, tuple[Callable[[Stage], None], str]] = {
    "success": (success, "succeeded"),
    "success by a redirect to another host": (success_by_redirect, "succeeded"),
    "success on another host": (success_on_another_host, "succeeded"),
    "success after faults": (success_after_faults, "succeeded"),
    "success with echoes": (success_with_echoes, "succeeded"),
    "withheld": (withheld, "filtered"),
    "failed": (failed, "failed"),
    "empty": (empty, "empty"),
    "another vendor's job": (another_vendor, "failed"),
    "timed out": (polls(running()), "timed_out"),
    **{f"HTTP {status}": (polls(echo(status)), "failed") for status in (400, 401, 403, 404, 429, 500)},
    "content policy": (polls(refused(503, f"Content policy violation by {KEY}")), "filtered"),
    "dropped": (polls(Drop()), "failed"),
    "reset": (polls(Reset(20)), "failed"),
    "cut off": (polls(Reply(200, f'{{"echo": "{KEY}", "name": "oper'.encode())), "failed"),
    "not HTTP": (polls(Garbage(KEY.encode() + b"\r\n\r\n")), "failed"),
    "broken header": (polls(Garbage(f"HTTP/1.1 500 {KEY}\r\nno colon {KEY}\r\n\r\n".encode())), "failed"),
    "sign-in page": (polls(Reply(200, f"<html>{KEY}".encode(), (), "text/html")), "failed"),
    "echo of a text": (polls(Reply(418, f"plain {KEY}".encode(), (), "text/plain")), "failed"),
    "nested too deep": (polls(Reply(200, b"[" * 100_000 + KEY.encode())), "failed"),
    "redirect loop": (redirects(f"?sig={SIGNATURE}"), "failed"),
    "redirect to plain http": (redirects(f"http://videos.example/?sig={SIGNATURE}"), "failed"),
    "redirect with the key": (redirects(f"{{other}}/?key={KEY}&sig={SIGNATURE}"), "failed"),
    "redirect to nowhere": (redirects(f"https://[::1/?sig={SIGNATURE}"), "failed"),
    "redirect to a dead proxy": (redirects(f"https://videos.example/?sig={SIGNATURE}"), "failed"),
    "expired file": (downloads(echo(403)), "failed"),
    "refused file": (downloads(echo(401)), "failed"),
    "JSON for a file": (
        downloads(json_reply({"error": {"message": f"{KEY} https://h/?sig={SIGNATURE}"}})),
        "failed",
    ),
    "file that loops": (downloads(redirect(f"?sig={SIGNATURE}")), "failed"),
    "file that is none": (downloads(Reply(200, KEY.encode(), (), "video/mp4")), "failed"),
}


def look_at(watch: Watch) -> Iterator[object]:
    """Everything that a watch and its widget show."""
    state = watch.state
    with contextlib.ExitStack() as stack:
        widget = OperationWidget(watch)
        stack.callback(lambda: shared_publisher().join(5))
        stack.callback(widget.close)
        raised: BaseException | None = None
        for wait in (
            lambda: widget.result(10),
            lambda: widget.save("/nowhere/x.mp4"),
            lambda: widget.exception(10),
        ):
            try:
                yield wait()
            except (RushesError, TypeError) as error:
                raised = error
                yield error
        assert raised is not None, "an error is always among them: of the watch, or of the place to save"
        until(lambda: widget.done)
        yield from (widget, widget.get_state(), widget.snapshot, widget.status, widget.error, widget.videos)
        yield from (
            widget.operation and repr(widget.operation),
            widget._repr_mimebundle_(),
            widget.trait_values(),
            rushes.report(widget),
            take_details(watch),
        )
    yield from (watch, state, state.error, state.videos, watch.key_source, watch.reference, watch.provider)
    yield from (repr(state.operation), str(state.operation), pickle.dumps(state.operation), watch.notice)
    yield from (watch.future, watch.future.exception(), recent(), [entry.name for entry in recent()])


def search(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], *places: object
) -> None:
    """None of the three stands anywhere, and the key went to its own host alone."""
    printed = capfd.readouterr()
    records = [{**vars(record), "text": record.getMessage()} for record in caplog.records]
    everywhere = (*places, *stage.seen, caplog.text, records, printed.out, printed.err, stage.data_directory)
    texts = canary.gather(*everywhere)
    assert canary.find_in(PASSWORD, texts) == []
    assert canary.find_in(KEY, texts) == []
    # `vars` of an operation and its videos hold the address, as `video.uri` does.
    assert [found for found in canary.find_in(SIGNATURE, texts) if not found.startswith("vars of")] == []
    for request in stage.other.requests:
        assert KEY not in str(request)
        assert "key" not in str(request).lower()


@pytest.mark.parametrize("life", LIVES)
def test_a_whole_life_shows_no_canary(
    life: str, stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    arrange, status = LIVES[life]
    arrange(stage)
    watch = stage.watch(timeout=10 if status == "succeeded" else 0, label="my label")
    state = ended(watch)
    assert state.status == status, state.error
    places = list(look_at(watch))
    search(stage, caplog, capfd, *places)
    assert stage.data_directory.exists()
    assert any(request.key == KEY for request in stage.server.requests), "the key was really under way"


def test_a_stopped_watch_shows_no_canary(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    stage.answer(Stall(), running())
    watch = stage.watch(timeout=60)
    until(lambda: stage.server.requests)
    watch.stop()
    assert ended(watch).status == "stopped"
    search(stage, caplog, capfd, *look_at(watch))


@pytest.mark.parametrize("way", ["page", "resume"])
def test_a_key_entered_later_shows_nowhere(
    way: str, stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    success(stage)
    watch = stage.watch(api_key="a-wrong-key-0123456789", timeout=10)
    assert ended(watch).needs_key
    widget = OperationWidget(watch)
    try:
        if way == "page":
            widget._handle_custom_msg({"type": "key", "id": 1, "key": KEY}, [])
        else:
            widget.resume(api_key=KEY)
        until(lambda: widget.status == "succeeded")
        stage.seen += [widget, widget.get_state(), widget._repr_mimebundle_()]
    finally:
        widget.close()
        shared_publisher().join(5)
    search(stage, caplog, capfd, *look_at(watch))


def test_a_key_in_the_environment_shows_nowhere_but_there(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GPTPROTO_API_KEY", KEY)
    monkeypatch.setenv("GPTPROTO_BASE_URL", stage.server.origin)
    success(stage)
    watch = stage.watch(api_key=None, base_url=None, timeout=10)
    assert ended(watch).status == "succeeded"
    assert watch.key_source == "GPTPROTO_API_KEY in the environment"
    search(stage, caplog, capfd, *look_at(watch))


CALLS: dict[str, Callable[[Stage], object]] = {
    "name that cannot be meant": lambda stage: rushes.watch("ve o", "op1", api_key=KEY),
    "no model": lambda stage: rushes.watch("operations/op1", api_key=KEY),
    "contradiction": lambda stage: rushes.watch(
        *PLACE, api_key=KEY, provider="google", base_url=stage.server.origin + "x"
    ),
    "unknown provider": lambda stage: rushes.watch(*PLACE, api_key=KEY, provider="nobody"),
    "timeout that is none": lambda stage: rushes.watch(*PLACE, api_key=KEY, timeout=-1),
    "label that is none": lambda stage: rushes.watch(*PLACE, api_key=KEY, label=3),  # type: ignore[arg-type]
    "place that cannot be": lambda stage: rushes.watch(*PLACE, api_key=KEY, save_to="/nowhere/x/y.mp4"),
    "client, unknown provider": lambda stage: rushes.Client(api_key=KEY, provider="nobody"),
    "client, broken key": lambda stage: rushes.Client(api_key=KEY + "\r\n x"),
    "client, key of another form": lambda stage: rushes.Client(api_key="AIza" + KEY, provider="gptproto"),
    "client, refused": lambda stage: client(stage, echo(401)).get(*PLACE),
    "client, unreadable": lambda stage: client(stage, json_reply({"url": stage.signed, "key": KEY})).get(
        *PLACE
    ),
    "client, not JSON": lambda stage: client(stage, Reply(200, f"{KEY} {stage.signed}".encode())).get(*PLACE),
    "client, dropped": lambda stage: client(stage, Drop()).get(*PLACE),
    "client, wait": lambda stage: client(stage, echo(403)).wait(*PLACE, timeout=0),
    "client, wait too short": lambda stage: client(stage, running()).wait(*PLACE, timeout=0),
    "client, another endpoint": lambda stage: client(stage).get(f"https://h/v1beta/{NAME}"),
    "client, file refused": lambda stage: fetched(stage, echo(403)),
    "client, file unreadable": lambda stage: fetched(
        stage, redirect(f"http://videos.example/?sig={SIGNATURE}")
    ),
    "client, nowhere to save": lambda stage: client(stage, running()).download(
        rushes.Video(uri=stage.signed), "/no/x.mp4"
    ),
    "client, pickled": lambda stage: pickle.dumps(client(stage, running())),
    "video, not here": lambda stage: rushes.Video(uri=stage.signed).data,
    "secret, pickled": lambda stage: pickle.dumps(find_credentials(secret=Secret(KEY))),
    "transport, refused": lambda stage: Transport(
        find_credentials(secret=Secret(KEY)).provider, Secret(KEY)
    ).open(f"http://videos.example/?sig={SIGNATURE}"),
}


def client(stage: Stage, *answers: Fault) -> rushes.Client:
    stage.answer(*answers, running())
    return rushes.Client(api_key=KEY, base_url=stage.server.origin)


def fetched(stage: Stage, *answers: Fault) -> Path:
    stage.server.reply(FILE, refused(403, "gone"), *answers, needs_key=True)
    with client(stage, running()) as reader:
        return reader.download(rushes.Video(uri=stage.signed), stage.data_directory.parent / "x.mp4")


@pytest.mark.parametrize("call", CALLS)
def test_no_error_of_the_public_interface_shows_a_canary(
    call: str, stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((RushesError, TypeError)) as caught:
        CALLS[call](stage)
    assert canary.verbose_traceback(caught.value), "frames of rushes are among those printed"
    assert canary.find(SIGNATURE, caught.value) == []
    search(stage, caplog, capfd, caught.value)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="interrupts as POSIX does")
@pytest.mark.parametrize("during", ["poll", "wait", "download", "rest of a download"])
def test_an_interrupt_in_the_middle_shows_no_canary(
    during: str, stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    stage.server.serve(
        FILE, Resource(CLIP, needs_key=True), Stall(500 if during.startswith("rest") else None)
    )
    stage.answer(Stall(), running())
    path = stage.data_directory.parent / "x.mp4"
    with rushes.Client(api_key=KEY, base_url=stage.server.origin) as reader:
        calls: dict[str, Callable[[], object]] = {
            "poll": lambda: reader.get(*PLACE),
            "wait": lambda: reader.wait(*PLACE),
            "download": lambda: reader.download(rushes.Video(uri=stage.signed), path),
            "rest of a download": lambda: reader.download(rushes.Video(uri=stage.signed), path),
        }
        with interrupted_while_reading(), pytest.raises(KeyboardInterrupt) as caught:
            calls[during]()
    assert canary.verbose_traceback(caught.value)
    search(stage, caplog, capfd, caught.value)


def test_every_public_object_prints_without_a_canary(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    success(stage)
    credentials = find_credentials(secret=Secret(KEY), base_url=stage.server.origin)
    with rushes.Client(api_key=KEY, base_url=stage.server.origin) as reader:
        operation = reader.wait(*PLACE)
        video = operation.videos[0]
        path = reader.download(video, stage.data_directory.parent / "clip.mp4")
        places = [
            reader,
            reader.transport,
            reader.provider,
            credentials,
            vars(reader),
            vars(reader.transport),
        ]
        places += [repr(operation), str(operation), repr(video), str(video), repr(video.with_path(path))]
        places += [pickle.dumps(operation), pickle.dumps(video), path.parent]
        search(stage, caplog, capfd, *places)
    assert video.uri == stage.signed, "the user can still get at the address"


@pytest.mark.parametrize(
    "hidden", ["text", "context", "attribute", "local", "log", "file", "name", "pickle", "encoded"]
)
def test_the_search_finds_what_is_there(hidden: str, tmp_path: Path) -> None:
    """A search that cannot find proves nothing."""
    (tmp_path / "name-canary").touch()
    (tmp_path / "file").write_bytes(b"\x00canary\x00")
    error = RuntimeError("text canary")
    with contextlib.suppress(ValueError):
        try:
            raise KeyError("canary")
        except KeyError:
            raise ValueError("other") from None
    attribute = RuntimeError("x")
    attribute.inside = ["canary"]  # type: ignore[attr-defined]
    held = None
    try:
        json.loads("canary")
    except ValueError as found:
        held = found
    context = RuntimeError("x")
    context.__context__ = error
    places: dict[str, object] = {
        "text": error,
        "context": context,
        "attribute": attribute,
        "local": held,
        "log": {"record": ("canary",)},
        "file": tmp_path / "file",
        "name": tmp_path,
        "pickle": {"deep": [("canary",)]},
        "encoded": "Y2FuYXJ5",
    }
    assert canary.find("canary", places[hidden])
    assert canary.find("not there", places[hidden]) == []
