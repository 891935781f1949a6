"""The quickstart runs from top to bottom in a real kernel, and stays small when it is saved."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.tools

QUICKSTART = Path(__file__).resolve().parent.parent / "notebooks" / "quickstart.ipynb"
SAVED_LIMIT_BYTES = 30_000


@pytest.fixture
def executed(tmp_path: Path, own_environment: Path) -> nbformat.NotebookNode:
    """The quickstart after Run All, with what a host that saves widget state would save."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        store_widget_state=True,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    return notebook


def outputs_of(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    [cell] = [cell for cell in notebook.cells if cell.id == cell_id]
    return "\n".join(output.data.get("text/plain", "") for output in cell.outputs if "data" in output)


def test_quickstart_runs_and_saves_small(executed: nbformat.NotebookNode, own_environment: Path) -> None:
    assert str(own_environment) in outputs_of(executed, "result")
    assert outputs_of(executed, "both").count("Video(") == 2
    assert outputs_of(executed, "recent").count("succeeded") == 3

    spoken = [o.text for cell in executed.cells for o in cell.get("outputs", []) if o.output_type == "stream"]
    assert spoken == []  # no warning of a library stands under a cell

    # The bundle is a part of every widget's state, and says nothing about this notebook.
    for model in executed.metadata.widgets["application/vnd.jupyter.widget-state+json"].state.values():
        model.state.pop("_esm", None)
        model.state.pop("_css", None)
    saved = nbformat.writes(executed)
    assert len(saved.encode()) < SAVED_LIMIT_BYTES
    assert "demo-key-not-secret" not in saved


def test_quickstart_is_committed_without_outputs() -> None:
    notebook = nbformat.read(QUICKSTART, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert "widgets" not in notebook.metadata
