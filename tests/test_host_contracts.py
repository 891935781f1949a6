"""What Colab and GitHub do to a widget and its notebook, as their sources say; no such host runs here.

`js/tests/hosts.test.ts` has the page's side, `tests/fake_colab.py` Colab's secrets.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from fake_watch import FakeWatch, RecordingComm, finished, made
from timing import wait_until

from rushes.widget import OperationWidget

pytest_plugins = ("widget_fixtures",)

HOSTS = (Path(__file__).parents[1] / "docs" / "hosts.md").read_text(encoding="utf-8")
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
MANAGER = "https://ssl.gstatic.com/colaboratory-static/widgets/colab-cdn-widget-manager/x/manager.min.js"


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module by which anywidget knows Colab, with a widget manager of Colab's own."""
    output = ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: None  # type: ignore[attr-defined]
    output._widgets = SimpleNamespace(_installed_url=MANAGER)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, output.__name__, output)


# googlecolab/colabtools, google/colab/output/_widgets.py: Colab's page takes the manager from the metadata of the view.
@pytest.mark.usefixtures("colab")
def test_colab_finds_its_widget_manager_in_the_metadata_though_our_html_stands_beside_the_card(
    comm: RecordingComm, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = made(FakeWatch(), comm, monkeypatch)
    bundle = widget._repr_mimebundle_()
    widget.close()
    assert bundle is not None
    data, metadata = bundle
    assert {VIEW, "text/html", "text/plain"} <= set(data)
    assert metadata == {VIEW: {"colab": {"custom_widget_manager": {"url": MANAGER}}}}


def saved_by_colab(widget: OperationWidget, bundle: dict[str, Any]) -> dict[str, Any]:
    """A notebook with one card, its models flat where the notebook format has them below "state"
    (googlecolab/colabtools #4559 and #5256, jupyter/nbconvert#1731).
    """
    state = {key: value for key, value in widget.get_state().items() if isinstance(value, (str, int, dict))}
    model = {
        "model_module": "anywidget",
        "model_module_version": "~0.11.*",
        "model_name": "AnyModel",
        "state": state,
    }
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "source": "w",
        "outputs": [{"output_type": "display_data", "data": bundle, "metadata": {}}],
    }
    metadata = {"widgets": {STATE: {"comm-1": model}}, "colab": {"provenance": []}}
    return {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 0}


@pytest.fixture
def notebook(widget: OperationWidget, watch: FakeWatch, tmp_path: Path) -> Path:
    """Such a file, of an operation that has finished."""
    watch.move(finished(tmp_path, b"canary-bytes" * 1000))
    wait_until(lambda: widget.status == "succeeded")
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    path = tmp_path / "from_colab.ipynb"
    path.write_text(json.dumps(saved_by_colab(widget, bundle[0])), encoding="utf-8")
    return path


def test_what_colab_saves_of_a_widget_has_no_byte_of_the_video(notebook: Path) -> None:
    saved = json.loads(notebook.read_text(encoding="utf-8"))
    state = saved["metadata"]["widgets"][STATE]["comm-1"]["state"]
    own = {key: value for key, value in state.items() if key not in ("_esm", "_css")}
    assert "canary-bytes" not in notebook.read_text(encoding="utf-8")
    assert len(json.dumps(own)) < 5_000


def convert(notebook: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR", str(notebook)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.tools
@pytest.mark.proves("kept for readers without a kernel", host="Colab")
@pytest.mark.proves("kept for readers without a kernel", host="GitHub")
def test_the_way_out_of_what_colab_saves_is_the_command_in_the_docs(notebook: Path) -> None:
    assert "'state'" in convert(notebook).stderr  # what GitHub says: the 'state' key is missing
    found = re.search(r"^python -c .* notebook\.ipynb$", HOSTS, re.MULTILINE)
    assert found is not None
    command = [sys.executable, *shlex.split(found[0])[1:-1], str(notebook)]
    subprocess.run(command, check=True, timeout=60)
    converted = convert(notebook)
    assert converted.returncode == 0, converted.stderr
    assert "Finished after" in notebook.with_suffix(".html").read_text(encoding="utf-8")
    assert json.loads(notebook.read_text(encoding="utf-8"))["metadata"] == {"colab": {"provenance": []}}
