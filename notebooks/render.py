"""Runs the notebooks and writes them as pages, each card as it is seen without a kernel.

    python notebooks/render.py FOLDER [--unexecuted]

With --unexecuted, which takes a second, the pages have no outputs.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

NOTEBOOKS = Path(__file__).resolve().parent
#: Cells that have a meaning on one host alone: they are shown and not run.
_NOT_RUN = {("colab", "install")}
_CELL_LIMIT_S = 120
_WIDGET = "application/vnd.jupyter.widget-view+json"
_LIVE_ONLY = "*Live in a notebook only: run it there.*"


def render(path: Path, folder: Path, *, execute: bool = True) -> None:
    """Write one notebook as a page, and run it first in a kernel and a directory of its own."""
    notebook = nbformat.read(path, as_version=4)
    if execute:
        for cell in notebook.cells:
            if (path.stem, cell.id) in _NOT_RUN:
                cell.metadata["tags"] = ["skip-execution"]
        with TemporaryDirectory(prefix="notebook-") as directory:
            NotebookClient(
                notebook,
                timeout=_CELL_LIMIT_S,
                kernel_name="python3",
                resources={"metadata": {"path": directory}},
            ).execute()
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        if _WIDGET in data and "text/html" not in data:
            output.data = {"text/markdown": _LIVE_ONLY}  # what text/plain says of it is of no use to a reader
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{path.stem}.md").write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--unexecuted", action="store_true")
    arguments = parser.parse_args()
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    with TemporaryDirectory(prefix="rushes-") as data_directory, ThreadPoolExecutor(len(paths)) as pool:
        # What is watched here is neither seen among the operations of this machine nor added to them.
        os.environ["RUSHES_DATA_DIR"] = data_directory
        list(pool.map(lambda path: render(path, arguments.folder, execute=not arguments.unexecuted), paths))


if __name__ == "__main__":
    main()
