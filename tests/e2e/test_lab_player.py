"""The keys of the player beside the notebook's own, and a frame as a file."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook, wait_until_playable
from playwright.sync_api import Locator, expect

CELLS = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
DIRTY = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"
VIEW = "application/vnd.jupyter.widget-view+json"
# What is kept beside the card itself.
KEPT = f"""() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.outputs.toJSON()
    .filter(({{ data }}) => data["{VIEW}"]).map(({{ data }}) => data["text/html"]).join()"""
# A step ends in the middle of a frame.
STEPPED = "video => video.paused && !video.seeking && Math.abs(video.currentTime * 24 % 1 - 0.5) < 0.01"
FRAME = "video => Math.floor(video.currentTime * 24)"


def opened(open_notebook: OpenNotebook, endpoint: WatchedEndpoint) -> tuple[NotebookPage, Locator]:
    """A notebook with a video in its first cell, which JupyterLab has no more reason to draw anew."""
    notebook = open_notebook(f"import rushes\n{endpoint.create()}, poster=False)", "1", "2")
    notebook.run(0)
    notebook.wait_until(lambda: "Finished after" in notebook.page.evaluate(KEPT))
    wait_until_playable(notebook.card())
    return notebook, notebook.card().locator("video:visible")


def test_keys_inside_the_player_are_its_own_and_all_others_are_the_notebooks(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    notebook, video = opened(open_notebook, endpoint)
    page = notebook.page
    video.click(position={"x": 40, "y": 40})  # plays
    page.wait_for_function("video => video.currentTime > 0.1", arg=video.element_handle())
    page.keyboard.press(".")
    page.wait_for_function(STEPPED, arg=video.element_handle())
    before = video.evaluate(FRAME)
    for key in ["a", "b", "d", "d", "m", "y", "z", "x", ".", "Shift+Enter", ".", ","]:
        page.keyboard.press(key)
    notebook.wait_until(lambda: video.evaluate(FRAME) == before + 1 and video.evaluate(STEPPED))
    assert page.evaluate(CELLS) == 3
    expect(page.locator(".jp-MarkdownCell")).to_have_count(0)
    expect(notebook.prompt(1)).to_have_text("[ ]:")
    page.keyboard.press("?")
    expect(notebook.card().locator("kbd")).to_contain_text(["K", ",", "."])
    notebook.screenshot(pictures, "player-light")
    notebook.set_dark()
    notebook.screenshot(pictures, "player-dark")
    # Ctrl+S is the notebook's, wherever the focus is.
    notebook.wait_until(lambda: bool(page.evaluate(DIRTY)))
    page.keyboard.press("Control+s")
    notebook.wait_until(lambda: not page.evaluate(DIRTY))
    notebook.prompt(1).click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    notebook.wait_until(lambda: page.evaluate(CELLS) == 4)
    page.keyboard.press(".")
    page.keyboard.press("d")
    page.keyboard.press("d")
    notebook.wait_until(lambda: page.evaluate(CELLS) == 3)
    assert video.evaluate(FRAME) == before + 1


def test_the_frame_on_screen_is_saved_as_png(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, tmp_path: Path
) -> None:
    notebook, video = opened(open_notebook, endpoint)
    with notebook.page.expect_download() as download:
        notebook.card().get_by_role("button", name="Save this frame as PNG").click()
    assert re.fullmatch(r"[\w-]+-at-00\.000s\.png", download.value.suggested_filename)
    download.value.save_as(tmp_path / "frame.png")
    content = (tmp_path / "frame.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    size = video.evaluate("video => [video.videoWidth, video.videoHeight]")
    assert list(struct.unpack(">II", content[16:24])) == size
