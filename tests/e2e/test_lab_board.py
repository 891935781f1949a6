"""Many operations on one board, in a real JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Locator, expect
from test_lab_kept import wait_until_kept

PICTURE = "data:image/jpeg;base64,"


def board_of(notebook: NotebookPage, cell: int = 0) -> Locator:
    return notebook.output(cell).locator("section.rushes-board")


def source(endpoint: WatchedEndpoint, *statuses: str, seconds: float = 1.0) -> str:
    """A cell that shows a board of operations that end like this."""
    names = [endpoint.create_operation(seconds=seconds, status=status) for status in statuses]
    labels = [f"take {number}" for number in range(1, len(names) + 1)]
    return (
        f"import rushes\nboard = rushes.watch_all({names!r}, labels={labels!r}, "
        f"base_url={endpoint.base_url!r}, api_key={endpoint.api_key!r})\nboard"
    )


def test_a_board_runs_shows_pictures_plays_and_keeps_its_stars(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    endpoint.holding = True
    statuses = ("succeeded", "succeeded", "filtered", "succeeded", "failed")
    notebook = open_notebook(source(endpoint, *statuses), "[take.label for take in board.picks]")
    notebook.run(0)
    board = board_of(notebook)
    tiles = board.locator(".rushes-tile")
    expect(tiles).to_have_count(5)
    expect(board.locator(".rushes-headline").first).to_have_text("0 of 5 finished")
    notebook.screenshot(pictures, "board-running")
    endpoint.holding = False
    expect(board.locator(".rushes-headline").first).to_have_text("All 5 finished")
    expect(board.locator(".rushes-tile img:visible")).to_have_count(3)
    expect(board.locator("video")).to_have_count(0)
    notebook.screenshot(pictures, "board-finished")
    # The board is drawn anew once its pictures are kept in the output, and a key in that instant would be lost.
    notebook.wait_until(lambda: wait_until_kept(notebook, PICTURE).count(PICTURE) == 3)
    # Open one by the keyboard, star it, and open another beside it.
    tiles.nth(1).locator(".rushes-tile-open").focus()
    notebook.page.keyboard.press("s")
    expect(tiles.nth(1).locator(".rushes-star")).to_have_attribute("aria-pressed", "true")
    notebook.page.keyboard.press("Enter")
    video = board.locator(".rushes-viewer video")
    expect(video).to_have_count(1)
    notebook.page.wait_for_function("video => video.currentTime > 0.1", arg=video.element_handle())
    notebook.screenshot(pictures, "board-opened")
    tiles.nth(0).locator(".rushes-tile-open").focus()
    notebook.page.keyboard.press("c")
    expect(board.locator(".rushes-viewer video:visible")).to_have_count(2)
    notebook.screenshot(pictures, "board-compared")
    notebook.set_theme("JupyterLab Dark")
    notebook.screenshot(pictures, "board-dark")
    for _ in range(2):
        tiles.nth(0).locator(".rushes-tile-open").press("Escape")
    expect(board.locator("video")).to_have_count(0)
    # What the notebook keeps: text, a few pictures, no video, no key.
    html = wait_until_kept(notebook, PICTURE)
    assert "take 3<td>Withheld" in html
    saved = notebook.save()
    assert endpoint.api_key not in re.sub("api_key='[^']*'", "", saved)
    assert len(re.sub(f"{PICTURE}[A-Za-z0-9+/=]+", "", saved)) < 10_000
    # The star is in the data directory: it is there after a reload, with the picture, and no video travels again.
    notebook.frames.clear()
    notebook.reload()
    expect(tiles).to_have_count(5)
    expect(tiles.nth(1).locator(".rushes-star")).to_have_attribute("aria-pressed", "true")
    expect(board.locator(".rushes-tile img:visible")).to_have_count(3)
    assert notebook.chunks() == []
    assert "['take 2']" in notebook.run_to_end(1)
    # And after a restart of the kernel, whose board is another one.
    endpoint.asked.clear()
    notebook.restart_kernel()
    notebook.run(0)
    expect(board.locator(".rushes-headline").first).to_have_text("All 5 finished")
    expect(tiles.nth(1).locator(".rushes-star")).to_have_attribute("aria-pressed", "true")
    expect(board.locator(".rushes-tile img:visible")).to_have_count(3)
    assert endpoint.asked["file"] == 0
