"""A page that shows one video after the other keeps none of those that are gone: measured, round by round."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from blob_urls import count_video_urls, videos_kept, videos_made
from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook, wait_until_playable
from playwright.sync_api import BrowserContext, CDPSession

WARM_UP = 10  # JupyterLab makes 133 listeners once, after six to ten rounds
# What JupyterLab itself keeps of one run of a cell with the smallest of widgets: 43 kB, 4 nodes and 7 listeners.
# Ours comes on top of that by the text of its module alone, which no browser unloads.
HEAP_BYTES_PER_ROUND, NODES_PER_ROUND = 140_000, 10

PICTURE_IS_KEPT = """() => {
    const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[0].model;
    const card = outputs.toJSON().find(({ data }) => data?.["application/vnd.jupyter.widget-view+json"]);
    return card?.data["text/html"].includes("<img");
}"""


@pytest.fixture(scope="module", autouse=True)
def counted(browser_context: BrowserContext) -> None:
    count_video_urls(browser_context)


class Memory:
    """What a page holds, after a garbage collection."""

    def __init__(self, session: CDPSession) -> None:
        for _ in range(2):  # what the first one finalizes, the second one frees
            session.send("HeapProfiler.collectGarbage")
        metrics = {
            entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]
        }
        self.heap_bytes = int(metrics["JSHeapUsedSize"])
        self.nodes = int(metrics["Nodes"])
        self.listeners = int(metrics["JSEventListeners"])

    def __str__(self) -> str:
        return f"heap {self.heap_bytes / 1e6:.2f} MB, {self.nodes} nodes, {self.listeners} listeners"


def play_rounds(notebook: NotebookPage, count: int) -> None:
    for _ in range(count):
        before = videos_made(notebook.page)
        notebook.run(0)
        notebook.wait_until(lambda: videos_made(notebook.page) > before)  # noqa: B023
        wait_until_playable(notebook.card())
    # The card is drawn anew once its picture is kept in the output: what is measured is the card at rest.
    notebook.page.wait_for_function(PICTURE_IS_KEPT)
    wait_until_playable(notebook.card())


@pytest.mark.timeout(400)
@pytest.mark.parametrize("rounds", [10, pytest.param(50, marks=pytest.mark.hosts)])
def test_videos_opened_one_after_the_other_and_closed_again_leave_nothing_behind(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, rounds: int
) -> None:
    notebook = open_notebook(
        f"import rushes\nif 'w' in globals():\n    w.close()\nw = {endpoint.create()})\nw", "w.close()"
    )
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")
    readings = []
    for count in (WARM_UP, rounds // 2, rounds - rounds // 2):
        play_rounds(notebook, count)
        readings.append(Memory(session))
    print("; then ".join(map(str, readings)))
    assert videos_made(notebook.page) == WARM_UP + rounds
    assert videos_kept(notebook.page) == 1

    def growth(held: Callable[[Memory], int]) -> int:
        """What a round adds for good: what JupyterLab itself makes late and once is in one of the halves alone."""
        amounts = [held(reading) for reading in readings]
        return min(after - before for before, after in itertools.pairwise(amounts)) // (rounds // 2)

    assert growth(lambda memory: memory.heap_bytes) < HEAP_BYTES_PER_ROUND
    assert growth(lambda memory: memory.nodes) < NODES_PER_ROUND
    assert growth(lambda memory: memory.listeners) < 1
    notebook.run_to_end(1)
    assert videos_kept(notebook.page) == 0
    assert endpoint.asked["file"] == 2


def test_a_cell_that_is_run_again_and_again_keeps_one_video(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    notebook = open_notebook(f"import rushes\nw = {endpoint.create()})\nw")
    play_rounds(notebook, 5)
    notebook.wait_until(lambda: videos_kept(notebook.page) == 1)
    assert videos_made(notebook.page) == 5
