"""The classic notebook (nbclassic): its server, and a notebook in a browser as a test drives it."""

from __future__ import annotations

import itertools
import re

from host import watch_for_strangers
from notebook_server import NotebookServer
from playwright.sync_api import BrowserContext, Locator, Page, expect

_NUMBERS = itertools.count(1)
_READY = """() => {
    const kernel = window.Jupyter?.notebook?.kernel;
    return kernel?.is_connected() && kernel.widget_manager && !window.Jupyter.notebook.kernel_busy;
}"""
# The widget manager draws all outputs anew when it has loaded what the kernel has, and hides a widget that is just
# being drawn then. What is asked after its own question is answered after it.
_LOADED = """async () => {
    await window.Jupyter.notebook.kernel.widget_manager._loadFromKernel();
    await new Promise(requestAnimationFrame);
}"""


class ClassicServer(NotebookServer):
    """Starts nbclassic; the Python that it runs in is its kernel as well."""

    def command(self) -> list[str]:
        return [self.python, "-m", "nbclassic", "--no-browser", "--allow-root"]

    def page_url(self, name: str) -> str:
        """Where a notebook opens: Notebook 7 takes the usual place where both are installed."""
        for path in (f"/nbclassic/notebooks/{name}", f"/notebooks/{name}"):
            if self.request("GET", path).ok:
                return f"{self.url}{path}?token={self.token}"
        raise RuntimeError("nbclassic shows no notebook.")


class ClassicPage:
    """One notebook, open in the classic notebook (`host.HostPage`)."""

    def __init__(self, server: ClassicServer, context: BrowserContext, cells: list[str]) -> None:
        self.path = server.write_notebook(f"classic-{next(_NUMBERS)}.ipynb", cells)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.strangers = watch_for_strangers(self.page)
        self.page.goto(server.page_url(self.path.name))
        self.page.wait_for_function(_READY)
        self.page.evaluate(_LOADED)

    def run(self, cell: int) -> None:
        """Run a cell."""
        self.page.evaluate("cell => window.Jupyter.notebook.execute_cells([cell])", cell)

    def reload(self) -> None:
        """Save the notebook and load the page anew; the kernel lives on."""
        self.save()
        self.page.reload()
        self.page.wait_for_function(_READY)

    def save(self) -> str:
        """Save the notebook, and return what is in the file."""
        self.page.evaluate("() => window.Jupyter.notebook.save_notebook()")
        return self.path.read_text(encoding="utf-8")

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

    def hold_up(self, cell: int) -> None:
        """Run a cell that blocks."""
        self.run(cell)

    def set_dark(self) -> None:
        raise NotImplementedError("The classic notebook has no dark theme.")
