"""`make dev`: an edited file shows in the pages that are open, and Ctrl-C ends all of it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from checkouts import ROOT, checkout
from lab_server import LabServer
from notebook_page import NotebookPage, wait_until_playable
from playwright.sync_api import BrowserContext, expect

pytestmark = pytest.mark.hosts


class DevServer(LabServer):
    """JupyterLab as `make dev` starts it, on a copy of this checkout."""

    def __init__(self, home: Path, clone: Path) -> None:
        super().__init__(home)
        self.clone = clone

    def command(self) -> list[str]:
        return [sys.executable, str(self.clone / "js" / "dev.py"), *super().command()]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PYTHONPATH": str(self.clone / "src")}

    def interrupt(self) -> tuple[str, list[psutil.Process]]:
        """Press Ctrl-C in its terminal, and wait for its end. Returns the commands and processes it had started."""
        assert self._process is not None
        started = psutil.Process(self._process.pid).children(recursive=True)
        commands = "\n".join(" ".join(process.cmdline()) for process in started)
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)
        self._process = None
        return commands, started


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    copy = checkout(tmp_path / "clone")
    (copy / "js" / "node_modules").symlink_to(ROOT / "js" / "node_modules")
    return copy


@pytest.fixture
def server(tmp_path: Path, clone: Path) -> Iterator[DevServer]:
    server = DevServer(tmp_path / "home", clone)
    server.start()
    yield server
    server.stop()


def test_an_edited_file_shows_in_an_open_page_without_a_reload(
    server: DevServer, clone: Path, browser_context: BrowserContext
) -> None:
    notebook = NotebookPage(server, browser_context, ["import rushes\nrushes.demo(seconds=0.2)"])
    notebook.run(0)
    wait_until_playable(notebook.card())
    headline = notebook.card().locator(".rushes-headline")
    notebook.page.evaluate("() => { window.loadedOnce = true; }")

    with (clone / "js/src/styles/card.css").open("a", encoding="utf-8") as style:
        style.write("\n.rushes-headline {\n  color: hotpink;\n}\n")
    expect(headline).to_have_css("color", "rgb(255, 105, 180)")
    words = clone / "js/src/words.ts"
    words.write_text(words.read_text("utf-8").replace('"Video ready"', '"Video ready, as edited"'), "utf-8")
    expect(headline).to_have_text("Video ready, as edited")
    expect(headline).to_have_css("color", "rgb(255, 105, 180)")
    wait_until_playable(notebook.card())
    assert notebook.page.evaluate("() => window.loadedOnce")


def test_ctrl_c_ends_the_build_and_jupyterlab_with_its_kernels(
    server: DevServer, browser_context: BrowserContext
) -> None:
    NotebookPage(server, browser_context, ["1"])
    commands, started = server.interrupt()
    assert [name for name in ("build.mjs", "jupyterlab", "ipykernel_launcher") if name not in commands] == []
    _, left = psutil.wait_procs(started, timeout=60)
    assert left == []
