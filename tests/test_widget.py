"""The handle and its traits: what they say, and how they are displayed."""

from __future__ import annotations

import copy
import pickle
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import traitlets
from fake_watch import RUNNING, STOPPED, FakeWatch, RecordingComm, finished
from timing import wait_until

from rushes.publisher import shared_publisher
from rushes.widget import OperationWidget

pytest_plugins = ("widget_fixtures",)


# What it says.


def test_the_page_starts_with_the_state_of_the_moment(widget: OperationWidget, comm: RecordingComm) -> None:
    first = comm.sent[0]["state"]
    assert (first["status"], first["snapshot"]["operation_id"]) == ("running", "op1")
    assert first["snapshot"]["provider"] == "GPTProto"


def test_each_change_reaches_the_page_in_one_message_status_last(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    watch.move(STOPPED)
    wait_until(lambda: comm.updates("status")[-1] == "stopped")
    updates = [list(message["state"]) for message in comm.sent[1:] if message["method"] == "update"]
    assert updates == [["snapshot", "status"]] * len(updates)
    versions = [snapshot["version"] for snapshot in comm.updates("snapshot")]
    assert versions == sorted(set(versions))


def test_all_sending_happens_on_the_publisher_s_thread(
    widget: OperationWidget, watch: FakeWatch, comm: RecordingComm
) -> None:
    comm.message_from_page({"type": "sync", "page": 0.5})
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
