"""Waiting for the outcome: in a cell, in a callback, with await, and in plain Python."""

from __future__ import annotations

import asyncio
import threading
import traceback
from pathlib import Path

import pytest
from fake_watch import STOPPED, FakeWatch, finished
from timing import wait_until

import rushes
from rushes.errors import InvalidInputError, WatchStoppedError
from rushes.operation import Video
from rushes.widget import OperationWidget

pytest_plugins = ("widget_fixtures",)


# Waiting.


def test_result_returns_the_videos_and_the_status_is_final_then(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path
) -> None:
    final = finished(tmp_path)
    threading.Timer(0.05, watch.move, [final]).start()
    assert widget.result(timeout=5) == final.videos
    assert (widget.status, widget.done) == ("succeeded", True)


def test_result_raises_what_ended_the_watch_and_exception_returns_it(
    widget: OperationWidget, watch: FakeWatch
) -> None:
    watch.move(STOPPED)
    with pytest.raises(WatchStoppedError):
        widget.result()
    assert widget.exception() is STOPPED.error
    assert widget.status == "stopped"


def test_a_result_that_is_asked_for_again_has_a_traceback_of_its_own(
    widget: OperationWidget, watch: FakeWatch
) -> None:
    watch.move(STOPPED)
    frames = []
    for _ in range(3):
        with pytest.raises(WatchStoppedError) as raised:
            widget.result()
        frames.append(len(raised.traceback))
    assert frames == [frames[0]] * 3


def test_a_timeout_of_the_caller_is_the_built_in_one_and_ends_nothing(
    widget: OperationWidget, watch: FakeWatch
) -> None:
    with pytest.raises(TimeoutError, match=r"op1 is not finished after 0\.01 s; the watch goes on"):
        widget.result(timeout=0.01)
    with pytest.raises(TimeoutError):
        widget.exception(timeout=0)
    assert watch.calls == []
    assert not widget.done


def test_result_works_inside_an_observer_and_a_callback(widget: OperationWidget, watch: FakeWatch) -> None:
    seen: list[object] = []
    widget.observe(lambda change: seen.append(type(widget.exception(timeout=5))), "status")
    widget.add_done_callback(lambda same: seen.append(type(same.exception(timeout=5))))
    watch.move(STOPPED)
    wait_until(lambda: len(seen) == 2)
    assert seen == [WatchStoppedError, WatchStoppedError]


def test_a_callback_gets_the_widget_with_its_final_status(widget: OperationWidget, watch: FakeWatch) -> None:
    seen: list[tuple[bool, str, str]] = []
    widget.add_done_callback(
        lambda same: seen.append((same is widget, same.status, threading.current_thread().name))
    )
    watch.move(STOPPED)
    wait_until(lambda: seen)
    assert seen == [(True, "stopped", "fake-notifier")]


def test_await_gives_what_result_gives(widget: OperationWidget, watch: FakeWatch, tmp_path: Path) -> None:
    final = finished(tmp_path)

    async def cell() -> tuple[tuple[Video, ...], str]:
        threading.Timer(0.05, watch.move, [final]).start()
        return await widget, widget.status

    assert asyncio.run(cell()) == (final.videos, "succeeded")


def test_cancelling_an_await_never_ends_the_watch(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path
) -> None:
    async def cell() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(wait(), 0.01)

    async def wait() -> object:
        return await widget

    asyncio.run(cell())
    assert not watch.outcome.cancelled()
    watch.move(finished(tmp_path))
    assert len(widget.result(timeout=5)) == 1


def test_a_closed_widget_says_that_it_is_done_when_its_watch_is(
    widget: OperationWidget, watch: FakeWatch
) -> None:
    widget.close()
    watch.move(STOPPED)
    assert widget.done
    assert isinstance(widget.exception(timeout=1), WatchStoppedError)


# Watching for real, without a kernel or a page.


def test_in_plain_python_the_handle_works_without_a_page() -> None:
    widget = rushes.demo(seconds=0.1)
    [video] = widget.result(timeout=20)
    assert (widget.status, widget.done, video.path is not None) == ("succeeded", True, True)
    assert widget.snapshot["samples"][0]["state"] == "ready"
    widget.close()


def test_a_second_widget_of_the_same_operation_shows_the_same_and_closes_alone() -> None:
    with rushes.demo_endpoint(seconds=60) as endpoint:
        name = endpoint.create_operation()
        first, second = (
            rushes.watch(name, base_url=endpoint.base_url, api_key=endpoint.api_key) for _ in range(2)
        )
        wait_until(lambda: first.snapshot["polls"]["count"] and second.snapshot["polls"]["count"])
        first.close()
        second.stop()
        assert isinstance(second.exception(timeout=5), WatchStoppedError)
        second.close()


def test_a_refused_call_keeps_the_key_in_no_frame_of_ours() -> None:
    with pytest.raises(InvalidInputError) as refused:
        rushes.watch("veo/../3.1", "op1", api_key="canary-key")
    frames = [frame for frame, _ in traceback.walk_tb(refused.tb)]
    ours = [
        repr(frame.f_locals) for frame in frames if Path(frame.f_code.co_filename).parent.name == "rushes"
    ]
    assert ours
    assert not [shown for shown in ours if "canary-key" in shown]
