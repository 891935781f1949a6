"""What a notebook keeps for readers without a kernel."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from endpoint import WatchedEndpoint
from lab_server import LabServer
from notebook_page import NotebookPage, OpenNotebook, wait_until_it_plays, wait_until_playable
from playwright.sync_api import FloatRect, Locator, expect

# Every frame that shows what stands in for a card, or in which that takes up room.
WATCH_FOR_STAND_INS = """() => {
    window.seen = [];
    window.drawn = 0;
    const look = () => {
        for (const kept of document.querySelectorAll(".jp-Notebook .rushes-kept")) {
            window.drawn += 1;
            const child = kept.closest(".jp-OutputArea-child");
            const { display, position } = getComputedStyle(child);
            const isShown = kept.checkVisibility({ visibilityProperty: true });
            const takesRoom = display !== "none" && position !== "absolute";
            if (isShown || takesRoom) window.seen.push(child.parentElement.outerHTML);
        }
        requestAnimationFrame(look);
    };
    look();
}"""
VIEW = "application/vnd.jupyter.widget-view+json"
PICTURE = "data:image/jpeg;base64,"


def wait_until_kept(notebook: NotebookPage, text: str, cell: int = 0) -> str:
    """Until the notebook in the page has this beside the card of a cell; then the HTML beside it as it is saved."""
    notebook.page.wait_for_function(
        """([cell, view, text]) => {
            const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[cell].model;
            return outputs.toJSON().some(({ data }) => data?.[view] && data["text/html"].includes(text));
        }""",
        arg=[cell, VIEW, text],
    )
    outputs: list[dict[str, Any]] = notebook.saved()["cells"][cell]["outputs"]
    [html] = ["".join(output["data"]["text/html"]) for output in outputs if VIEW in output.get("data", {})]
    return html


def expect_to_be_seen(image: Locator) -> None:
    """The picture is shown and decoded."""
    expect(image).to_be_visible()
    image.page.wait_for_function(
        "image => image.complete && image.naturalWidth > 100", arg=image.element_handle()
    )


def assert_to_be_seen_through(video: Locator) -> None:
    """Above its controls the player shows what lies under it."""
    video.scroll_into_view_if_needed()
    box = video.bounding_box()
    assert box is not None
    top: FloatRect = {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"] / 4}
    with_player = video.page.screenshot(clip=top)
    video.evaluate("video => { video.style.visibility = 'hidden'; }")
    assert video.page.screenshot(clip=top) == with_player


def test_the_saved_notebook_has_outcome_and_picture_and_stays_small(
    open_notebook: OpenNotebook, pictures: Path
) -> None:
    notebook = open_notebook("import rushes\nw = rushes.demo(seconds=0.5)\nw")
    notebook.run(0)
    wait_until_playable(notebook.card())
    html = wait_until_kept(notebook, PICTURE)
    assert "Finished after" in html
    assert "re-run the cell to see the result" not in html
    without_pictures = re.sub(f"{PICTURE}[A-Za-z0-9+/=]+", "", notebook.save())
    assert len(without_pictures) < 10_000
    assert len(notebook.save()) < 10_000 + 2 * 54_000
    wait_until_it_plays(notebook.card())
    notebook.screenshot(pictures, "kept-live")


def test_without_poster_the_file_has_none(open_notebook: OpenNotebook, endpoint: WatchedEndpoint) -> None:
    notebook = open_notebook(f"import rushes\n{endpoint.create()}, poster=False)")
    notebook.run(0)
    wait_until_playable(notebook.card())
    assert "<img" not in wait_until_kept(notebook, "Finished after")
    assert len(notebook.save()) < 10_000


def test_every_cell_that_shows_the_widget_keeps_its_outcome(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        "import rushes\nw = rushes.demo(seconds=2)\nw", "w", "rushes.demo(seconds=0.2, status='filtered')"
    )
    for cell in range(3):
        notebook.run(cell)
    assert "Finished after" in wait_until_kept(notebook, PICTURE, 0)
    assert "Finished after" in wait_until_kept(notebook, PICTURE, 1)
    assert "<img" not in wait_until_kept(notebook, "Withheld", 2)


def test_nbconvert_shows_text_picture_and_the_saved_video_offline(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    notebook = open_notebook(f"import rushes\n{endpoint.create()}, save_to='my clips/')")
    (notebook.path.parent / "my clips").mkdir()
    notebook.run(0)
    wait_until_playable(notebook.card())
    wait_until_kept(notebook, PICTURE)
    converted = notebook.path.with_suffix(".html")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR", str(notebook.path)],
        check=True,
    )
    for private in (endpoint.api_key, str(notebook.path.parent), "Signature", "http"):
        assert private not in str(notebook.saved()["cells"][0]["outputs"])
    page = notebook.page.context.new_page()
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto(converted.as_uri())
    expect(page.locator(".rushes-static")).to_contain_text("Finished after")
    expect(page.locator(".rushes-kept")).to_be_hidden()
    expect_to_be_seen(page.locator(".rushes-static img"))
    video = page.locator(".rushes-static video")
    assert (video.get_attribute("src") or "").startswith("my%20clips/")
    assert video.bounding_box() == page.locator(".rushes-static img").bounding_box()
    page.evaluate("video => { video.muted = true; return video.play(); }", video.element_handle())
    page.wait_for_function("video => video.currentTime > 0.2", arg=video.element_handle())
    page.screenshot(path=pictures / "nbconvert.png")
    # A reader who got the page alone: the picture is seen through the player.
    for file in (notebook.path.parent / "my clips").iterdir():
        file.unlink()
    page.reload()
    page.wait_for_function("() => document.querySelector('.rushes-static video').error !== null")
    expect_to_be_seen(page.locator(".rushes-static img"))
    expect(page.locator(".rushes-static")).to_contain_text("Re-run the cell to play the video")
    page.screenshot(path=pictures / "nbconvert-without-video.png")
    assert_to_be_seen_through(video)


def test_a_notebook_that_is_not_trusted_shows_the_same(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    notebook = open_notebook(f"import rushes\n{endpoint.create()}, save_to='here.mp4')")
    notebook.run(0)
    wait_until_playable(notebook.card())
    wait_until_kept(notebook, PICTURE)
    # Trust goes by the content: another source, and JupyterLab shows the HTML and runs nothing.
    copy = notebook.path.with_name("untrusted.ipynb")
    copy.write_text(notebook.path.read_text().replace("import rushes", "import rushes  # a stranger's"))
    notebook.page.goto(notebook.url_of(copy.name))
    static = notebook.output(0).locator(".rushes-static")
    expect(static).to_contain_text("Finished after")
    expect_to_be_seen(static.locator("img"))
    video = static.locator("video")
    expect(video).to_have_js_property("videoWidth", 1280)
    assert video.bounding_box() == static.locator("img").bounding_box()
    expect(notebook.output(0).locator(".rushes-kept")).to_be_hidden()
    notebook.screenshot(pictures, "untrusted")
    notebook.page.goto("about:blank")
    (notebook.path.parent / "here.mp4").unlink()
    notebook.page.goto(notebook.url_of(copy.name))
    expect_to_be_seen(static.locator("img"))
    notebook.page.wait_for_function("video => video.error !== null", arg=video.element_handle())
    notebook.screenshot(pictures, "untrusted-without-video")
    assert_to_be_seen_through(video)


def test_what_stands_in_for_a_card_is_not_seen_before_the_card_is_drawn(open_notebook: OpenNotebook) -> None:
    # Ended at once: no page has been heard, and what stands in comes together with the card.
    notebook = open_notebook(
        "import rushes, time\nrushes.demo(seconds=0).result()",
        "rushes.watch(rushes.recent()[0]).result()\ntime.sleep(1)",
    )
    notebook.run_to_end(0)
    notebook.page.evaluate(WATCH_FOR_STAND_INS)
    notebook.run_to_end(1)
    expect(notebook.card(1)).to_be_visible()
    expect(notebook.output(1).locator(".rushes-kept")).to_have_count(1)
    assert notebook.page.evaluate("() => window.drawn") > 10
    assert notebook.page.evaluate("() => window.seen") == []


def test_a_trusted_notebook_without_its_kernel_shows_it_instead_of_an_error(
    open_notebook: OpenNotebook, lab_server: LabServer, pictures: Path
) -> None:
    notebook = open_notebook(
        "import rushes\nw = rushes.demo(seconds=0.5)\nw\nprint('a line')\nw",
        "rushes.demo(seconds=0.2, status='failed')",
        "rushes.demo(seconds=600)",
    )
    for cell in range(3):
        notebook.run(cell)
    wait_until_kept(notebook, PICTURE)
    wait_until_kept(notebook, "Failed", 1)
    for cell in range(3):
        expect(notebook.card(cell)).to_be_visible()
        expect(notebook.output(cell).locator(".rushes-kept")).to_have_count(1)
        expect(notebook.output(cell).locator(".rushes-kept")).to_be_hidden()
    notebook.save()
    notebook.page.goto("about:blank")
    lab_server.end_kernels()
    notebook.page.goto(notebook.url_of(notebook.path.name))
    kept = notebook.output(0).locator(".rushes-kept")
    expect(kept).to_contain_text("Finished after")
    expect_to_be_seen(kept.locator("img"))
    expect(notebook.output(1).locator(".rushes-kept")).to_contain_text("Failed")
    error = notebook.page.get_by_text("model not found")
    expect(notebook.output(2).locator(".rushes-kept")).to_contain_text("re-run the cell to see the result")
    expect(error).to_have_count(3)
    for number in range(3):
        expect(error.nth(number)).to_be_hidden()
    notebook.screenshot(pictures, "trusted-without-kernel")
