"""A video that plays goes on playing, whatever the notebook wants to keep of it meanwhile."""

from __future__ import annotations

from typing import Any

from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook, wait_until_it_plays, wait_until_playable
from playwright.sync_api import JSHandle, expect

VIEW = "application/vnd.jupyter.widget-view+json"
PICTURE = "data:image/jpeg;base64,"
# What the picture is made with, held up until the test lets it go.
HOLD_PICTURE = """() => {
    const make = HTMLCanvasElement.prototype.toBlob;
    HTMLCanvasElement.prototype.toBlob = function (...given) {
        window.letGo = () => { HTMLCanvasElement.prototype.toBlob = make; make.apply(this, given); };
    };
}"""
LISTEN = """video => {
    video.heard = [];
    for (const name of ["emptied", "loadstart", "abort"])
        video.addEventListener(name, () => video.heard.push(name));
}"""


def outputs(notebook: NotebookPage) -> list[dict[str, Any]]:
    """The outputs of the first cell as the page has them."""
    found: list[dict[str, Any]] = notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.outputs.toJSON()"
    )
    return found


def beside_the_card(notebook: NotebookPage) -> str:
    """The static HTML of the card's own output."""
    return next(output["data"]["text/html"] for output in outputs(notebook) if VIEW in output["data"])


def behind_the_card(notebook: NotebookPage) -> str:
    """The HTML that stands in for the card."""
    others = [output["data"]["text/html"] for output in outputs(notebook) if VIEW not in output["data"]]
    return "".join(others)


def playing_video(notebook: NotebookPage) -> JSHandle:
    wait_until_it_plays(notebook.card())
    video = notebook.card().locator("video:visible").element_handle()
    notebook.page.evaluate(LISTEN, video)
    return video


def goes_on(notebook: NotebookPage, video: JSHandle) -> None:
    """Time goes on in this very element, which is in the page and was never loaded anew."""
    now = notebook.page.evaluate("video => video.currentTime", video)
    notebook.page.wait_for_function(
        "([video, now]) => video.isConnected && !video.paused && Math.abs(video.currentTime - now) > 0.3",
        arg=[video, now],
    )
    assert notebook.page.evaluate("video => video.heard", video) == []


def test_a_picture_that_comes_while_the_video_plays_waits_until_it_has_stopped(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    # The kernel believes for a shorter time than usual that a video plays, for the sake of the test's.
    shorter = "import rushes, rushes.static_outputs\nrushes.static_outputs.PLAYING_LEASE_S = 8.0\n"
    notebook = open_notebook(f"{shorter}{endpoint.create()}, loop=True)")
    notebook.page.evaluate(HOLD_PICTURE)
    notebook.run(0)
    wait_until_playable(notebook.card())
    notebook.wait_until(lambda: "Finished after" in beside_the_card(notebook))
    video = playing_video(notebook)
    card = notebook.card().element_handle()
    notebook.page.wait_for_function("() => window.letGo")
    notebook.page.evaluate("() => window.letGo()")
    notebook.wait_until(lambda: PICTURE in behind_the_card(notebook))
    goes_on(notebook, video)
    assert PICTURE not in beside_the_card(notebook)
    assert card.evaluate("card => card.isConnected")
    video.evaluate("video => video.pause()")
    notebook.wait_until(lambda: PICTURE in beside_the_card(notebook))
    expect(notebook.card().locator("video:visible")).to_have_count(1)


def test_an_output_that_is_renewed_all_the_same_takes_the_playing_video_over(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    # Nobody tells the kernel that a video plays while a cell holds it up.
    notebook = open_notebook(
        f"import rushes\nw = {endpoint.create()}, loop=True)\nw", "w._outputs.renew('<b>x</b>', 'x')"
    )
    notebook.run(0)
    wait_until_playable(notebook.card())
    notebook.wait_until(lambda: PICTURE in beside_the_card(notebook))
    video = playing_video(notebook)
    card = notebook.card().element_handle()
    notebook.run_to_end(1)
    notebook.page.wait_for_function("card => !card.isConnected", arg=card)
    goes_on(notebook, video)
    assert beside_the_card(notebook) == "<b>x</b>"


def test_a_video_that_starts_by_itself_goes_on_when_the_picture_is_kept(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    notebook = open_notebook(f"import rushes\n{endpoint.create()}, autoplay=True, loop=True)")
    notebook.run(0)
    wait_until_playable(notebook.card())
    video = notebook.card().locator("video:visible").element_handle()
    notebook.page.wait_for_function("video => !video.paused", arg=video)
    notebook.page.evaluate(LISTEN, video)
    # Beside the card before it starts, or behind the card where the picture took long.
    notebook.wait_until(lambda: PICTURE in beside_the_card(notebook) + behind_the_card(notebook))
    goes_on(notebook, video)
