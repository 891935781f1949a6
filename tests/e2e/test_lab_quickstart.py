"""The quickstart as its reader runs it: Run All in JupyterLab, and save."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
from notebook_page import OpenNotebook, wait_until_it_plays, wait_until_playable
from playwright.sync_api import expect

QUICKSTART = Path(__file__).resolve().parents[2] / "notebooks" / "quickstart.ipynb"
CARDS = ("card", "boat", "lighthouse")
SMALL_BYTES = 30_000


def test_run_all_plays_every_video_and_the_saved_file_stays_small(
    open_notebook: OpenNotebook, pictures: Path
) -> None:
    cells = nbformat.read(QUICKSTART, 4).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    shown = [number for number, source in enumerate(code) if source.splitlines()[-1] in CARDS]
    assert len(shown) == len(CARDS)
    notebook = open_notebook(*code)
    notebook.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    for number in shown:
        wait_until_playable(notebook.card(number))
    expect(notebook.prompt(len(code) - 1)).to_have_text(re.compile(r"\[\d+\]:"))
    wait_until_it_plays(notebook.card(shown[0]))
    # The picture of the first card, in the HTML beside it and in what stands in for it.
    notebook.wait_until(lambda: notebook.save().count("data:image/jpeg") == 2)
    notebook.screenshot(pictures, "quickstart")
    saved = notebook.saved()
    saved["cells"] += [cell for cell in cells if cell.cell_type != "code"]
    assert len(json.dumps(saved, indent=1).encode()) < SMALL_BYTES
