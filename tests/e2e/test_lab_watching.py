"""From running to a playing video, in a real JupyterLab."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import OpenNotebook, wait_until_it_plays, wait_until_playable
from playwright.sync_api import expect


def test_a_cell_goes_from_running_to_a_playing_video(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    endpoint.holding = True
    notebook = open_notebook(f"import rushes\n{endpoint.create()})")
    notebook.run(0)
    card = notebook.card()
    expect(card).to_have_attribute("data-status", "running")
    expect(card.locator(".rushes-headline")).to_have_text("Generating")
    elapsed = card.locator(".rushes-elapsed")
    for _ in range(2):
        shown = elapsed.inner_text()
        assert re.fullmatch(r"\d+:\d\d", shown)
        expect(elapsed).not_to_have_text(shown)
    expect(card.locator(".rushes-facts")).to_contain_text("Polled")
    notebook.screenshot(pictures, "running-light")
    endpoint.holding = False
    wait_until_it_plays(card)
    expect(card).to_have_attribute("data-status", "succeeded")
    expect(card.locator(".rushes-total")).to_have_text(re.compile(r"took \d+:\d\d"))
    box = card.locator("video:visible").bounding_box()
    assert box is not None
    ratio = card.locator("video:visible").evaluate("video => video.videoWidth / video.videoHeight")
    assert abs(box["width"] / box["height"] - ratio) < 0.05
    expect(card.get_by_role("link", name="Save video")).to_have_attribute("download", re.compile(r"\.mp4$"))
    notebook.screenshot(pictures, "succeeded-light")
    notebook.set_theme("JupyterLab Dark")
    notebook.screenshot(pictures, "succeeded-dark")


def test_the_saved_file_is_the_video_that_the_kernel_has(open_notebook: OpenNotebook, tmp_path: Path) -> None:
    notebook = open_notebook(
        "import rushes\nw = rushes.demo(seconds=0.2)\nw",
        "import hashlib, json\nprint(hashlib.sha256(w.result()[0].data).hexdigest())",
    )
    notebook.run(0)
    wait_until_playable(notebook.card())
    in_kernel = notebook.run_to_end(1).strip()
    with notebook.page.expect_download() as download:
        notebook.card().get_by_role("link", name="Save video").click()
    download.value.save_as(tmp_path / "saved.mp4")
    assert hashlib.sha256((tmp_path / "saved.mp4").read_bytes()).hexdigest() == in_kernel


def test_every_sample_is_reachable(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("import rushes\nrushes.demo(seconds=0.2, samples=3)")
    notebook.run(0)
    card = notebook.card()
    wait_until_playable(card)
    tabs = card.get_by_role("tab")
    expect(tabs).to_have_count(3)
    video = card.locator("video:visible")
    sources: list[str] = []
    for number in range(3):
        tabs.nth(number).click()
        for other in sources:  # the one before stays until the next one has a picture
            expect(video).not_to_have_attribute("src", other)
        wait_until_playable(card)
        sources.append(video.get_attribute("src") or "")
    assert len(set(sources)) == 3


def test_a_video_inside_the_answer_plays_the_same_way(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.inline = True
    notebook = open_notebook(f"import rushes\n{endpoint.create()})")
    notebook.run(0)
    wait_until_it_plays(notebook.card())
    assert endpoint.asked["file"] == 0


def test_result_shows_the_card_and_returns_the_video(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        "import rushes\nw = rushes.demo(seconds=0.5)\nprint(len(w.result()), w.status, w.done)"
    )
    assert "1 succeeded True" in notebook.run_to_end(0)
    wait_until_playable(notebook.card())


def test_await_and_the_magic_work_in_a_cell(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        "import rushes\nw = rushes.demo(seconds=0.5)\nprint(len(await w), w.status)",
        "%load_ext rushes\nname = f'models/{w.model_name}/operations/{w.operation_id}'",
        "%watch {name} --base-url http://127.0.0.1:9",
    )
    assert "1 succeeded" in notebook.run_to_end(0)
    notebook.run_to_end(1)
    notebook.run(2)
    expect(notebook.card(2)).to_have_attribute("data-status", "failed")
    expect(notebook.card(2)).to_contain_text("There is no API key")
