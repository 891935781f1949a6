"""Wherever a widget is shown, the video comes from the kernel's file: never from the endpoint a second time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blob_urls import count_video_urls, videos_kept, videos_made
from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook, wait_until_it_plays, wait_until_playable
from playwright.sync_api import BrowserContext, expect

SCROLL = """([cell, place]) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    void content.scrollToItem(cell, place);
}"""
WINDOWED = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.notebookConfig = { ...content.notebookConfig, windowingMode: "full" };
}"""


@pytest.fixture(scope="module", autouse=True)
def counted(browser_context: BrowserContext) -> None:
    count_video_urls(browser_context)


@pytest.fixture
def downloaded_once(endpoint: WatchedEndpoint) -> Iterator[None]:
    """Whatever the test does, the endpoint was asked for the file once, behind one redirect."""
    yield
    assert endpoint.asked["file"] == 2


def shown(open_notebook: OpenNotebook, endpoint: WatchedEndpoint, *cells: str) -> NotebookPage:
    notebook = open_notebook(f"import rushes\nw = {endpoint.create()})\nw", *cells)
    notebook.run(0)
    wait_until_playable(notebook.card())
    return notebook


@pytest.mark.usefixtures("downloaded_once")
def test_a_second_tab_on_the_same_notebook_shows_the_video(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    notebook = shown(open_notebook, endpoint)
    other = notebook.in_another_tab()
    wait_until_it_plays(other.card())
    wait_until_it_plays(notebook.card())


@pytest.mark.usefixtures("downloaded_once")
def test_a_second_tab_that_is_there_while_it_runs_sees_the_video_come(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    notebook = open_notebook(f"import rushes\nw = {endpoint.create()})\nw")
    notebook.run(0)
    expect(notebook.card()).to_have_attribute("data-status", "running")
    other = notebook.in_another_tab()
    expect(other.card()).to_have_attribute("data-status", "running")
    endpoint.holding = False
    for page in (notebook, other):
        wait_until_it_plays(page.card())
        expect(page.card()).to_have_attribute("data-status", "succeeded")


@pytest.mark.usefixtures("downloaded_once")
def test_a_notebook_that_was_closed_and_opened_again_shows_the_video_and_the_old_one_is_freed(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    notebook = shown(open_notebook, endpoint)
    notebook.close()
    notebook.wait_until(lambda: videos_kept(notebook.page) == 0)
    notebook.open_again()
    wait_until_it_plays(notebook.card())
    assert (videos_made(notebook.page), videos_kept(notebook.page)) == (2, 1)


@pytest.mark.usefixtures("downloaded_once")
def test_a_cleared_output_frees_the_video_and_another_cell_shows_it_again(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    notebook = shown(open_notebook, endpoint, "w")
    notebook.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    expect(notebook.card()).to_have_count(0)
    notebook.wait_until(lambda: videos_kept(notebook.page) == 0)
    notebook.run(1)
    wait_until_it_plays(notebook.card(1))


@pytest.mark.usefixtures("downloaded_once")
def test_a_second_view_shares_the_video_and_one_that_scrolls_away_and_back_still_has_it(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    tall = "print('line\\n' * 60)"
    notebook = shown(open_notebook, endpoint, "w", *[tall] * 4)
    notebook.page.evaluate(WINDOWED)
    notebook.run(1)
    wait_until_playable(notebook.card(1))
    for cell in range(2, 6):
        notebook.run_to_end(cell)
    for _ in range(2):
        notebook.page.evaluate(SCROLL, [5, "end"])
        for card in (notebook.card(0), notebook.card(1)):
            expect(card).to_be_hidden()
        notebook.page.evaluate(SCROLL, [0, "start"])
        wait_until_it_plays(notebook.card(0))
    notebook.page.evaluate(SCROLL, [1, "start"])
    wait_until_it_plays(notebook.card(1))
    assert (videos_made(notebook.page), videos_kept(notebook.page)) == (1, 1)
