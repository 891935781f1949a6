"""What stays behind: no key anywhere, no byte of the video in the file."""

from __future__ import annotations

import json

import pytest
from endpoint import WatchedEndpoint
from notebook_page import OpenNotebook, wait_until_playable
from playwright.sync_api import expect
from test_lab_kept import VIEW


def test_the_key_is_in_no_page_no_frame_and_no_file(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    # From a file, so that the notebook's own source does not have it.
    line = endpoint.create(seconds=1).replace(repr(endpoint.api_key), "open('key.txt').read()")
    notebook = open_notebook(f"import rushes\nw = {line})\nw", "print(repr(w), w.snapshot, w.get_state())")
    key_file = notebook.path.parent / "key.txt"
    key_file.write_text(endpoint.api_key)
    notebook.run(0)
    wait_until_playable(notebook.card())
    key_file.unlink()
    notebook.run_to_end(1)
    assert notebook.received(endpoint.base_url.rpartition("/")[2])  # frames are recorded at all
    assert not notebook.received(endpoint.api_key)
    assert endpoint.api_key not in notebook.page.content()
    assert endpoint.api_key not in notebook.save()


def test_a_notebook_saved_while_it_runs_is_small_and_says_what_stays_true(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook("import rushes\nw = rushes.demo(seconds=600)\nw", "print(w.operation_id)")
    notebook.run(0)
    operation_id = notebook.run_to_end(1).strip()
    saved = notebook.saved()
    state = saved["metadata"].pop("widgets", {})
    assert len(json.dumps(saved)) < 10_000
    for model in state.get("application/vnd.jupyter.widget-state+json", {}).get("state", {}).values():
        kept = {name: value for name, value in model["state"].items() if name not in ("_esm", "_css")}
        assert len(json.dumps(kept)) < 5_000
        assert "buffers" not in model
    # Beside it may be the one that stands in for the card once its kernel is gone.
    [output] = [output for output in saved["cells"][0]["outputs"] if VIEW in output["data"]]
    shown = "".join(output["data"]["text/html"])
    assert operation_id in shown
    assert "re-run the cell to see the result" in shown
    assert "http" not in shown


@pytest.mark.proves("temporary machine is told", host="Binder")
def test_on_a_temporary_machine_the_card_asks_to_save_until_somebody_has(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    binder = "import os, rushes\nos.environ['BINDER_LAUNCH_HOST'] = 'https://mybinder.org/'"
    notebook = open_notebook(f"{binder}\n{endpoint.create()})")
    notebook.run(0)
    wait_until_playable(notebook.card())
    expect(notebook.card()).to_contain_text("temporary machine: save this video")
    with notebook.page.expect_download():
        notebook.card().get_by_role("link", name="Save video").click()
    expect(notebook.card()).not_to_contain_text("temporary machine")
