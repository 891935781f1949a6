"""A watch that a test moves by hand, a comm that writes down what is sent, and a widget on both."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ipykernel.comm import Comm

from rushes.credentials import Secret
from rushes.errors import WatchStoppedError
from rushes.operation import Video
from rushes.provider import GPTPROTO, Provider
from rushes.reference import Reference
from rushes.watch_state import SampleState, WatchState
from rushes.watching import Watch
from rushes.widget import OperationWidget

RUNNING = WatchState(status="running", attempt=1, started_at=1_700_000_000.0)
STOPPED = replace(RUNNING, status="stopped", ended_at=1_700_000_060.0, error=WatchStoppedError())


class FakeWatch(Watch):
    """Has a watch's outside; its state is what the test last gave to `move`."""

    def __init__(self, state: WatchState = RUNNING) -> None:
        self.reference = Reference("veo-3.1", "op1")
        self.label = None
        self.notice = None
        self.now = state
        self.calls: list[str] = []
        self.resume_error: Exception | None = None
        self.refused: list[Exception] = []
        self.secrets: list[Secret | None] = []
        self.outcome: Future[tuple[Video, ...]] = Future()
        self.listeners: list[Callable[[], None]] = []
        self.callbacks: list[Callable[[Watch], object]] = []
        self.jobs: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        threading.Thread(target=self._notify_all, name="fake-notifier", daemon=True).start()

    @property
    def provider(self) -> Provider:
        return GPTPROTO

    @property
    def key_source(self) -> str:
        return "GPTPROTO_API_KEY in the environment"

    @property
    def state(self) -> WatchState:
        return self.now

    @property
    def future(self) -> Future[tuple[Video, ...]]:
        return self.outcome

    def move(self, state: WatchState) -> None:
        """Take on this state, and settle the outcome if it is final."""
        if self.outcome.done() and not state.done:
            self.outcome = Future()
        self.now = state
        if state.done and not self.outcome.done():
            if state.error is not None:
                self.outcome.set_exception(state.error)
            else:
                self.outcome.set_result(state.videos)
        for listener in self.listeners:
            listener()
        if state.done:
            for callback in self.callbacks:
                self.notify(lambda callback=callback: callback(self))  # type: ignore[misc]

    def stop(self) -> None:
        self.calls.append("stop")

    def resume(self, secret: Secret | None = None) -> None:
        self.calls.append("resume")
        self.secrets.append(secret)
        if self.resume_error is not None:
            raise self.resume_error

    def refuse(self, error: Exception) -> None:
        self.refused.append(error)

    def file_missing(self, path: Path, generation: int) -> None:
        self.calls.append(f"{path.name} of generation {generation} is missing")

    def close(self) -> None:
        self.calls.append("close")

    def subscribe(self, listener: Callable[[], None]) -> None:
        self.listeners.append(listener)

    def add_done_callback(self, fn: Callable[[Watch], object]) -> None:
        self.callbacks.append(fn)

    def notify(self, fn: Callable[[], object]) -> None:
        self.jobs.put(fn)

    def _notify_all(self) -> None:
        while True:
            self.jobs.get()()


class RecordingComm:
    """What ipywidgets needs of a comm."""

    kernel = True

    @property
    def __class__(self) -> type:
        return Comm  # ipywidgets 7 takes nothing else for a comm, and asks with isinstance

    def __init__(self) -> None:
        self.comm_id = "comm-1"
        self.sent: list[dict[str, Any]] = []
        self.senders: set[str] = set()
        self.closed = False
        self._closed = False  # as the host sees it
        self.broken = False

    def send(self, data: dict[str, Any] | None = None, metadata: object = None, buffers: Any = None) -> None:
        if self.broken:
            raise RuntimeError("the comm is closed")
        self.senders.add(threading.current_thread().name)
        self.sent.append({**(data or {}), "buffers": list(buffers or ())})

    def close(self, *args: object, **kwargs: object) -> None:
        self.closed = True

    def on_msg(self, callback: Callable[[dict[str, Any]], None] | None) -> None:
        self.deliver = callback

    def on_close(self, callback: object) -> None:
        pass

    def message_from_page(self, content: object) -> None:
        """Hand a custom message to the widget, as the kernel does."""
        self.from_page({"method": "custom", "content": content})

    def from_page(self, data: dict[str, Any]) -> None:
        """Hand anything to the widget, as the kernel does."""
        assert self.deliver is not None
        self.deliver({"content": {"data": data}, "buffers": []})

    def customs(self, kind: str) -> list[dict[str, Any]]:
        """The custom messages of one type, each with its buffers."""
        return [
            {**message["content"], "buffers": message["buffers"]}
            for message in list(self.sent)
            if message["method"] == "custom" and message["content"]["type"] == kind
        ]

    def updates(self, trait: str) -> list[Any]:
        """The values sent for one trait."""
        return [
            message["state"][trait]
            for message in list(self.sent)
            if message["method"] == "update" and trait in message["state"]
        ]


def finished(path: Path, data: bytes = b"x" * 10, count: int = 1) -> WatchState:
    """A success whose files all hold `data`."""
    paths = [path / f"sample-{number}.mp4" for number in range(1, count + 1)]
    for file in paths:
        file.write_bytes(data)
    return replace(
        RUNNING,
        status="succeeded",
        polls=3,
        finished_at=1_700_000_060.0,
        ended_at=1_700_000_061.0,
        videos=tuple(Video("https://host/file", path=file) for file in paths),
        samples=tuple(SampleState("ready", 0, len(data), len(data), file) for file in paths),
    )


def made(
    watch: FakeWatch, comm: RecordingComm, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> OperationWidget:
    def open_comm(self: OperationWidget) -> None:
        self.comm = comm
        comm.sent.append({"method": "update", "state": self.get_state(), "buffers": []})

    monkeypatch.setattr(OperationWidget, "open", open_comm)
    return OperationWidget(watch, **options)
