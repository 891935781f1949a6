"""marimo: its server, and a notebook in a browser, as an app or to be edited."""

from __future__ import annotations

import itertools
import re
import textwrap
from pathlib import Path

from host import BLOCK, watch_for_strangers
from notebook_server import NotebookServer
from playwright.sync_api import BrowserContext, Locator, Page

BLOCKING_CELL = f"""\
import marimo as mo, pathlib, time
def block(value):
{textwrap.indent(BLOCK, "    ")}
mo.ui.button(label="Block", on_click=block)"""
_CONFIGURATION = """\
[display]
theme = "system"
[runtime]
auto_instantiate = true
"""
_MODEL = re.compile(r'"model_id":\s*"([^"]+)"')
_MOST_NOTEBOOKS = 50


class MarimoServer(NotebookServer):
    """Starts marimo, whose kernel is in its own process."""

    ready_path = "/health"
    mode = "run"

    def __init__(self, home: Path, python: Path | None = None) -> None:
        super().__init__(home, python)
        self.numbers = itertools.count(1)

    def command(self) -> list[str]:
        return [self.python, "-m", "marimo", "-q", "-y", self.mode, "--headless", "--no-token"]

    def options(self) -> list[str]:
        return ["--host=127.0.0.1", f"--port={self.port}", str(self.notebooks)]

    def configure(self) -> None:
        # Run as an app, it shows the notebooks alone that are there when it starts.
        for number in range(1, _MOST_NOTEBOOKS + 1):
            self.write_notebook(f"notebook_{number}.py", [])
        (self.home / "user" / "marimo").mkdir()
        (self.home / "user" / "marimo" / "marimo.toml").write_text(_CONFIGURATION)

    def environment(self) -> dict[str, str]:
        user = str(self.home / "user")
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
        return super().environment() | dict.fromkeys(names, user)

    def end_kernels(self) -> None:
        """They end with the server."""

    def write_notebook(self, name: str, cells: list[str], kernel: str = "python3") -> Path:
        path = self.notebooks / name
        functions = [f"@app.cell\ndef _():\n{textwrap.indent(cell, '    ')}\n    return\n" for cell in cells]
        path.write_text("\n".join(["import marimo", "app = marimo.App()", *functions]), encoding="utf-8")
        return path


class MarimoEditServer(MarimoServer):
    """marimo with notebooks to be edited, each of which has a process of its own that a reload finds again."""

    mode = "edit"


class MarimoPage:
    """One notebook in marimo (`host.HostPage`). Cells count by the widgets that they show.

    Attributes:
        errors: what went wrong in the page without anybody having caught it.
    """

    def __init__(self, server: MarimoServer, context: BrowserContext, cells: list[str]) -> None:
        self.path = server.write_notebook(f"notebook_{next(server.numbers)}.py", cells)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.strangers = watch_for_strangers(self.page)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._frames: list[str] = []
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._received))
        self.page.goto(f"{server.url}/?file={self.path.name}")

    def run(self, cell: int) -> None:
        """marimo has run it."""

    def run_again(self, cell: int) -> None:
        """Run a cell of a notebook that is being edited."""
        place = self.page.locator("[data-testid=cell-editor]").nth(cell)
        place.hover()
        self.page.locator("[data-testid=run-button]").nth(cell).click()

    def models_sent_chunks(self) -> set[str]:
        """The models to which the kernel sent chunks of a video, by their IDs."""
        found = (_MODEL.search(frame) for frame in self._frames if '"chunk"' in frame)
        return {match[1] for match in found if match}

    def reload(self) -> None:
        """Load the page anew."""
        self.page.reload()

    def output(self, cell: int) -> Locator:
        """The place of a widget."""
        return self.page.locator("marimo-anywidget").nth(cell)

    def card(self, cell: int = 0) -> Locator:
        """The card in its shadow root."""
        return self.output(cell).locator("section.rushes")

    def hold_up(self, cell: int) -> None:
        """Click the button of the cell."""
        self.page.get_by_role("button", name="Block").click()

    def set_dark(self) -> None:
        """Let the system be dark, which marimo follows."""
        self.page.emulate_media(color_scheme="dark")

    def _received(self, frame: str | bytes) -> None:
        self._frames.append(frame if isinstance(frame, str) else frame.decode("utf-8", "replace"))
