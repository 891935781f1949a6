"""What Binder builds, without Docker: its install steps in a clean environment, and the quickstart there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from lab_server import LabServer
from notebook_page import NotebookPage, wait_until_it_plays
from playwright.sync_api import BrowserContext
from pythons import find_python

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
#: Of what the image brings, that which the notebook meets.
_BROUGHT = ("ipykernel", "ipython", "ipywidgets", "jupyter_server", "jupyterlab", "notebook")


class ImageServer(LabServer):
    """The JupyterLab of the built environment."""

    def __init__(self, home: Path, prefix: Path) -> None:
        super().__init__(home)
        self._prefix = prefix

    def command(self) -> list[str]:
        return [str(self._prefix / "bin" / "python"), *super().command()[1:]]


def dockerfile() -> str:
    """What repo2docker would build."""
    command = [
        "repo2docker",
        "--no-build",
        "--debug",
        "--user-id",
        "1000",
        "--user-name",
        "jovyan",
        str(ROOT),
    ]
    ended = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, timeout=60, check=True
    )
    return ended.stdout + ended.stderr


def brought(python_version: str) -> list[str]:
    """Requirements for the versions that repo2docker's own environment is locked to."""
    import repo2docker

    conda = Path(repo2docker.__file__).parent / "buildpacks" / "conda"
    locked = (conda / f"environment.py-{python_version}-linux-64.lock").read_text()
    return [f"{name}=={re.search(rf'/{name}-([0-9.]+)-', locked)[1]}" for name in _BROUGHT]  # type: ignore[index]


def checkout(home: Path) -> Path:
    """The files of the repository, as a clone has them."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, home / name)
    return home


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The environment and the checkout after every step of the Dockerfile that is about this repository."""
    text = dockerfile()
    home = tmp_path_factory.mktemp("image")
    prefix, repository = home / "prefix", checkout(home / "repository")
    [version] = re.findall(r"python-(\d\.\d+)", (ROOT / "binder" / "runtime.txt").read_text())
    python = find_python(version) or sys.executable
    subprocess.run([python, "-m", "venv", str(prefix)], check=True)
    pip = [str(prefix / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *brought(version)], check=True)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "RUSHES"))
    }
    environment |= {"NB_PYTHON_PREFIX": str(prefix), "KERNEL_PYTHON_PREFIX": str(prefix)}
    environment["PATH"] = f"{prefix / 'bin'}:{environment['PATH']}"
    steps = re.findall(
        r"^RUN (.+)$", text[text.index("COPY --chown=1000:1000 src/ ${REPO_DIR}/") :], re.MULTILINE
    )
    assert [step.split()[-1] for step in steps] == [
        '"binder/requirements.txt"',
        "binder/postBuild",
        "./binder/postBuild",
    ]
    for step in steps:
        subprocess.run(["bash", "-c", step], cwd=repository, env=environment, check=True)
    yield prefix, repository
    shutil.rmtree(home, ignore_errors=True)


def test_the_quickstart_runs_in_what_binder_builds(image: tuple[Path, Path], own_environment: Path) -> None:
    prefix, repository = image
    command = [str(prefix / "bin" / "jupyter"), "execute", "--timeout=100", "notebooks/quickstart.ipynb"]
    ended = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert [path.suffix for path in own_environment.rglob("*.mp4")] == [".mp4"] * 3


def test_its_first_video_plays_without_a_key(
    image: tuple[Path, Path], browser_context: BrowserContext, tmp_path: Path
) -> None:
    prefix, _ = image
    quickstart = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", as_version=4)
    first = next(cell.source for cell in quickstart.cells if cell.cell_type == "code")
    server = ImageServer(tmp_path, prefix)
    server.start()
    try:
        began = time.monotonic()
        notebook = NotebookPage(server, browser_context, [first])
        kernel_s = time.monotonic() - began
        notebook.run(0)
        wait_until_it_plays(notebook.card())
        print(
            f"\nThe kernel was there after {kernel_s:.1f} s, the video played after {time.monotonic() - began:.1f} s."
        )
        assert notebook.strangers == []
        notebook.page.close()
    finally:
        server.stop()
