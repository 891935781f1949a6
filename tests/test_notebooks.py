"""The notebooks run from top to bottom in a real kernel, and stay small when they are saved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.tools

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
QUICKSTART = NOTEBOOKS / "quickstart.ipynb"
DEMO = NOTEBOOKS / "demo.ipynb"
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


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert "widgets" not in notebook.metadata


# What a visitor of the demo does: choose, press the button, watch, and the next one.
_VISIT = """
for choice in {choices!r}:
    outcome.value = choice
    button.click()
    endpoint, card = shown
    error = card.exception(timeout=200)
    print(choice, card.status, type(error).__name__, f"flaky={{'flaky=True' in code.value}}")
clear()
print(endpoint, place.children)
"""


def visit(directory: Path, choices: list[str]) -> str:
    """Run the demo in a kernel of its own, make these choices in it, and return what was printed."""
    notebook = nbformat.read(DEMO, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(_VISIT.format(choices=choices)))
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(directory)}}
    ).execute()
    assert [cell.id for cell in notebook.cells[:-1] if cell.get("outputs") and cell.id != "app"] == []
    return "".join(output.get("text", "") for output in notebook.cells[-1].outputs)


@pytest.mark.timeout(300)
def test_visitors_of_the_demo_see_every_outcome_at_once(tmp_path: Path) -> None:
    visits = [["Success", "Filtered"], ["Failed", "Success"], ["Flaky network"]]
    with ThreadPoolExecutor(len(visits)) as pool:
        told = list(pool.map(lambda choices: visit(tmp_path, choices).splitlines(), visits))
    assert told == [
        [
            "Success succeeded NoneType flaky=False",
            "Filtered filtered OperationFilteredError flaky=False",
            "<DemoEndpoint stopped> ()",
        ],
        [
            "Failed failed OperationFailedError flaky=False",
            "Success succeeded NoneType flaky=False",
            "<DemoEndpoint stopped> ()",
        ],
        ["Flaky network succeeded NoneType flaky=True", "<DemoEndpoint stopped> ()"],
    ]
