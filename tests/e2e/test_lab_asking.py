"""What a person asks of the card: stop, resume, a key."""

from __future__ import annotations

from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import OpenNotebook, wait_until_playable
from playwright.sync_api import expect
from test_lab_kept import wait_until_kept


def test_stop_and_resume(open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path) -> None:
    endpoint.holding = True
    notebook = open_notebook(f"import rushes\nw = {endpoint.create()})\nw", "print(w.status, w.done)")
    notebook.run(0)
    card = notebook.card()
    card.get_by_role("button", name="Stop watching").click()
    expect(card).to_have_attribute("data-status", "stopped")
    expect(card).to_contain_text("may be billed")
    notebook.screenshot(pictures, "stopped-light")
    assert "stopped True" in notebook.run_to_end(1)
    card.get_by_role("button", name="Resume watching").click()
    expect(card).to_have_attribute("data-status", "running")
    endpoint.holding = False
    wait_until_playable(card)
    expect(card).to_have_attribute("data-status", "succeeded")


def test_interrupting_a_cell_that_waits_for_the_result_leaves_the_watch_running(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    notebook = open_notebook(f"import rushes\nw = {endpoint.create()})\nw.result()")
    output = notebook.run(0)
    expect(notebook.card()).to_have_attribute("data-status", "running")
    notebook.interrupt()
    expect(output).to_contain_text("KeyboardInterrupt")
    expect(notebook.card()).to_have_attribute("data-status", "running")
    endpoint.holding = False
    expect(notebook.card()).to_have_attribute("data-status", "succeeded")


def test_a_click_that_a_running_cell_holds_up_says_so_and_still_counts(open_notebook: OpenNotebook) -> None:
    blocking = "import pathlib, time\nwhile not pathlib.Path('go.txt').exists():\n    time.sleep(0.05)"
    notebook = open_notebook("import rushes\nrushes.demo(seconds=60)", blocking)
    go = notebook.path.with_name("go.txt")
    notebook.run(0)
    card = notebook.card()
    expect(card).to_have_attribute("data-status", "running")
    notebook.run(1)
    notebook.wait_until_it_runs(1)
    card.get_by_role("button", name="Stop watching").click()
    expect(card).to_contain_text("Waiting for the running cell")
    expect(card).to_have_attribute("data-status", "running")
    go.touch()
    expect(card).to_have_attribute("data-status", "stopped")
    expect(card).not_to_contain_text("Waiting for the running cell")
    go.unlink()


def test_a_missing_key_is_asked_for_and_the_video_comes(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    line = endpoint.create().partition(", api_key")[0]
    notebook = open_notebook(f"import rushes\n{line})")
    notebook.run(0)
    card = notebook.card()
    expect(card).to_contain_text("There is no API key")
    # The card is drawn anew once its output tells it too, with an empty field.
    wait_until_kept(notebook, "There is no API key")
    field = card.locator("input[type=password]")
    notebook.screenshot(pictures, "key-light")
    field.fill("a-wrong-one")
    field.press("Enter")
    expect(card).to_contain_text("HTTP 401")
    wait_until_kept(notebook, "HTTP 401")
    expect(field).to_have_value("")
    field.fill(endpoint.api_key)
    field.press("Enter")
    wait_until_playable(card)
    expect(field).to_be_hidden()
    assert endpoint.api_key not in notebook.page.content()
    assert not notebook.received(endpoint.api_key)
    assert endpoint.api_key not in notebook.save()
