"""The widget in a real kernel, without a page: what goes out on the kernel's own sockets, and from which thread."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ipykernel")
manager_module = pytest.importorskip("jupyter_client.manager")

Message = dict[str, Any]

VIEW = "application/vnd.jupyter.widget-view+json"

# Less than any of these operations takes: a kernel that waits for its watches takes longer.
KERNEL_ENDS_S = 30.0


class Kernel:
    """A kernel of the Python that runs the tests, and everything that it has sent."""

    def __init__(self, home: Path) -> None:
        self.sent: list[Message] = []
        self._manager = manager_module.KernelManager()
        self._manager.kernel_spec.argv = [
            *(sys.executable, "-W", "ignore", "-m", "ipykernel_launcher", "-f", "{connection_file}")
        ]
        source = str(Path(__file__).parents[1] / "src")
        self._manager.start_kernel(
            cwd=str(home), env={**os.environ, "PYTHONPATH": source, "IPYTHONDIR": str(home / "ipython")}
        )
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=30)

    def run(self, code: str) -> str:
        """Begin to run a cell; returns the ID of its request."""
        return str(self._client.execute(code))

    def send(self, comm_id: str, content: object) -> None:
        """Send a custom message as a page would."""
        data = {"method": "custom", "content": content}
        message = self._client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)

    def wait_for(self, condition: Callable[[], Any], timeout_s: float = 60.0) -> Any:
        """Read what the kernel sends until `condition` holds, and return what it gave."""
        deadline = time.monotonic() + timeout_s
        while not (found := condition()):
            assert time.monotonic() < deadline, [message["content"] for message in self.sent][-5:]
            with contextlib.suppress(queue.Empty):
                self.sent.append(self._client.get_iopub_msg(timeout=0.2))
        return found

    def ended(self, request: str) -> bool:
        """Whether that cell has ended."""
        return any(
            message["msg_type"] == "status"
            and message["content"]["execution_state"] == "idle"
            and message["parent_header"].get("msg_id") == request
            for message in self.sent
        )

    def card(self) -> str | None:
        """The comm of the card, once it is open."""
        opened = (
            message["content"]["comm_id"]
            for message in self.sent
            if message["msg_type"] == "comm_open" and "snapshot" in message["content"]["data"]["state"]
        )
        return next(opened, None)

    def comm_messages(self, method: str) -> list[Message]:
        """What went to the card's page."""
        return [
            message
            for message in self.sent
            if message["msg_type"] == "comm_msg"
            and message["content"]["comm_id"] == self.card()
            and message["content"]["data"]["method"] == method
        ]

    def status(self) -> str | None:
        """The last status that the page was told."""
        states = [message["content"]["data"]["state"] for message in self.comm_messages("update")]
        return next((state["status"] for state in reversed(states) if "status" in state), None)

    def chunks(self) -> list[bytes]:
        """The chunks that the page was sent, in their order."""
        return [
            b"".join(map(bytes, message["buffers"]))
            for message in self.comm_messages("custom")
            if message["buffers"]
        ]

    def complaints(self) -> list[str]:
        """What anybody wrote to stderr or raised."""
        return [
            str(message["content"].get("text") or message["content"].get("traceback"))
            for message in self.sent
            if message["msg_type"] == "error"
            or (message["msg_type"] == "stream" and message["content"]["name"] == "stderr")
        ]

    def stop(self) -> float:
        """End it politely; returns how many seconds that took."""
        began = time.monotonic()
        self._client.shutdown()
        while self._manager.is_alive() and time.monotonic() < began + KERNEL_ENDS_S:
            time.sleep(0.02)
        took_s = time.monotonic() - began
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        return took_s


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.stop()


def test_under_a_cell_that_blocks_state_and_video_go_out_whole(kernel: Kernel, tmp_path: Path) -> None:
    shown = kernel.run("import rushes; w = rushes.demo(seconds=1); w")
    kernel.wait_for(lambda: kernel.ended(shown))
    # Blocks the kernel's main thread until the test says so.
    busy = kernel.run("import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.02)")
    kernel.wait_for(lambda: kernel.status() == "succeeded")
    total = kernel.comm_messages("update")[-1]["content"]["data"]["state"]["snapshot"]["samples"][0][
        "bytes_total"
    ]
    kernel.wait_for(lambda: sum(map(len, kernel.chunks())) == total)
    assert not kernel.ended(busy)
    (tmp_path / "go").touch()
    assert kernel.chunks()[0][4:8] == b"ftyp"
    assert kernel.complaints() == []


