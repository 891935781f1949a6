"""A notebook that is shared as a page: read without a kernel, and without a network."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from html_manager import html_manager_files
from nbclient import NotebookClient
from notebook_page import OpenNotebook, wait_until_playable
from playwright.sync_api import BrowserContext, Page, Route, expect
from test_lab_kept import PICTURE, expect_to_be_seen, wait_until_kept

STATE = "application/vnd.jupyter.widget-state+json"
#: The script that html-manager takes the widget from, at whichever CDN.
_WIDGET = re.compile("^https?:.*/anywidget@")
_SAVE_STATE = (
    "import ipywidgets, json\njson.dump(ipywidgets.Widget.get_manager_state(), open('state.json', 'w'))"
)


def converted(path: Path) -> Path:
    """The page that nbconvert makes of a notebook."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR", str(path)]
    subprocess.run(command, check=True)
    return path.with_suffix(".html")


def opened(context: BrowserContext, path: Path) -> Page:
    """The page in a browser without a network."""
    page = context.new_page()
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto(path.as_uri())
    return page


@pytest.fixture
def with_state(open_notebook: OpenNotebook) -> tuple[Path, str]:
    """A finished notebook with its widgets' state saved in it, as `Save Widget State` does; and the operation's ID."""
    notebook = open_notebook(
        "import rushes\nw = rushes.demo(seconds=0.5)\nw", _SAVE_STATE, "print(w.operation_id)"
    )
    notebook.run(0)
    wait_until_playable(notebook.card())
    wait_until_kept(notebook, PICTURE)
    notebook.run_to_end(1)
    operation_id = notebook.run_to_end(2).strip()
    notebook.save()
    saved = nbformat.read(notebook.path, as_version=4)
    saved.metadata["widgets"] = {STATE: json.loads((notebook.path.parent / "state.json").read_text())}
    path = notebook.path.with_name("with-state.ipynb")
    nbformat.write(saved, path)
    return path, operation_id


def expect_outcome(page: Page, operation_id: str) -> None:
    """Model, operation, outcome, time and picture are seen, once each."""
    shown = page.locator(".rushes-static:visible, .rushes-kept:visible")
    expect(shown).to_have_count(1)
    for text in ("veo-3.1-generate-preview", operation_id, "Finished after", "started 20"):
        expect(shown).to_contain_text(text)
    expect_to_be_seen(shown.locator("img"))


def test_html_manager_without_network_leaves_the_outcome(
    with_state: tuple[Path, str], browser_context: BrowserContext, pictures: Path
) -> None:
    path, operation_id = with_state
    page = opened(browser_context, converted(path))
    expect_outcome(page, operation_id)
    page.screenshot(path=pictures / "html-manager-without-network.png")


def test_html_manager_that_cannot_fetch_the_widget_leaves_the_outcome(
    with_state: tuple[Path, str], browser_context: BrowserContext, pictures: Path
) -> None:
    path, operation_id = with_state
    served = html_manager_files()

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name in served and not _WIDGET.search(route.request.url):
            route.fulfill(path=served[name])
        else:
            route.abort()

    page = browser_context.new_page()
    page.route(re.compile("^https?:"), answer)
    address = converted(path).as_uri()
    # html-manager runs, and asks for the widget's own script in vain.
    with page.expect_event(
        "requestfailed", lambda request: bool(_WIDGET.search(request.url)), timeout=60_000
    ):
        page.goto(address)
    page.wait_for_function("() => document.querySelector('.jupyter-widgets') !== null")
    expect_outcome(page, operation_id)
    page.screenshot(path=pictures / "html-manager-without-anywidget.png")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("rushes.demo(seconds=0.2).result()", "Finished after"),
        ("rushes.demo(seconds=0.2, status='failed').exception()", "Failed after"),
    ],
)
def test_a_notebook_that_was_run_headless_shows_the_outcome_without_network(
    browser_context: BrowserContext, tmp_path: Path, own_environment: Path, code: str, outcome: str
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"import rushes\n{code};")])
    NotebookClient(notebook, timeout=100, kernel_name="python3").execute()
    assert notebook.metadata["widgets"][STATE]["state"]
    path = tmp_path / "headless.ipynb"
    nbformat.write(notebook, path)
    page = opened(browser_context, converted(path))
    kept = page.locator(".rushes-kept")
    expect(kept).to_be_visible()
    expect(kept).to_contain_text(outcome)
    # Until then, where a card may still come, it neither shows nor takes up room.
    [position, visibility] = page.evaluate(
        """() => {
            const child = document.querySelector(".jp-OutputArea-child:has(.rushes-kept)");
            child.style.animationName = "none";
            getComputedStyle(child).animationName;
            child.style.animationName = "";
            const [animation] = child.getAnimations();
            animation.pause();
            animation.currentTime = 900;
            const { position, visibility } = getComputedStyle(child);
            return [position, visibility];
        }"""
    )
    assert (position, visibility) == ("absolute", "hidden")


def test_an_embedded_clip_plays_in_a_page_without_network(
    browser_context: BrowserContext, tmp_path: Path, own_environment: Path
) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("import rushes\n[video] = rushes.demo(seconds=0).result()"),
            nbformat.v4.new_code_cell("video.embed()"),
        ]
    )
    NotebookClient(notebook, timeout=100, kernel_name="python3").execute()
    path = tmp_path / "embedded.ipynb"
    nbformat.write(notebook, path)
    page = opened(browser_context, converted(path))
    video = page.locator("video")
    expect(video).to_have_count(1)
    page.evaluate("video => { video.muted = true; return video.play(); }", video.element_handle())
    page.wait_for_function("video => video.currentTime > 0.2", arg=video.element_handle())
