"""On Colab: the notebook for it runs, and the install replaces nothing of what is loaded there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from packaging.requirements import Requirement
from packaging.version import Version
from pythons import find_python

import rushes

pytestmark = pytest.mark.tools

ROOT = Path(__file__).resolve().parent.parent
#: What Colab has loaded before the first cell runs (`pip list` there), of what rushes and anywidget name.
LOADED = {"ipython": "7.34.0", "ipykernel": "6.17.1", "ipywidgets": "7.7.1"}
KEY = "canary-colab-key"

_USERDATA = f"""
class SecretNotFoundError(Exception):
    pass


def get(name):
    if name != "GPTPROTO_API_KEY":
        raise SecretNotFoundError(name)
    return {KEY!r}
"""


def repository(home: Path) -> Path:
    """A git repository with what pip needs to tell what it would install from this one."""
    shutil.copytree(ROOT / "js", home / "js", ignore=shutil.ignore_patterns("node_modules"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "src/rushes/__init__.py"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "A commit"]):
        subprocess.run(["git", *command], cwd=home, check=True)
    return home


def with_parameters(notebook: nbformat.NotebookNode, **values: str) -> nbformat.NotebookNode:
    """The notebook as somebody has filled in its fields."""
    for name, value in values.items():
        cells = [cell for cell in notebook.cells if re.search(f"^{name} = ", cell.source, re.MULTILINE)]
        assert len(cells) == 1
        cells[0].source = re.sub(f'(?m)^{name} = ".*?"', f"{name} = {value!r}", cells[0].source)
    return notebook


def test_the_notebook_for_colab_installs_and_reads_the_key_from_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colab = tmp_path / "colab" / "google" / "colab"
    colab.mkdir(parents=True)
    (colab / "__init__.py").touch()
    (colab / "userdata.py").write_text(_USERDATA)
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "colab.py").write_text("import google.colab\n")  # Colab's kernel has it loaded
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "colab"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    # Said, not done: this environment is not Colab's. pip reads its negative options the other way round.
    for option, value in {"DRY_RUN": "1", "NO_DEPS": "1", "NO_BUILD_ISOLATION": "0", "QUIET": "0"}.items():
        monkeypatch.setenv(f"PIP_{option}", value)
    notebook = nbformat.read(ROOT / "notebooks" / "colab.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("install --quiet", "install")
    with rushes.demo_endpoint(seconds=0, api_key=KEY) as endpoint:
        monkeypatch.setenv("GPTPROTO_BASE_URL", endpoint.base_url)
        operation_id = endpoint.create_operation().rpartition("/")[2]
        source = repository(tmp_path / "repository").as_uri()
        with_parameters(notebook, REPOSITORY=source, OPERATION=operation_id)
        told = "card.result(60)\nprint(card.status, card.snapshot['key_source'])"
        notebook.cells.append(nbformat.v4.new_code_cell(told))
        NotebookClient(
            notebook,
            timeout=100,
            kernel_name="python3",
            coalesce_streams=True,  # what is printed may come in pieces
            resources={"metadata": {"path": str(tmp_path)}},
        ).execute()
    installed = "".join(output.get("text", "") for output in notebook.cells[1].outputs)
    assert re.search(r"Would install rushes-\d", installed)
    [last] = [output.text for output in notebook.cells[-1].outputs if "text" in output]
    assert last == "succeeded GPTPROTO_API_KEY in Colab's secrets\n"
    assert KEY not in nbformat.writes(notebook)


def test_the_notebook_for_colab_says_what_it_needs_first() -> None:
    notebook = nbformat.read(ROOT / "notebooks" / "colab.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True)
    notebook.cells = notebook.cells[:2]
    client.execute()
    [error] = [output for output in notebook.cells[1].outputs if output.output_type == "error"]
    assert "address of the git repository" in error.evalue


@pytest.mark.parametrize("package", ["rushes", "anywidget"])
def test_what_colab_has_loaded_is_enough(package: str) -> None:
    needed = {
        r.name.lower(): r for r in map(Requirement, metadata.requires(package) or []) if r.marker is None
    }
    met = {name: needed[name].specifier.contains(Version(LOADED[name])) for name in LOADED if name in needed}
    assert met
    assert all(met.values()), met


@pytest.mark.hosts
@pytest.mark.timeout(900)
def test_an_install_on_colab_replaces_nothing_and_the_kernels_side_passes(tmp_path: Path) -> None:
    """In an environment like Colab's, on its Python where this machine has one."""
    python = find_python("3.12") or sys.executable
    subprocess.run([python, "-m", "venv", str(tmp_path / "colab")], check=True)
    colab = str(tmp_path / "colab" / "bin" / "python")

    def pip(*arguments: str) -> str:
        command = [colab, "-m", "pip", "--disable-pip-version-check", *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr[-3000:]
        return ended.stdout

    def listed() -> dict[str, str]:
        return {each["name"].lower(): each["version"] for each in json.loads(pip("list", "--format=json"))}

    pip("install", "requests", *(f"{name}=={version}" for name, version in LOADED.items()))
    loaded = listed()
    assert {name: loaded[name] for name in LOADED} == LOADED
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    report = tmp_path / "report.json"
    pip("install", str(wheel), "--report", str(report))
    added = {each["metadata"]["name"].lower() for each in json.loads(report.read_text())["install"]}
    assert "rushes" in added
    assert added & loaded.keys() == set()
    assert {name: version for name, version in listed().items() if name in loaded} == loaded
    version = subprocess.run([colab, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"\n{version}; added: {', '.join(sorted(added))}")

    groups = (ROOT / "pyproject.toml").read_text()
    pins = re.findall(
        r'"((?:pytest|pytest-timeout|hypothesis)==[\d.]+)(?:"|; python_version >= \'3.11\'")', groups
    )
    pip("install", *pins)
    assert {name: version for name, version in listed().items() if name in loaded} == loaded
    tests = sorted(str(path) for path in (ROOT / "tests").glob("test_*.py") if path.stem in _KERNELS_SIDE)
    ended = subprocess.run(
        [colab, "-m", "pytest", "-q", "-m", "not soak and not tools and not hosts", *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, textwrap.shorten(ended.stdout[-4000:], 4000)
    print(ended.stdout.splitlines()[-1])


_KERNELS_SIDE = {
    "test_canary",
    "test_canary_errors",
    "test_canary_search",
    "test_credentials",
    "test_credentials_origins",
    "test_credentials_places",
    "test_form",
    "test_kernel",
    "test_magics",
    "test_outputs",
    "test_publisher",
    "test_publisher_files",
    "test_publisher_thread",
    "test_secret",
    "test_static_outputs",
    "test_widget",
    "test_widget_in_kernel",
    "test_widget_outputs",
    "test_widget_page",
    "test_widget_waiting",
}
