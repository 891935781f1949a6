"""What a page asks, the video that it gets, and the copy that is saved."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_watch import RUNNING, FakeWatch, RecordingComm, finished, made
from timing import wait_until

import rushes
from rushes import page
from rushes.details import take_details
from rushes.errors import InvalidInputError, NoVideoError, SaveError, ServerError
from rushes.poll_history import PollHistory
from rushes.transfer import CHUNK_BYTES
from rushes.watch_state import SampleState
from rushes.widget import OperationWidget

pytest_plugins = ("widget_fixtures",)


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


def test_a_button_that_cannot_do_what_it_says_is_acknowledged_and_the_card_says_why(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    watch.resume_error = InvalidInputError("GPTPROTO_BASE_URL is no URL.")
    comm.message_from_page({"type": "resume", "id": 2})
    comm.message_from_page({"type": "key", "id": 3, "key": "canary-key"})
    wait_until(lambda: len(comm.customs("ack")) == 2)
    assert watch.refused == [watch.resume_error] * 2


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
    comm.message_from_page({"type": "sync", "page": 0.5})
    wait_until(lambda: comm.customs("state"))
    assert watch.calls == []
    assert caplog.text.count("Ignored a message") == 4
    assert "canary-key" not in caplog.text


def test_a_page_that_asks_is_told_the_state_as_of_now(widget: OperationWidget, comm: RecordingComm) -> None:
    comm.message_from_page({"type": "sync", "page": 0.5})
    wait_until(lambda: comm.customs("state"))
    snapshot = comm.customs("state")[0]["snapshot"]
    assert snapshot["version"] == widget.snapshot["version"]
    assert snapshot["clock"]["sent_at_ms"] >= widget.snapshot["clock"]["sent_at_ms"]


def test_details_come_when_a_page_asks_and_are_in_no_trait(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    error = ServerError(503, None, "Busy", provider="GPTProto")
    error.answer = "what came"
    history = PollHistory(earlier=3).failed(error, sent_at=1_700_000_010.0, took_s=1.5)
    watch.move(replace(RUNNING, polls=4, history=history))
    wait_until(lambda: widget.snapshot["polls"]["count"] == 4)
    assert comm.customs("details") == []
    comm.message_from_page({"type": "details"})
    wait_until(lambda: comm.customs("details"))
    [reply] = comm.customs("details")
    report = reply["details"].pop("report")
    assert reply["details"] == {
        "earlier": 3,
        "polls": [
            {"at_ms": 1_700_000_010_000, "took_ms": 1500, "status_code": 503, "outcome": "ServerError"}
        ],
        "answer": "what came",
    }
    assert report.splitlines()[2:] == rushes.report(widget).splitlines()[2:]
    assert "what came" not in repr(widget.get_state())


def test_a_page_that_asks_for_details_does_not_hold_up_the_kernel(
    widget: OperationWidget, comm: RecordingComm, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers: list[str] = []

    def noted(watch: object) -> object:
        makers.append(threading.current_thread().name)
        return take_details(watch)  # type: ignore[arg-type]

    monkeypatch.setattr(page, "take_details", noted)
    comm.message_from_page({"type": "details"})
    wait_until(lambda: comm.customs("details"))
    assert makers == ["rushes-publisher"]


# The video.


def test_a_video_that_arrives_is_pushed_to_the_page_that_shows_it(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    data = bytes(range(256)) * (CHUNK_BYTES // 256) + b"rest"
    widget._repr_mimebundle_()
    watch.move(finished(tmp_path, data))
    wait_until(lambda: comm.customs("chunk"))
    (chunk,) = comm.customs("chunk")
    sent = {name: chunk[name] for name in ("sample", "generation", "index", "count", "chunk_bytes")}
    assert sent == {"sample": 0, "generation": 0, "index": 0, "count": 2, "chunk_bytes": CHUNK_BYTES}
    assert bytes(chunk["buffers"][0]) == data
    ready = next(n for n, sent in enumerate(comm.sent) if sent.get("state", {}).get("status") == "succeeded")
    first_chunk = next(n for n, sent in enumerate(comm.sent) if sent["method"] == "custom")
    assert ready < first_chunk


def test_the_last_bytes_are_pushed_while_the_kernel_still_writes_its_own_file_down(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    data = bytes(CHUNK_BYTES) + b"rest"
    (tmp_path / "sample-1.mp4.part").write_bytes(data)
    widget._repr_mimebundle_()
    arriving = SampleState("downloading", 1, CHUNK_BYTES, len(data), tmp_path / "sample-1.mp4.part")
    watch.move(replace(watch.state, status="downloading", samples=(arriving,)))
    wait_until(lambda: len(comm.customs("chunk")) == 1)
    watch.move(replace(watch.state, samples=(replace(arriving, bytes_done=len(data)),)))
    wait_until(lambda: len(comm.customs("chunk")) == 2)
    assert bytes(comm.customs("chunk")[1]["buffers"][0]) == b"rest"
    ready = finished(tmp_path, data)
    watch.move(replace(ready, samples=(replace(ready.samples[0], generation=1),)))
    widget.result(timeout=5)
    comm.message_from_page({"type": "pull", "sample": 0, "generation": 1, "chunks": [1]})
    wait_until(lambda: len(comm.customs("chunk")) == 3)
    assert [chunk["index"] for chunk in comm.customs("chunk")] == [0, 1, 1]  # the last one was asked for


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
    comm.message_from_page({"type": "sync", "page": 0.5})
    wait_until(lambda: comm.customs("state"))
    assert comm.customs("chunk") == []
    comm.message_from_page({"type": "pull", "sample": 0, "generation": 0, "chunks": [0]})
    wait_until(lambda: comm.customs("chunk"))
    widget.close()


def test_the_watch_is_told_when_a_page_asks_for_a_video_that_somebody_removed(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    watch.move(finished(tmp_path))
    widget.result(timeout=5)
    (tmp_path / "sample-1.mp4").unlink()
    comm.message_from_page({"type": "pull", "sample": 0, "generation": 0, "chunks": [0]})
    wait_until(lambda: watch.calls == ["sample-1.mp4 of generation 0 is missing"])
    assert comm.customs("chunk") == []


def test_no_byte_of_the_video_enters_what_a_notebook_can_save(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    widget._repr_mimebundle_()
    watch.move(finished(tmp_path, b"canary-bytes" * 1000))
    wait_until(lambda: comm.customs("chunk"))
    saved = {key: value for key, value in widget.get_state().items() if key not in ("_esm", "_css")}
    assert "canary-bytes" not in repr(saved)
    assert len(json.dumps(saved, default=str)) < 4_000


def test_a_comm_that_the_host_has_closed_gets_nothing_more_and_the_traits_go_on(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    widget._repr_mimebundle_()
    sent = len(comm.sent)
    comm._closed = True
    watch.move(finished(tmp_path))
    wait_until(lambda: widget.status == "succeeded")
    watch.move(replace(RUNNING, status="failed", error=NoVideoError()))  # what came first was dealt with
    wait_until(lambda: widget.status == "failed")
    assert len(comm.sent) == sent


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


@pytest.mark.parametrize("place", ["", 7, b"clip.mp4", None, "x" * 300])
def test_a_place_that_cannot_be_meant_is_refused_by_save(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path, place: Any
) -> None:
    watch.move(finished(tmp_path))
    with pytest.raises(InvalidInputError, match="The place to save to"):
        widget.save(place)


@pytest.mark.parametrize("sample", [-1, 1, "0", 0.0, None])
def test_a_sample_that_cannot_be_meant_is_refused_by_save(
    widget: OperationWidget, watch: FakeWatch, tmp_path: Path, sample: Any
) -> None:
    watch.move(finished(tmp_path))
    with pytest.raises(InvalidInputError, match=r"no sample .*: the operation made 1"):
        widget.save(tmp_path / "clip.mp4", sample=sample)


SAVE = "temporary machine: save this video"


def test_on_a_temporary_machine_the_card_asks_until_the_page_has_saved_the_video(
    widget: OperationWidget,
    watch: FakeWatch,
    comm: RecordingComm,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org/")
    watch.notice = "reused, submitted 12:00"
    watch.move(finished(tmp_path))
    wait_until(lambda: widget.snapshot["notice"] == f"reused, submitted 12:00; {SAVE}")
    comm.message_from_page({"type": "saved", "sample": 0, "generation": 7})
    comm.message_from_page({"type": "saved", "sample": 3, "generation": 0})
    comm.message_from_page({"type": "sync", "page": 0.5})
    wait_until(lambda: comm.customs("state"))
    assert SAVE in widget.snapshot["notice"]
    comm.message_from_page({"type": "saved", "sample": 0, "generation": 0})
    wait_until(lambda: widget.snapshot["notice"] == "reused, submitted 12:00")


def test_on_a_temporary_machine_the_card_asks_until_save_is_called(
    widget: OperationWidget, watch: FakeWatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_20261101")
    watch.move(finished(tmp_path))
    wait_until(lambda: widget.snapshot["notice"] == SAVE)
    widget.save(tmp_path / "mine.mp4")
    wait_until(lambda: widget.snapshot["notice"] is None)
