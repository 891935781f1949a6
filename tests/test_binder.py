"""Binder builds this repository, and opens the quickstart."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from loopback import first_answer, free_port

pytestmark = pytest.mark.tools

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART = "/lab/tree/notebooks/quickstart.ipynb"


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """What repo2docker would build, as it prints it without Docker, for the user that Binder builds as."""
    command = ["repo2docker", "--no-build", "--debug", "--user-id", "1000", "--user-name", "jovyan", "."]
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def test_binder_installs_the_checkout_after_it_was_copied(dockerfile: str) -> None:
    copied = dockerfile.index("COPY --chown=1000:1000 src/ ${REPO_DIR}/")
    installed = dockerfile.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    prepared = dockerfile.index("RUN ./binder/postBuild")
    assert copied < installed < prepared
    assert "." in (ROOT / "binder" / "requirements.txt").read_text().splitlines()


def test_binder_uses_a_python_that_rushes_supports(dockerfile: str) -> None:
    chosen = re.search(r"environment-2epy-2d3-2e(\d+)-", dockerfile)  # the file's name, as it is escaped
    assert chosen is not None
    assert int(chosen[1]) >= 10


def test_binder_pins_what_the_development_environment_pins() -> None:
    pinned = re.findall(r"^[\w-]+==\S+$", (ROOT / "binder" / "requirements.txt").read_text(), re.MULTILINE)
    assert pinned
    project = (ROOT / "pyproject.toml").read_text()
    assert [pin for pin in pinned if pin not in project] == []


def test_binder_opens_the_quickstart(tmp_path: Path) -> None:
    prefix, checkout = tmp_path / "prefix", tmp_path / "checkout"
    (checkout / "js" / "node_modules").mkdir(parents=True)
    environment = os.environ | {"NB_PYTHON_PREFIX": str(prefix)}
    subprocess.run([ROOT / "binder" / "postBuild"], cwd=checkout, env=environment, check=True, timeout=30)
    assert not (checkout / "js" / "node_modules").exists()
    overrides = json.loads((prefix / "share/jupyter/lab/settings/overrides.json").read_text())
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"

    environment |= {"JUPYTER_CONFIG_PATH": str(prefix / "etc" / "jupyter"), "HOME": str(tmp_path)}
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token="]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            with first_answer(f"http://127.0.0.1:{port}/", server) as page:
                assert page.url.endswith(QUICKSTART)
        finally:
            server.terminate()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://github.com/someone/rushes.git", "gh/someone/rushes"),
        ("git@github.com:someone/rushes.git", "gh/someone/rushes"),
        ("https://gitlab.com/group/sub/rushes", "gl/group%2Fsub%2Frushes"),
        (
            "ssh://git@git.example.com/someone/rushes",
            "git/https%3A%2F%2Fgit.example.com%2Fsomeone%2Frushes.git",
        ),
    ],
)
def test_the_badge_opens_the_quickstart_of_this_repository(address: str, place: str) -> None:
    command = [sys.executable, str(ROOT / "binder" / "badge.py"), address]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    opened = re.search(r"\]\((https://[^)]+)\)$", printed)
    assert opened is not None
    url, _, path = opened[1].partition("?urlpath=")
    assert url == f"https://mybinder.org/v2/{place}/HEAD"
    assert f"/{unquote(path)}" == QUICKSTART
    assert (ROOT / unquote(path).removeprefix("lab/tree/")).exists()


@pytest.mark.parametrize("address", ["", "/a/path", "https://user:canary@github.com/someone/rushes"])
def test_there_is_no_badge_for_what_binder_cannot_fetch(address: str) -> None:
    command = [sys.executable, str(ROOT / "binder" / "badge.py"), address]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
