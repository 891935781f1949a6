"""A card without an operation: what was typed into its form, and what comes of it."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_watch import RecordingComm
from live_watches import LIMIT_S, live_watches
from timing import wait_until

from rushes import demo_endpoint
from rushes.embedded.endpoint import DEMO_MODEL, DemoEndpoint
from rushes.errors import InvalidInputError, SaveError
from rushes.publisher import shared_publisher
from rushes.store import Store
from rushes.widget import OperationWidget

KEY = "canary-key"
numbers = itertools.count(1)


@pytest.fixture
def endpoint() -> Iterator[DemoEndpoint]:
    with demo_endpoint(seconds=0, api_key=KEY) as endpoint:
        yield endpoint


@pytest.fixture
def comm() -> RecordingComm:
    return RecordingComm()


@pytest.fixture
def widget(comm: RecordingComm, monkeypatch: pytest.MonkeyPatch) -> Iterator[OperationWidget]:
    def open_comm(self: OperationWidget) -> None:
        self.comm = comm
        comm.sent.append({"method": "update", "state": self.get_state(), "buffers": []})

    monkeypatch.setattr(OperationWidget, "open", open_comm)
    with live_watches(monkeypatch):
        widget = OperationWidget()
        yield widget
        widget.close()
        shared_publisher().join(5)


@pytest.fixture
def submit(comm: RecordingComm) -> Callable[..., int]:
    """Sends what was typed, as the page does, and waits until the kernel has taken it."""

    def send(model_name: str = "", operation_id: str = "", key: str = "") -> int:
        number = next(numbers)
        comm.message_from_page(
            {
                "type": "watch",
                "id": number,
                "model_name": model_name,
                "operation_id": operation_id,
                "key": key,
            }
        )
        wait_until(lambda: any(ack["id"] == number for ack in comm.customs("ack")))
        return number

    return send


def error_of(widget: OperationWidget, request: int) -> Any:
    """The answer to this request, once the page has it."""
    wait_until(lambda: (widget.snapshot["form"]["error"] or {}).get("request") == request)
    return widget.snapshot["form"]["error"]


def url_of(endpoint: DemoEndpoint, **options: Any) -> str:
    return f"{endpoint.base_url}/v1beta/{endpoint.create_operation(**options)}"


# Idle.


def test_a_widget_without_an_operation_is_idle_and_shows_a_form(widget: OperationWidget) -> None:
    assert (widget.status, widget.done, widget.model_name, widget.operation_id) == ("idle", False, "", "")
    assert (widget.operation, widget.videos, widget.error) == (None, (), None)
    assert repr(widget) == "<OperationWidget: idle>"
    form = widget.snapshot["form"]
    assert DEMO_MODEL in form["model_names"]
    assert (form["has_key"], form["error"]) == (False, None)


def test_waiting_for_an_operation_that_nobody_named_is_refused_at_once(widget: OperationWidget) -> None:
    async def wait() -> None:
        await widget

    for ask in (widget.result, widget.exception, lambda: asyncio.run(wait())):
        with pytest.raises(InvalidInputError, match="Nothing is watched yet"):
            ask()
    with pytest.raises(SaveError, match="the watch is idle"):
        widget.save("clip.mp4")


def test_stop_and_resume_mean_nothing_yet(
    widget: OperationWidget, endpoint: DemoEndpoint, submit: Callable[..., int]
) -> None:
    widget.stop()
    widget.resume()
    submit("", url_of(endpoint), KEY)
    assert len(widget.result(LIMIT_S)) == 1


def test_what_a_saved_notebook_says_of_a_form_stays_true(widget: OperationWidget) -> None:
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["text/plain"] == "A form that asks for a video operation; run the cell to use it."
    assert bundle[0]["text/plain"] in bundle[0]["text/html"]


# Watching.


def test_a_pasted_url_is_split_and_the_same_widget_becomes_the_watch(
    widget: OperationWidget, endpoint: DemoEndpoint, comm: RecordingComm, submit: Callable[..., int]
) -> None:
    ended: list[OperationWidget] = []
    widget.add_done_callback(ended.append)
    url = url_of(endpoint, model_name="veo-3.0-generate-001")
    submit("", f" {url} ", KEY)
    wait_until(lambda: widget.status != "idle")
    assert (widget.model_name, widget.operation_id) == ("veo-3.0-generate-001", url.rpartition("/")[2])
    [video] = widget.result(LIMIT_S)
    assert video.path is not None
    assert widget.status == "succeeded"
    wait_until(lambda: ended == [widget])
    snapshot = widget.snapshot
    assert (snapshot["form"], snapshot["model_name"]) == (None, "veo-3.0-generate-001")
    statuses = comm.updates("status")
    assert (statuses[0], statuses[-1]) == ("idle", "succeeded")


def test_a_name_in_the_first_field_alone_is_split_too(
    widget: OperationWidget, endpoint: DemoEndpoint, submit: Callable[..., int]
) -> None:
    submit(url_of(endpoint), "", KEY)
    assert len(widget.result(LIMIT_S)) == 1


def test_a_model_and_an_id_are_watched_at_the_provider_of_the_key(
    widget: OperationWidget,
    endpoint: DemoEndpoint,
    submit: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GPTPROTO_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("GPTPROTO_API_KEY", KEY)
    submit(DEMO_MODEL, endpoint.create_operation().rpartition("/")[2])
    assert len(widget.result(LIMIT_S)) == 1
    assert widget.snapshot["key_source"] == "GPTPROTO_API_KEY in the environment"


def test_a_video_that_is_here_already_is_shown_without_a_request_and_says_so(
    widget: OperationWidget, endpoint: DemoEndpoint, submit: Callable[..., int]
) -> None:
    url = url_of(endpoint)
    submit("", url, KEY)
    widget.result(LIMIT_S)
    again = OperationWidget()
    again._page.handle({"type": "watch", "id": 1, "model_name": "", "operation_id": url, "key": KEY})
    wait_until(lambda: again.status == "succeeded")
    assert again.snapshot["notice"] == "kept on this machine, nothing was asked for"
    assert again.snapshot["polls"]["count"] == 0
    again.close()


def test_a_key_that_the_endpoint_refuses_is_asked_for_on_the_card(
    widget: OperationWidget, endpoint: DemoEndpoint, comm: RecordingComm, submit: Callable[..., int]
) -> None:
    submit("", url_of(endpoint), "another-key")
    wait_until(lambda: widget.status == "failed")
    assert widget.snapshot["needs_key"]
    comm.message_from_page({"type": "key", "id": next(numbers), "key": KEY})
    wait_until(lambda: widget.status == "succeeded")


def test_the_form_is_filled_in_once(
    widget: OperationWidget, endpoint: DemoEndpoint, submit: Callable[..., int]
) -> None:
    first, second = url_of(endpoint), url_of(endpoint)
    submit("", first, KEY)
    submit("", second, KEY)
    widget.result(LIMIT_S)
    assert widget.operation_id == first.rpartition("/")[2]


# Errors, at the field that they belong to.


@pytest.mark.parametrize(
    ("model_name", "operation_id", "field", "message"),
    [
        ("", "", "model_name", "The model name is empty."),
        ("", "mg3pt9cbmvr1", "model_name", "The model name is empty."),
        ("veo 3", "mg3pt9cbmvr1", "model_name", "The model name has ' ' in it, which none has."),
        ("", "operations/mg3pt9cbmvr1", "model_name", "'operations/mg3pt9cbmvr1' names no model."),
        ("veo-2", "models/veo-3/operations/x", "model_name", "The operation's name has another model in it."),
        ("veo-3", " ", "operation_id", "The operation ID is empty."),
        ("veo-3", "../x", "operation_id", "The operation ID has '..' in it."),
        (
            "veo-3",
            "sk-canary0123456789canary",
            "operation_id",
            "An API key stands where the operation ID belongs.",
        ),
        ("models/veo-3/operations/", "", "operation_id", "The operation ID is empty."),
        ("", "https://example.com/video.mp4", "operation_id", "The URL is not an operation's."),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_field(
    widget: OperationWidget,
    submit: Callable[..., int],
    model_name: str,
    operation_id: str,
    field: str,
    message: str,
) -> None:
    request = submit(model_name, operation_id, KEY)
    assert error_of(widget, request) == {"request": request, "field": field, "message": message}
    assert widget.status == "idle"


def test_a_missing_key_is_told_at_its_field_with_the_places_looked_at(
    widget: OperationWidget, submit: Callable[..., int]
) -> None:
    request = submit("veo-3", "mg3pt9cbmvr1")
    error = error_of(widget, request)
    assert error["field"] == "key"
    assert error["message"].startswith("There is no API key. Looked at: GPTPROTO_API_KEY in the environment")


@pytest.mark.parametrize("key", ["two words", "AIza-of-google"])
def test_a_key_that_cannot_be_used_is_told_at_its_field_and_forgotten(
    widget: OperationWidget, submit: Callable[..., int], key: str
) -> None:
    request = submit("", "https://api.gptproto.com/v1beta/models/veo-3/operations/x", key)
    error = error_of(widget, request)
    assert error["field"] == "key"
    assert key not in error["message"]
    assert not widget.snapshot["form"]["has_key"]


def test_a_key_beside_a_name_that_cannot_be_meant_is_kept_for_the_next_try(
    widget: OperationWidget, endpoint: DemoEndpoint, submit: Callable[..., int]
) -> None:
    error_of(widget, submit("", "a b", KEY))
    assert widget.snapshot["form"]["has_key"]
    submit("", url_of(endpoint))
    assert len(widget.result(LIMIT_S)) == 1


def test_a_key_from_the_form_shows_nowhere(
    widget: OperationWidget,
    endpoint: DemoEndpoint,
    comm: RecordingComm,
    submit: Callable[..., int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    error_of(widget, submit("", "a b", KEY))
    told = [repr((vars(widget), vars(widget._page), widget.get_state()))]
    submit("", url_of(endpoint), KEY)
    widget.result(LIMIT_S)
    told += [repr((vars(widget), vars(widget._watch), widget.get_state(), comm.sent)), caplog.text]
    assert KEY not in "".join(told)


# Where it happens.


def test_the_handler_waits_for_no_disk(
    widget: OperationWidget,
    endpoint: DemoEndpoint,
    submit: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()
    readers: list[str] = []
    finished = Store.finished

    def slow(self: Store, key: Any) -> Any:
        readers.append(threading.current_thread().name)
        assert release.wait(LIMIT_S)
        return finished(self, key)

    monkeypatch.setattr(Store, "finished", slow)
    submit("", url_of(endpoint), KEY)
    wait_until(lambda: widget.status == "running")
    release.set()
    widget.result(LIMIT_S)
    assert readers
    assert threading.main_thread().name not in readers


def test_colabs_secrets_are_read_in_the_thread_that_may(
    widget: OperationWidget,
    endpoint: DemoEndpoint,
    submit: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readers: list[threading.Thread] = []

    def get(name: str) -> str:
        readers.append(threading.current_thread())
        return KEY

    userdata = types.SimpleNamespace(get=get)
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(userdata=userdata))
    monkeypatch.setenv("GPTPROTO_BASE_URL", endpoint.base_url)
    submit(DEMO_MODEL, endpoint.create_operation().rpartition("/")[2])
    assert len(widget.result(LIMIT_S)) == 1
    assert readers == [threading.main_thread()]
