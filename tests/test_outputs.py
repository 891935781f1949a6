"""Outputs with display IDs, as a shell publishes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipywidgets import Output

from rushes.outputs import NotebookOutputs, has_outputs, notebook_directory

VIEW = "application/vnd.jupyter.widget-view+json"


class Publisher(DisplayPublisher):
    """Writes down what it is asked to publish, as the publisher of a kernel."""

    parent_header: dict[str, Any] = {}  # noqa: RUF012 - as it is there

    def publish(self, data: Any, metadata: Any = None, **options: Any) -> None:
        sent.append({"data": data, "metadata": metadata, **options})

    @property
    def session(self) -> SimpleNamespace:
        return SimpleNamespace(msg=self.message, send=self.send)

    def message(self, kind: str, content: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
        return {"kind": kind, "parent": parent, **content}

    pub_socket, topic = "iopub", b"display_data"

    def send(self, socket: str, message: dict[str, Any], ident: bytes) -> None:
        assert (socket, ident) == (self.pub_socket, self.topic)
        sent.append(message)


sent: list[dict[str, Any]] = []


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    sent.clear()
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.display_pub = Publisher(parent=shell)
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def outputs(shell: InteractiveShell) -> NotebookOutputs:
    return NotebookOutputs()


def shown(outputs: NotebookOutputs) -> str:
    """Show one more; returns its display ID."""
    outputs.show({VIEW: {"model_id": "m"}, "text/html": "started", "text/plain": "t"}, {VIEW: {"url": "u"}})
    return str(sent[-1]["transient"]["display_id"])


def test_each_output_is_renewed_under_its_own_id_and_stays_the_live_card(outputs: NotebookOutputs) -> None:
    ids = [shown(outputs), shown(outputs)]
    assert len(set(ids)) == 2
    assert outputs.renew("finished", "text")
    renewed = sent[2:]
    assert [message["transient"]["display_id"] for message in renewed] == ids
    for message in renewed:
        assert message["update"]
        assert message["data"] == {VIEW: {"model_id": "m"}, "text/html": "finished", "text/plain": "text"}
        assert message["metadata"] == {VIEW: {"url": "u"}}


def test_only_what_shows_something_else_is_renewed(outputs: NotebookOutputs) -> None:
    shown(outputs)
    assert not outputs.outdated("started")
    outputs.renew("finished", "text")
    late = shown(outputs)
    assert outputs.outdated("finished")
    outputs.renew("finished", "text")
    assert len(sent) == 4
    assert sent[-1]["transient"]["display_id"] == late


def test_a_widget_displayed_in_a_loop_renews_its_latest_outputs(outputs: NotebookOutputs) -> None:
    ids = [shown(outputs) for _ in range(100)]
    outputs.renew("finished", "text")
    renewed = [message["transient"]["display_id"] for message in sent[100:]]
    assert renewed == ids[-len(renewed) :]
    assert 10 < len(renewed) < 50


def test_a_cell_that_captures_what_is_displayed_captures_no_renewal(outputs: NotebookOutputs) -> None:
    shown(outputs)
    with capture_output() as captured:
        assert not outputs.renew("finished", "text")
    assert captured.outputs == []
    assert outputs.renew("finished", "text")


def test_what_stands_in_for_the_card_comes_once_into_its_own_cell_and_is_renewed_there(
    outputs: NotebookOutputs, shell: InteractiveShell
) -> None:
    shell.display_pub.parent_header = {"msg_id": "first cell"}
    shown(outputs)
    shell.display_pub.parent_header = {"msg_id": "another cell"}
    outputs.stand_in("finished")
    outputs.stand_in("finished")
    outputs.stand_in("with picture")
    added, renewed = sent[1:]
    assert (added["kind"], added["parent"]) == ("display_data", {"msg_id": "first cell"})
    assert renewed["update"]
    assert renewed["transient"] == added["transient"] != sent[0]["transient"]
    assert "finished" in added["data"]["text/html"]
    assert "with picture" in renewed["data"]["text/html"]
    assert VIEW not in added["data"]


def test_a_card_that_an_output_widget_takes_has_nothing_behind_it_in_the_cell_that_displayed_it(
    outputs: NotebookOutputs, shell: InteractiveShell
) -> None:
    shell.display_pub.parent_header = {"msg_id": "cell-2"}
    taking = Output(msg_id="cell-2")
    shown(outputs)
    taking.msg_id = ""
    shown(outputs)
    before = len(sent)
    assert outputs.stand_in("started")
    assert len(sent) == before + 1
    taking.close()


def test_where_nothing_was_shown_no_shell_is_made() -> None:
    InteractiveShell.clear_instance()
    NotebookOutputs().stand_in("finished")
    assert not InteractiveShell.initialized()


def test_once_the_shell_is_gone_nothing_is_renewed_and_no_other_is_made(outputs: NotebookOutputs) -> None:
    shown(outputs)
    InteractiveShell.clear_instance()
    with pytest.raises(RuntimeError, match="no shell"):
        outputs.renew("finished", "text")
    assert not InteractiveShell.initialized()


def test_a_terminal_has_no_outputs_that_could_be_renewed(shell: InteractiveShell) -> None:
    assert not has_outputs()


def test_the_notebook_is_where_the_kernel_was_started(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started_in = Path.cwd()
    monkeypatch.chdir(tmp_path)
    assert notebook_directory() == started_in
    assert Path(os.getcwd()) != started_in
