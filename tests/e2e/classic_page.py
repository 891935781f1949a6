"""The classic notebook (nbclassic): its server, and a notebook in a browser as a test drives it."""

from __future__ import annotations

import re
from pathlib import Path

from environments import SOURCE
from notebook_server import NotebookServer
from playwright.sync_api import BrowserContext, Locator, Page, expect

_READY = "() => window.Jupyter?.notebook?.kernel?.is_connected() && !window.Jupyter.notebook.kernel_busy"


class ClassicServer(NotebookServer):
    """Starts nbclassic from another environment, whose Python is the kernel as well."""

    def __init__(self, home: Path, python: Path) -> None:
        super().__init__(home)
        self._python = python

    def command(self) -> list[str]:
        return [str(self._python), "-m", "nbclassic", "--no-browser", "--allow-root"]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PYTHONPATH": str(SOURCE)}


class ClassicPage:
    """One notebook, open in the classic notebook."""

    def __init__(self, server: ClassicServer, context: BrowserContext, cells: list[str]) -> None:
        self.path = server.write_notebook("classic.ipynb", cells)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.goto(f"{server.url}/notebooks/{self.path.name}?token={server.token}")
        self.page.wait_for_function(_READY)

    def run(self, cell: int) -> None:
        """Run a cell."""
        self.page.evaluate("cell => window.Jupyter.notebook.execute_cells([cell])", cell)

    def reload(self) -> None:
        """Save the notebook and load the page anew; the kernel lives on."""
        self.page.evaluate("() => window.Jupyter.notebook.save_notebook()")
        self.page.reload()
        self.page.wait_for_function(_READY)

    def prompt(self, cell: int) -> Locator:
        """The number before a cell, or the asterisk while it runs."""
        return self.page.locator(".code_cell").nth(cell).locator(".input_prompt")

    def output(self, cell: int) -> Locator:
        """The output of a cell."""
        return self.page.locator(".code_cell").nth(cell).locator(".output_wrapper")

    def card(self, cell: int = 0) -> Locator:
        """The card that a cell shows."""
        return self.output(cell).locator("section.rushes")

    def wait_until_it_runs(self, cell: int) -> None:
        """Until the kernel has begun with a cell."""
        expect(self.prompt(cell)).to_have_text(re.compile(r"\*"))
