"""Voilà: its server, and a notebook as an app in a browser."""

from __future__ import annotations

import itertools
import textwrap

from host import BLOCK, watch_for_strangers
from notebook_server import NotebookServer
from playwright.sync_api import BrowserContext, Locator, Page, expect

#: Voilà shows nothing until every cell has ended, so it takes a click to hold up a kernel behind a page.
BLOCKING_CELL = f"""\
import ipywidgets, pathlib, time
def block(button):
{textwrap.indent(BLOCK, "    ")}
button = ipywidgets.Button(description="Block")
button.on_click(block)
button"""
#: Every page of Voilà's asks for an icon font, those of 0.5.0 for MathJax.
_OF_ITS_OWN = r"https://(cdn\.jsdelivr\.net/npm/@fortawesome|cdnjs\.cloudflare\.com/ajax/libs/mathjax)/"
_NUMBERS = itertools.count(1)


class VoilaServer(NotebookServer):
    """Starts Voilà; the Python that it runs in is the kernel as well, a new one for each load of a page."""

    ready_path = "/"

    def command(self) -> list[str]:
        return [self.python, "-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1"]

    def options(self) -> list[str]:
        return [
            f"--port={self.port}",
            f"--Voila.token={self.token}",
            "--VoilaConfiguration.show_tracebacks=True",
            "--VoilaConfiguration.allow_theme_override=YES",
            str(self.notebooks),
        ]

    def end_kernels(self) -> None:
        """They end with the server: Voilà lists none."""


class VoilaPage:
    """One notebook as an app (`host.HostPage`)."""

    def __init__(self, server: VoilaServer, context: BrowserContext, cells: list[str]) -> None:
        self.path = server.write_notebook(f"app-{next(_NUMBERS)}.ipynb", cells)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.strangers = watch_for_strangers(self.page, but=_OF_ITS_OWN)
        self._url = f"{server.url}/voila/render/{self.path.name}?token={server.token}"
        self.page.goto(self._url)

    def run(self, cell: int) -> None:
        """Voilà has run it."""

    def reload(self) -> None:
        """Load the page anew, with a new kernel."""
        self.page.reload()

    def output(self, cell: int) -> Locator:
        """The output of a cell."""
        return self.page.locator(".jp-CodeCell").nth(cell)

    def card(self, cell: int = 0) -> Locator:
        """The card that a cell shows."""
        return self.output(cell).locator("section.rushes")

    def hold_up(self, cell: int) -> None:
        """Click the button of the cell."""
        self.output(cell).get_by_role("button", name="Block").click()

    def set_dark(self) -> None:
        """Load the page in the dark theme."""
        self.page.goto(f"{self._url}&theme=dark")
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
