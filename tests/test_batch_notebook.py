"""The batch notebook runs on a real cluster of processes, and the key is in nothing that they are sent."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.tools

BATCH = Path(__file__).resolve().parent.parent / "notebooks" / "batch.ipynb"

# The scheduler is in the notebook's kernel: whatever goes to a worker or comes from one passes here. Tasks and results
# are pickled into these frames, which nothing compresses.
RECORD = """
import dask
dask.config.set({"distributed.comm.compression": None})
import distributed.comm.tcp as tcp
frames = []

async def recorded(message, *arguments, to_frames=tcp.to_frames, **options):
    made = await to_frames(message, *arguments, **options)
    frames.extend(map(bytes, made))
    return made

async def received(made, *arguments, from_frames=tcp.from_frames, **options):
    frames.extend(map(bytes, made))
    return await from_frames(made, *arguments, **options)

tcp.to_frames, tcp.from_frames = recorded, received
"""

LOOK = """
traffic = b"".join(frames)
print(all(name.encode() in traffic for name in names), folder.encode() in traffic, b"filtered" in traffic)
print(endpoint.api_key.encode() in traffic, b"API_KEY" in traffic)
canary = "a key that somebody passes to a task"
print(engine.submit(len, canary).result() == len(canary), canary.encode() in b"".join(frames))
print(all(Path(path).stat().st_size > 10_000 for row in rows for path in row["paths"]))
"""

# A worker whose environment has no key says so, and its error comes back as what it is.
WITHOUT_KEY = """
import distributed

def without_key(name):
    kept = {variable: os.environ.pop(variable) for variable in list(os.environ) if variable.endswith("_API_KEY")}
    try:
        return fetch(name, folder)
    finally:
        os.environ.update(kept)

error = engine.submit(without_key, names[0]).exception()
print(type(error).__name__, error.next_step.split(",")[0])
"""


def text_of(cell: nbformat.NotebookNode) -> str:
    """What stands under a cell."""
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
    )


@pytest.mark.timeout(300)  # worker processes begin slowly on a busy machine
def test_the_batch_runs_on_other_processes_which_are_never_sent_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where the notebook makes its folder
    notebook = nbformat.read(BATCH, as_version=4)
    by_id = {cell.id: cell for cell in notebook.cells}
    record, look, without_key = map(nbformat.v4.new_code_cell, (RECORD, LOOK, WITHOUT_KEY))
    notebook.cells.insert(0, record)
    notebook.cells[-1:-1] = [look, without_key]
    NotebookClient(
        notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()

    rows = text_of(by_id["rows"])
    assert (rows.count("'succeeded'"), rows.count(".mp4"), rows.count("'filtered', []")) == (7, 7, 1)
    assert text_of(by_id["workers"]) == "(False, False)"
    assert "An API key is not pickled." in text_of(by_id["refused"])
    assert text_of(look).split() == ["True", "True", "True", "False", "False", "True", "True", "True"]
    assert text_of(without_key).startswith("CredentialsError Pass api_key=")
    loud = [
        cell.id
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "stderr" in output.values()
    ]
    assert loud == []
