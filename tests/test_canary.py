"""Whole lives of a watch with canaries for secrets, and a search through everything that can be seen of them."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterator

import pytest
from canary_stage import CLIP, FILE, KEY, NAME, SIGNATURE, Stage, echo, search, success
from faults import (
    Drop,
    Fault,
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
from live_watches import ended
from timing import wait_until

import rushes
from rushes.details import take_details
from rushes.errors import RushesError
from rushes.ledger import recent
from rushes.publisher import shared_publisher
from rushes.watching import Watch
from rushes.widget import OperationWidget

pytest_plugins = ("canary_fixtures",)


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
        wait_until(lambda: widget.done)
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
    wait_until(lambda: stage.server.requests)
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
        wait_until(lambda: widget.status == "succeeded")
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
