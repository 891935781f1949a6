from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import traitlets
from fake_watch import RUNNING, FakeWatch, RecordingComm, wait_until

import rushes
from rushes.errors import InvalidInputError, NoVideoError, SaveError, WatchStoppedError
from rushes.operation import Video
from rushes.publisher import shared_publisher
from rushes.transfer import CHUNK_BYTES
from rushes.watch_state import SampleState, WatchState
from rushes.widget import OperationWidget

STOPPED = replace(RUNNING, status="stopped", ended_at=1_700_000_060.0, error=WatchStoppedError())


@pytest.fixture
def watch() -> FakeWatch:
    return FakeWatch()


@pytest.fixture
def comm() -> RecordingComm:
    return RecordingComm()


@pytest.fixture
def widget(
    watch: FakeWatch, comm: RecordingComm, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OperationWidget]:
    widget = made(watch, comm, monkeypatch)
    yield widget
    widget.close()
    shared_publisher().join(5)


def made(
    watch: FakeWatch, comm: RecordingComm, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> OperationWidget:
    def open_comm(self: OperationWidget) -> None:
        self.comm = comm
        comm.sent.append({"method": "update", "state": self.get_state(), "buffers": []})

    monkeypatch.setattr(OperationWidget, "open", open_comm)
    return OperationWidget(watch, **options)


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


# What it says.


def test_the_page_starts_with_the_state_of_the_moment(widget: OperationWidget, comm: RecordingComm) -> None:
    first = comm.sent[0]["state"]
    assert (first["status"], first["snapshot"]["operation_id"]) == ("running", "op1")
    assert first["snapshot"]["provider"] == "GPTProto"


def test_each_change_reaches_the_page_status_last(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    watch.move(STOPPED)
    wait_until(lambda: comm.updates("status")[-1] == "stopped")
    order = [next(iter(message["state"])) for message in comm.sent[1:] if message["method"] == "update"]
    assert order[-2:] == ["snapshot", "status"]
    versions = [snapshot["version"] for snapshot in comm.updates("snapshot")]
    assert versions == sorted(set(versions))


def test_all_sending_happens_on_the_publisher_s_thread(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    comm.message_from_page({"type": "sync"})
    watch.move(STOPPED)
    wait_until(lambda: comm.customs("state") and comm.updates("status")[-1] == "stopped")
    assert comm.senders == {"rushes-publisher"}


def test_a_poll_that_changes_nothing_is_not_sent(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    watch.move(RUNNING)
    watch.move(replace(RUNNING, polls=1))
    wait_until(lambda: comm.updates("snapshot")[-1]["polls"]["count"] == 1)
    assert len(comm.updates("snapshot")) == 2


def test_done_means_that_the_status_is_final_too(widget: OperationWidget, watch: FakeWatch) -> None:
    assert not widget.done
    watch.move(STOPPED)
    wait_until(lambda: widget.done)
    assert widget.status == "stopped"
    watch.move(replace(RUNNING, attempt=2))
    assert not widget.done


def test_the_handle_tells_what_the_watch_knows(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path
) -> None:
    assert (widget.model_name, widget.operation_id) == ("veo-3.1", "op1")
    assert (widget.operation, widget.videos, widget.error) == (None, (), None)
    watch.move(finished(tmp_path))
    assert [video.path for video in widget.videos] == [tmp_path / "sample-1.mp4"]


def test_its_repr_says_how_it_stands_and_not_where_files_are(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path
) -> None:
    watch.move(finished(tmp_path))
    assert repr(widget) == "<OperationWidget veo-3.1 op1: succeeded, 3 polls, 1 video>"


@pytest.mark.parametrize("use", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_not_pickled_and_says_what_to_do_instead(widget: OperationWidget, use: Any) -> None:
    with pytest.raises((TypeError, NotImplementedError), match=r"watch\('veo-3.1', 'op1'\)|cannot be copied"):
        use(widget)


# The traits.


@pytest.mark.parametrize(("trait", "value"), [("status", "succeeded"), ("snapshot", {})])
def test_the_traits_are_not_to_be_set_from_outside(
    widget: OperationWidget, trait: str, value: object
) -> None:
    with pytest.raises(traitlets.TraitError):
        setattr(widget, trait, value)


def test_what_a_page_writes_is_ignored_and_corrected(widget: OperationWidget, comm: RecordingComm) -> None:
    comm.from_page(
        {
            "method": "update",
            "state": {"status": "succeeded", "snapshot": {"version": 99}},
            "buffer_paths": [],
        }
    )
    wait_until(lambda: comm.updates("status")[1:] == ["running"])
    assert comm.updates("snapshot")[-1] == widget.snapshot
    assert (widget.status, widget.snapshot["version"]) == ("running", 1)


def test_observers_run_on_the_notifier_thread_in_order(widget: OperationWidget, watch: FakeWatch) -> None:
    seen: list[tuple[str, str]] = []
    widget.observe(lambda change: seen.append((change["new"], threading.current_thread().name)), "status")
    watch.move(STOPPED)
    wait_until(lambda: widget.status == "stopped")
    watch.move(replace(RUNNING, attempt=2))
    wait_until(lambda: len(seen) == 2)
    assert seen == [("stopped", "fake-notifier"), ("running", "fake-notifier")]


def test_an_observer_that_blocks_holds_up_no_publication(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    release = threading.Event()
    widget.observe(lambda change: release.wait(10), "status")
    watch.move(STOPPED)
    wait_until(lambda: widget.status == "stopped")
    watch.move(replace(RUNNING, attempt=2))
    wait_until(lambda: comm.updates("status")[-1] == "running")
    release.set()


def test_a_comm_that_fails_does_not_keep_the_traits_behind(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    comm.broken = True
    watch.move(STOPPED)
    wait_until(lambda: widget.done)
    assert widget.snapshot["status"] == widget.status == "stopped"


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


# Asking.


def test_stop_and_resume_are_handed_on(widget: OperationWidget, watch: FakeWatch) -> None:
    widget.stop()
    widget.resume(api_key="canary")
    assert watch.calls == ["stop", "resume"]
    assert repr(watch.secrets) == "[Secret(...)]"


def test_the_buttons_of_the_page_are_handed_on_and_acknowledged(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    comm.message_from_page({"type": "stop", "id": 1})
    comm.message_from_page({"type": "resume", "id": 2})
    wait_until(lambda: len(comm.customs("ack")) == 2)
    assert watch.calls == ["stop", "resume"]
    assert [ack["id"] for ack in comm.customs("ack")] == [1, 2]


def test_a_key_from_the_page_goes_to_the_watch_and_nowhere_else(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message = {"type": "key", "id": 1, "key": "canary-key"}
    comm.message_from_page(message)
    wait_until(lambda: comm.customs("ack"))
    assert watch.secrets[0] is not None
    assert watch.secrets[0].header_value == "canary-key"
    assert "canary-key" not in repr((message, comm.sent, vars(widget), widget.get_state(), caplog.text))


def test_a_malformed_message_is_ignored_and_logged_without_its_content(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for content in (None, "stop", {"type": "key", "key": "canary-key"}, {"type": "stop"}):
        comm.message_from_page(content)
    comm.message_from_page({"type": "sync"})
    wait_until(lambda: comm.customs("state"))
    assert watch.calls == []
    assert caplog.text.count("Ignored a message") == 4
    assert "canary-key" not in caplog.text


def test_a_page_that_asks_is_told_the_state_as_of_now(widget: OperationWidget, comm: RecordingComm) -> None:
    comm.message_from_page({"type": "sync"})
    wait_until(lambda: comm.customs("state"))
    snapshot = comm.customs("state")[0]["snapshot"]
    assert snapshot["version"] == widget.snapshot["version"]
    assert snapshot["clock"]["sent_at_ms"] >= widget.snapshot["clock"]["sent_at_ms"]


# The video.


def test_a_video_that_arrives_is_pushed_to_the_page_that_shows_it(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    data = bytes(range(256)) * (CHUNK_BYTES // 256) + b"rest"
    widget._repr_mimebundle_()
    watch.move(finished(tmp_path, data))
    wait_until(lambda: len(comm.customs("chunk")) == 2)
    chunks = comm.customs("chunk")
    assert [(chunk["sample"], chunk["generation"], chunk["index"]) for chunk in chunks] == [
        (0, 0, 0),
        (0, 0, 1),
    ]
    assert b"".join(bytes(chunk["buffers"][0]) for chunk in chunks) == data
    ready = next(n for n, sent in enumerate(comm.sent) if sent.get("state", {}).get("status") == "succeeded")
    first_chunk = next(n for n, sent in enumerate(comm.sent) if sent["method"] == "custom")
    assert ready < first_chunk


def test_nothing_is_pushed_where_no_page_shows_it_and_all_of_it_is_pulled_later(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    watch.move(finished(tmp_path, b"0123456789", count=2))
    widget.result(timeout=5)
    comm.message_from_page({"type": "pull", "sample": 1, "generation": 0, "chunks": [0]})
    wait_until(lambda: comm.customs("chunk"))
    assert [(chunk["sample"], bytes(chunk["buffers"][0])) for chunk in comm.customs("chunk")] == [
        (1, b"0123456789")
    ]


def test_a_widget_that_starts_with_a_video_leaves_the_asking_to_the_page(
    comm: RecordingComm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    widget = made(FakeWatch(finished(tmp_path)), comm, monkeypatch)
    comm.message_from_page({"type": "sync"})
    wait_until(lambda: comm.customs("state"))
    assert comm.customs("chunk") == []
    comm.message_from_page({"type": "pull", "sample": 0, "generation": 0, "chunks": [0]})
    wait_until(lambda: comm.customs("chunk"))
    widget.close()


def test_no_byte_of_the_video_enters_what_a_notebook_can_save(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    widget._repr_mimebundle_()
    watch.move(finished(tmp_path, b"canary-bytes" * 1000))
    wait_until(lambda: comm.customs("chunk"))
    saved = {key: value for key, value in widget.get_state().items() if key not in ("_esm", "_css")}
    assert "canary-bytes" not in repr(saved)
    assert len(json.dumps(saved, default=str)) < 4_000


# Saving.


def test_save_copies_the_file_and_names_it_in_a_directory(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path
) -> None:
    watch.move(finished(tmp_path, b"clip", count=2))
    target = tmp_path / "out"
    target.mkdir()
    assert widget.save(tmp_path / "clip.mp4") == tmp_path / "clip.mp4"
    assert widget.save(target, sample=1) == target / "op1-2.mp4"
    assert widget.save(tmp_path / "second.mp4", sample=1) == tmp_path / "second.mp4"
    assert (target / "op1-2.mp4").read_bytes() == b"clip"


def test_save_replaces_other_bytes_only_when_told_to(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path
) -> None:
    watch.move(finished(tmp_path, b"clip"))
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"mine")
    with pytest.raises(SaveError):
        widget.save(target)
    widget.save(target, overwrite=True)
    assert target.read_bytes() == b"clip"


def test_save_says_why_there_is_nothing_to_save(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path
) -> None:
    with pytest.raises(SaveError, match="nothing to save yet: the watch is running"):
        widget.save(tmp_path / "clip.mp4")
    watch.move(replace(RUNNING, status="empty", error=NoVideoError()))
    with pytest.raises(NoVideoError):
        widget.save(tmp_path / "clip.mp4")
    watch.move(finished(tmp_path))
    with pytest.raises(InvalidInputError, match="no sample 1: the operation made 1"):
        widget.save(tmp_path / "clip.mp4", sample=1)


# Display.


def test_the_output_carries_the_live_card_and_what_stands_in_for_it(widget: OperationWidget) -> None:
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    data, metadata = bundle
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == "comm-1"
    assert "Re-run" in data["text/html"] or "re-run" in data["text/html"]
    assert "op1" in data["text/plain"]
    assert metadata == {}


def test_a_closed_widget_still_has_something_to_show(widget: OperationWidget) -> None:
    widget.close()
    bundle = OperationWidget._repr_mimebundle_(widget)
    assert bundle is not None
    assert set(bundle[0]) == {"text/plain", "text/html"}


def test_closing_lets_go_of_the_watch_once_and_stops_sending(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    widget.close()
    sent = len(comm.sent)
    widget.close()
    watch.move(STOPPED)
    shared_publisher().join(5)
    assert watch.calls == ["close"]
    assert comm.closed
    assert len(comm.sent) == sent


def test_a_widget_whose_construction_failed_is_closed_without_another_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    widget = OperationWidget.__new__(OperationWidget)
    widget.comm = None
    widget.close()


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
