"""What a notebook keeps of a widget: sent when the watch ends and when the poster comes, and never a secret."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_watch import RUNNING, STOPPED, FakeWatch, RecordingComm, finished, made
from recording_shell import JPEG, VIEW, Shell, recording_shell
from timing import wait_until

from rushes.publisher import shared_publisher
from rushes.widget import OperationWidget

pytest_plugins = ("widget_fixtures",)

shell = pytest.fixture(recording_shell)


Make = Callable[..., OperationWidget]


@pytest.fixture
def make(
    watch: FakeWatch, comm: RecordingComm, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> Iterator[Make]:
    opened: list[OperationWidget] = []

    def make_one(**options: Any) -> OperationWidget:
        opened.append(made(watch, comm, monkeypatch, **options))
        return opened[-1]

    yield make_one
    for widget in opened:
        widget.close()
    shared_publisher().join(5)


def send_poster(comm: RecordingComm, data: bytes = JPEG, *, sample: int = 0, generation: int = 0) -> None:
    assert comm.deliver is not None
    content = {"type": "poster", "sample": sample, "generation": generation}
    comm.deliver({"content": {"data": {"method": "custom", "content": content}}, "buffers": [data]})


def test_a_displayed_widget_is_one_output_with_card_and_static_form(make: Make, shell: Shell) -> None:
    make()._ipython_display_()
    [output] = shell.sent
    assert output["data"][VIEW]["model_id"] == "comm-1"
    assert "re-run the cell to see the result" in output["data"]["text/html"]
    assert not output.get("update")


def test_every_output_is_renewed_once_when_the_watch_ends(make: Make, shell: Shell, watch: FakeWatch) -> None:
    widget = make()
    widget._ipython_display_()
    widget._ipython_display_()
    watch.move(replace(RUNNING, polls=1))
    watch.move(STOPPED)
    wait_until(lambda: len(shell.sent) == 4)
    shared_publisher().wake()
    assert [message["update"] for message in shell.sent[2:]] == [True, True]
    assert {message["transient"]["display_id"] for message in shell.sent[2:]} == {
        message["transient"]["display_id"] for message in shell.sent[:2]
    }
    assert "The watch was stopped" in shell.html


def test_the_poster_of_a_page_is_kept_and_no_longer_wanted(
    make: Make, shell: Shell, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    make()._ipython_display_()
    wait_until(lambda: comm.updates("snapshot")[-1]["wants_poster"])
    watch.move(finished(tmp_path))
    wait_until(lambda: "Finished" in shell.html)
    assert comm.updates("snapshot")[-1]["wants_poster"]
    send_poster(comm)
    wait_until(lambda: "data:image/jpeg" in shell.html)
    wait_until(lambda: not comm.updates("snapshot")[-1]["wants_poster"])
    assert len(shell.sent) == 3


@pytest.mark.parametrize(
    ("data", "sample", "generation"), [(b"<svg>", 0, 0), (JPEG, 1, 0), (JPEG, 0, 1), (JPEG, 2**40, 0)]
)
def test_a_picture_of_anything_else_is_refused(
    make: Make,
    shell: Shell,
    watch: FakeWatch,
    comm: RecordingComm,
    tmp_path: Path,
    data: bytes,
    sample: int,
    generation: int,
) -> None:
    make()._ipython_display_()
    watch.move(finished(tmp_path))
    wait_until(lambda: "Finished" in shell.html)
    send_poster(comm, data, sample=sample, generation=generation)
    comm.message_from_page({"type": "sync", "page": 0.5})
    wait_until(lambda: comm.customs("state"))
    assert comm.updates("snapshot")[-1]["wants_poster"]
    assert "data:" not in shell.html


def test_without_poster_no_page_is_asked_for_one(
    make: Make, shell: Shell, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    make(poster=False)._ipython_display_()
    watch.move(finished(tmp_path))
    wait_until(lambda: "Finished" in shell.html)
    send_poster(comm)
    comm.message_from_page({"type": "sync", "page": 0.5})
    wait_until(lambda: comm.customs("state"))
    assert not any(snapshot["wants_poster"] for snapshot in comm.updates("snapshot"))
    assert "<img" not in shell.html


def test_nothing_is_renewed_while_a_page_says_that_a_video_plays(
    make: Make, shell: Shell, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    make()._ipython_display_()
    comm.message_from_page({"type": "playing"})
    watch.move(finished(tmp_path))
    send_poster(comm)
    comm.message_from_page({"type": "sync", "page": 0.5})
    wait_until(lambda: comm.customs("state"))
    assert len(shell.sent) == 1


def test_a_widget_displayed_after_its_end_is_whole_at_once(
    make: Make, shell: Shell, watch: FakeWatch, comm: RecordingComm, tmp_path: Path
) -> None:
    widget = make()
    state = finished(tmp_path)
    watch.move(state)
    widget.result(timeout=5)
    widget._ipython_display_()
    assert "Finished" in shell.html
    wait_until(lambda: comm.updates("snapshot")[-1]["wants_poster"])


def test_what_waits_for_the_result_goes_on_once_the_outputs_are_renewed(
    make: Make, shell: Shell, watch: FakeWatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = make()
    widget._ipython_display_()
    publish = shell.publish

    def publish_slowly(**message: Any) -> None:
        time.sleep(0.2)
        publish(**message)

    monkeypatch.setattr(shell, "publish", publish_slowly)
    watch.move(finished(tmp_path))
    widget.result(timeout=5)  # nbclient hears nothing of what comes after the cell
    assert "Finished" in shell.html


def test_a_video_that_was_saved_beside_the_notebook_is_named_relative_to_it(
    make: Make, shell: Shell, watch: FakeWatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rushes.widget.notebook_directory", lambda: tmp_path)
    make()._ipython_display_()
    state = finished(tmp_path)
    [sample] = state.samples
    watch.move(replace(state, samples=(replace(sample, saved_to=tmp_path / "clips" / "my clip.mp4"),)))
    wait_until(lambda: "Finished" in shell.html)
    assert 'src="clips/my%20clip.mp4"' in shell.html
    assert str(tmp_path) not in shell.html


def test_outside_a_kernel_the_bundle_is_what_is_shown(
    make: Make, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    monkeypatch.setattr("rushes.page_widget.has_outputs", lambda: False)
    with pytest.raises(NotImplementedError):
        make()._ipython_display_()
    assert shell.sent == []
