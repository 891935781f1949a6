"""The card in a real kernel, of whichever versions of IPython, ipykernel and ipywidgets are installed.

`make test-floors` runs this with the oldest supported ones, where no browser test can tell.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

LIMIT_S = 60.0


@pytest.fixture
def kernel(own_environment: Path) -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=LIMIT_S)
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(kernel: BlockingKernelClient, code: str) -> list[dict[str, Any]]:
    """Everything that the kernel publishes while a cell runs."""
    published: list[dict[str, Any]] = []
    reply = kernel.execute_interactive(code, timeout=LIMIT_S, output_hook=published.append)
    assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", []))
    return published


def statuses(messages: list[dict[str, Any]]) -> list[str]:
    """The values of the trait `status`, in the order in which a page hears of them."""
    states = [
        message["content"]["data"].get("state", {})
        for message in messages
        if message["msg_type"] in ("comm_open", "comm_msg")
    ]
    return [state["status"] for state in states if "status" in state]


def test_the_page_hears_of_every_status_while_a_cell_blocks_the_kernel(kernel: BlockingKernelClient) -> None:
    messages = run(kernel, "import rushes; card = rushes.demo(seconds=1); display(card); card.result(30)")
    heard = statuses(messages)
    assert heard[-1] == "succeeded"
    assert "running" in heard
    displayed = [m["content"]["data"] for m in messages if m["msg_type"] == "display_data"]
    [shown] = [data for data in displayed if "application/vnd.jupyter.widget-view+json" in data]
    assert {"text/html", "text/plain"} <= set(shown)


def test_no_byte_of_the_video_is_in_a_trait(kernel: BlockingKernelClient) -> None:
    messages = run(kernel, "import rushes; card = rushes.demo(seconds=0.2); card.result(30); card")
    updates = [m for m in messages if m["content"].get("data", {}).get("method") == "update"]
    assert updates
    for message in updates:
        assert message["buffers"] == []
        assert len(str(message["content"]["data"]["state"])) < 4000


def test_a_status_is_published_after_the_cell_too(kernel: BlockingKernelClient) -> None:
    run(kernel, "import rushes; card = rushes.demo(seconds=1)")
    give_up_at = time.monotonic() + LIMIT_S
    heard: list[str] = []
    while "succeeded" not in heard:
        assert time.monotonic() < give_up_at, heard
        try:
            heard += statuses([kernel.get_iopub_msg(timeout=1)])
        except queue.Empty:
            continue


def test_a_kernel_that_ends_is_held_up_by_no_watch(kernel: BlockingKernelClient) -> None:
    run(kernel, "import rushes; card = rushes.demo(status='running'); card")
    asked_at = time.monotonic()
    kernel.shutdown()
    while kernel.is_alive():
        assert time.monotonic() - asked_at < LIMIT_S
        time.sleep(0.02)