def test_a_kept_video_goes_out_under_the_very_cell_that_shows_it_and_blocks(
    kernel: Kernel, tmp_path: Path
) -> None:
    shown = kernel.run("import rushes; w = rushes.demo(seconds=0.2); n = w.result()[0].path.stat().st_size")
    kernel.wait_for(lambda: kernel.ended(shown))
    busy = kernel.run(
        "from IPython.display import display\nimport pathlib, time\ndisplay(rushes.watch(rushes.recent()[0]))\n"
        "print(n)\nwhile not pathlib.Path('go').exists(): time.sleep(0.02)"
    )
    first = kernel.card()
    [total] = kernel.wait_for(
        lambda: [
            int(message["content"]["text"])
            for message in kernel.sent
            if message["msg_type"] == "stream" and message["content"]["text"].strip()
        ]
    )
    kernel.wait_for(
        lambda: (
            total
            == sum(
                len(bytes(buffer))
                for message in kernel.sent
                if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] != first
                for buffer in message["buffers"]
            )
        )
    )
    assert not kernel.ended(busy)
    (tmp_path / "go").touch()
    assert kernel.complaints() == []


def test_the_output_of_the_cell_carries_the_card_and_its_static_form(kernel: Kernel) -> None:
    shown = kernel.run("import rushes; rushes.demo(seconds=60)")
    kernel.wait_for(lambda: kernel.ended(shown))
    [output] = [message["content"] for message in kernel.sent if message["msg_type"] == "display_data"]
    assert output["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] == kernel.card()
    assert "re-run the cell" in output["data"]["text/html"]


def test_the_output_is_renewed_under_its_id_once_the_operation_has_ended(kernel: Kernel) -> None:
    shown = kernel.run("import rushes; w = rushes.demo(seconds=4); w")
    kernel.wait_for(lambda: kernel.ended(shown))
    # Another cell is running by then: nbclient hears only what is said to belong to it.
    waited = kernel.run("print(len(w.result()))")

    def renewed() -> list[Message]:
        return [message for message in kernel.sent if message["msg_type"] == "update_display_data"]

    kernel.wait_for(renewed)
    kernel.wait_for(lambda: kernel.ended(waited))
    output, behind = [message["content"] for message in kernel.sent if message["msg_type"] == "display_data"]
    assert "rushes-kept" in behind["data"]["text/html"]
    [update] = renewed()
    assert update["content"]["transient"] == output["transient"]
    assert "Finished after" in update["content"]["data"]["text/html"]
    assert (
        update["content"]["data"]["application/vnd.jupyter.widget-view+json"]
        == (output["data"]["application/vnd.jupyter.widget-view+json"])
    )
    assert update["parent_header"]["msg_id"] == waited
    assert kernel.complaints() == []


def test_what_stands_in_for_the_card_goes_to_its_cell_and_not_to_one_that_showed_it_in_an_output_widget(
    kernel: Kernel,
) -> None:
    kernel.run("import ipywidgets, rushes; w = rushes.demo(seconds=60); taking = ipywidgets.Output()")
    taken = kernel.run("with taking: display(w)")
    shown = kernel.run("w")
    kernel.wait_for(lambda: kernel.ended(shown))
    kernel.send(str(kernel.card()), {"type": "sync", "page": 0.5})

    def standing_in() -> list[str]:
        return [
            message["parent_header"]["msg_id"]
            for message in kernel.sent
            if message["msg_type"] == "display_data"
            and "rushes-kept" in message["content"]["data"]["text/html"]
        ]

    kernel.wait_for(lambda: shown in standing_in())
    assert taken not in standing_in()
    assert kernel.complaints() == []


def test_a_page_s_request_is_answered_by_an_idle_kernel(kernel: Kernel) -> None:
    shown = kernel.run("import rushes; w = rushes.demo(seconds=60); w")
    kernel.wait_for(lambda: kernel.ended(shown))
    kernel.send(str(kernel.card()), {"type": "stop", "id": 5})
    kernel.wait_for(lambda: kernel.status() == "stopped")
    contents = [message["content"]["data"]["content"] for message in kernel.comm_messages("custom")]
    assert {"type": "ack", "id": 5} in contents
    assert kernel.complaints() == []


def test_result_shows_the_card_once_and_a_kernel_that_ends_is_not_held_up(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    done = kernel.run(
        "import rushes; w = rushes.demo(seconds=0.2); print(len(w.result()), w.status); w.result()\n"
        "running = rushes.demo(seconds=60)"
    )
    kernel.wait_for(lambda: kernel.ended(done))
    shown = [
        message
        for message in kernel.sent
        if message["msg_type"] == "display_data" and VIEW in message["content"]["data"]
    ]
    printed = [message["content"]["text"] for message in kernel.sent if message["msg_type"] == "stream"]
    assert len(shown) == 1
    assert "".join(printed) == "1 succeeded\n"
    assert kernel.stop() < KERNEL_ENDS_S
