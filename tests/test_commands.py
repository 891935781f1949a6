"""The commands of the README on machines that lack something: each either gets it or says what to do."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import first_answer, free_port

pytestmark = pytest.mark.tools

ROOT = Path(__file__).resolve().parent.parent
PLAYS = "#!/bin/sh\necho Chromium 1.0\n"
STUB = "#!/bin/sh\necho 'install it from the store'\nexit 1\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder that is the whole PATH: a shell and `id`, no browser, no apt."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "id"):
        found = next(path for path in (Path("/bin") / name, Path("/usr/bin") / name) if path.exists())
        (folder / name).symlink_to(found)
    return folder


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def find_browser(machine: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine)} | variables
    script = ROOT / ".ci" / "browser"
    return subprocess.run(["/bin/sh", script], env=environment, capture_output=True, text=True, timeout=30)


def test_an_installed_browser_is_used(machine: Path) -> None:
    program(machine / "chromium-browser", STUB)
    expected = program(machine / "chromium", PLAYS)
    assert find_browser(machine).stdout == f"{expected}\n"


def test_a_browser_that_is_named_comes_first(machine: Path, tmp_path: Path) -> None:
    program(machine / "chromium", PLAYS)
    named = program(tmp_path / "my-chrome", PLAYS)
    assert find_browser(machine, CHROMIUM_PATH=str(named)).stdout == f"{named}\n"


def test_without_a_browser_and_apt_the_reason_is_told(machine: Path) -> None:
    program(machine / "chromium-browser", STUB)
    ended = find_browser(machine)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "CHROMIUM_PATH=" in ended.stderr


@pytest.mark.parametrize("user", [0, 1000])
def test_debians_chromium_is_installed_where_there_is_none(machine: Path, user: int) -> None:
    (machine / "id").unlink()
    program(machine / "id", f"#!/bin/sh\necho {user}\n")
    program(machine / "sudo", '#!/bin/sh\n[ "$1" = -n ] || exec "$@"\n')
    install = f"printf '%s' '{PLAYS}' > {machine}/chromium; {_which('chmod')} +x {machine}/chromium"
    program(machine / "apt-get", f'#!/bin/sh\ncase "$*" in *install*chromium) {install};; esac\n')
    ended = find_browser(machine)
    assert ended.stdout == f"{machine}/chromium\n", ended.stderr


def test_without_root_and_sudo_the_reason_is_told(machine: Path) -> None:
    (machine / "id").unlink()
    program(machine / "id", "#!/bin/sh\necho 1000\n")
    program(machine / "apt-get", "#!/bin/sh\nexit 100\n")
    ended = find_browser(machine)
    assert ended.returncode == 1
    assert "root or sudo" in ended.stderr


def _which(name: str) -> str:
    return next(path for path in (f"/bin/{name}", f"/usr/bin/{name}") if os.path.exists(path))


def test_a_python_that_is_too_old_is_refused_in_plain_words(machine: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "python3.9", "#!/bin/sh\nexit 1\n")
    command = ["make", f"PYTHON={old}", f"VENV={tmp_path}/venv", "demo"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0
    assert "Python 3.10 or later" in ended.stdout + ended.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.skipif(Path(sys.prefix) != ROOT / ".venv", reason="make would install a second environment")
def test_demo_serves_the_quickstart_at_the_address_that_it_prints(tmp_path: Path) -> None:
    log = tmp_path / "log"
    port = free_port()
    command = ["make", "demo", f"DEMO_OPTIONS=--no-browser --port={port}"]
    with (
        log.open("w") as output,
        subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True) as server,
    ):
        try:
            first_answer(f"http://127.0.0.1:{port}/login", server).close()
            printed = re.search(rf"http://127\.0\.0\.1:{port}/(\S+)\?(token=\w+)", log.read_text())
            assert printed is not None
            assert printed[1] == "lab/tree/notebooks/quickstart.ipynb"
            contents = f"http://127.0.0.1:{port}/api/contents/notebooks/quickstart.ipynb?{printed[2]}"
            with first_answer(contents, server) as answer:
                assert json.load(answer)["type"] == "notebook"
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def test_help_names_the_commands_of_the_readme() -> None:
    ended = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert {"make demo", "make test", "make lint", "make bench", "make soak"} <= {
        " ".join(line.split()[:2]) for line in ended.stdout.splitlines()
    }


def test_what_mutation_testing_names_is_there_and_the_watchers_tests_are_all_named() -> None:
    section = (
        (ROOT / "pyproject.toml").read_text("utf-8").partition("\n[tool.mutmut]\n")[2].partition("\n[")[0]
    )
    named = re.findall(r'"((?:src|tests)/\S+\.py)"', section)
    assert [name for name in named if not (ROOT / name).is_file()] == []
    watchers = {f"tests/{path.name}" for path in (ROOT / "tests").glob("test_watcher*.py")}
    assert watchers <= set(named)
