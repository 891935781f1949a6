"""A cell that prints more than the server lets through takes state and chunks with it: the page makes up for them."""

from __future__ import annotations

from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook, wait_until_it_plays
from playwright.sync_api import expect

# Until the test takes the file away. Twelve times what jupyter_server passes on by default.
FLOOD = """import pathlib, threading, time
def flood():
    while pathlib.Path("flood.txt").exists():
        print("x" * 99_999)
        time.sleep(0.008)
threading.Thread(target=flood, daemon=True).start()"""
LIMIT = "IOPub data rate exceeded"


def flooded(notebook: NotebookPage, cell: int) -> Path:
    """Begin to print, and wait until the server drops messages."""
    on = notebook.path.with_name("flood.txt")
    on.touch()
    notebook.run(cell)
    notebook.wait_until(lambda: notebook.received(LIMIT))
    return on


def test_an_operation_that_ends_under_a_flood_is_told_and_plays_without_a_reload(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    told = "w.add_done_callback(lambda w: __import__('pathlib').Path('told.txt').touch())"
    notebook = open_notebook(f"import rushes\nw = {endpoint.create()})\n{told}\nw", FLOOD)
    notebook.run(0)
    expect(notebook.card()).to_have_attribute("data-status", "running")
    on = flooded(notebook, 1)
    endpoint.holding = False
    # What the kernel sends until then, the server throws away, but for a quarter of a second in every three.
    notebook.wait_until(notebook.path.with_name("told.txt").exists)
    on.unlink()
    wait_until_it_plays(notebook.card())
    expect(notebook.card()).to_have_attribute("data-status", "succeeded")
    assert endpoint.asked["file"] == 2
