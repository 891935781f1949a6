"""A notebook in a browser, as a test drives it."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab_server import LabServer
from playwright.sync_api import BrowserContext, Locator, Page, WebSocket, expect

_EXECUTED = re.compile(r"\[\d+\]:")
_NUMBERS = itertools.count(1)
_CHUNK = re.compile(rb'"type": "chunk", "sample": \d+, "generation": (\d+), "index": (\d+), "count": (\d+)')
_HEADERS_BYTES = 4096  # a message says what it is before its buffers
_READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    const kernel = panel?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
_RUN = """index => {
    const { shell, commands } = window.jupyterapp;
    shell.currentWidget.content.activeCellIndex = index;
    void commands.execute('notebook:run-cell');
}"""


class NotebookPage:
    """One notebook, open in a JupyterLab workspace of its own, or in Notebook 7 (`host.HostPage`).

    Attributes:
        page: Playwright's page.
        path: the notebook's file.
        frames: everything the browser received over WebSockets.
        strangers: URLs outside this machine that the page asked for.
    """

    def __init__(
        self, server: LabServer, context: BrowserContext, cells: list[str], *, kernel: str = "python3"
    ) -> None:
        number = next(_NUMBERS)
        path = server.write_notebook(f"notebook-{number}.ipynb", cells, kernel)
        self._open(server, context, path, f"test-{number}")

    def in_another_tab(self) -> NotebookPage:
        """The same notebook, as it is saved, in a browser tab and a workspace of its own; the kernel is the same."""
        self.save()
        other = NotebookPage.__new__(NotebookPage)
        other._open(self._server, self.page.context, self.path, f"{self._workspace}-beside-{next(_NUMBERS)}")
        return other

    def _open(self, server: LabServer, context: BrowserContext, path: Path, workspace: str) -> None:
        self.path = path
        self.frames: list[bytes] = []
        self.strangers: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("request", lambda request: self._asked_for(request.url))
        self.page.on("websocket", self._listen)
        self._server = server
        self._workspace = workspace
        self.page.goto(self.url_of(self.path.name))
        self.wait_for_kernel()

    def url_of(self, name: str) -> str:
        """Where a notebook opens."""
        return self._server.page_url(name, self._workspace)

    def wait_for_kernel(self) -> None:
        """Until the kernel is connected and idle: what is run before that is lost."""
        self.page.wait_for_function(_READY)

    def reload(self) -> None:
        """Load the page anew; the kernel lives on."""
        self.save()
        self.page.reload()
        self.page.wait_for_function(_READY.replace("&& kernel.status === 'idle'", ""))

    def close(self) -> None:
        """Save the notebook and close it in JupyterLab; page and kernel live on."""
        self.save()
        self.page.evaluate("() => void window.jupyterapp.commands.execute('application:close')")
        panel = self.page.locator(".jp-NotebookPanel")
        save_again = self.page.locator(".jp-Dialog button", has_text="Save")
        # A picture or an outcome that came after the save has changed the notebook: JupyterLab asks.
        self.wait_until(lambda: panel.count() == 0 or save_again.count() == 1)
        if panel.count():
            save_again.click()
        expect(panel).to_have_count(0)

    def open_again(self) -> None:
        """Open the notebook that was closed."""
        self.page.evaluate(
            "path => void window.jupyterapp.commands.execute('docmanager:open', { path })", self.path.name
        )
        self.wait_for_kernel()

    def run(self, cell: int) -> Locator:
        """Run a cell, and return its output."""
        self.page.evaluate(_RUN, cell)
        return self.output(cell)

    def run_to_end(self, cell: int) -> str:
        """Run a cell, wait until it has ended, and return the text of its output."""
        self.run(cell)
        expect(self.prompt(cell)).to_have_text(_EXECUTED)
        return self.output(cell).inner_text()

    def interrupt(self) -> None:
        """Press Ctrl-C in the kernel."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
        )

    def restart_kernel(self) -> None:
        """Restart the kernel, and wait until it can run a cell."""
        kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        self.page.evaluate(f"() => {kernel}.restart()")
        self.wait_for_kernel()

    def prompt(self, cell: int) -> Locator:
        """The number before a cell, or the asterisk while it runs."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-InputPrompt")

    def output(self, cell: int) -> Locator:
        """The output of a cell."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea")

    def card(self, cell: int = 0) -> Locator:
        """The card that a cell shows."""
        return self.output(cell).locator("section.rushes")

    def save(self) -> str:
        """Save the notebook, and return what is in the file."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        return self.path.read_text(encoding="utf-8")

    def saved(self) -> dict[str, Any]:
        """The saved notebook as JSON."""
        notebook: dict[str, Any] = json.loads(self.save())
        return notebook

    def hold_up(self, cell: int) -> None:
        """Run a cell that blocks."""
        self.run(cell)

    def set_dark(self) -> None:
        """Switch to JupyterLab's dark theme."""
        self.set_theme("JupyterLab Dark")

    def set_theme(self, theme: str) -> None:
        """Switch JupyterLab's theme."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def screenshot(self, directory: Path, name: str) -> None:
        """The notebook as it looks, for people."""
        directory.mkdir(parents=True, exist_ok=True)
        self.page.locator(".jp-NotebookPanel-notebook").screenshot(path=directory / f"{name}.png")

    def chunks(self) -> list[tuple[int, int]]:
        """The chunks of videos that came, by generation and index."""
        found = (_CHUNK.search(frame[:_HEADERS_BYTES]) for frame in self.frames)
        return [
            (int(match[1]), int(match[2]) + number)
            for match in found
            if match
            for number in range(int(match[3]))
        ]

    def wait_until_it_runs(self, cell: int) -> None:
        """Until the kernel has begun with a cell."""
        expect(self.prompt(cell)).to_have_text("[*]:")

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 60) -> None:
        """Let the page go on until `condition` holds."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"the page came no further than {self.chunks()[-3:]}"
            self.page.wait_for_timeout(20)

    def received(self, text: str) -> bool:
        """Whether the page was sent this text, by the kernel or the server."""
        return any(text.encode() in frame for frame in self.frames)

    def _asked_for(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "blob:", "data:")):
            self.strangers.append(url)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(_bytes(frame)))


OpenNotebook = Callable[..., NotebookPage]


def wait_until_playable(card: Locator) -> None:
    """Until the shown video has enough to play (`readyState` 3 or more)."""
    expect(card.locator("video:visible")).to_have_count(1)
    video = card.locator("video:visible").element_handle()
    card.page.wait_for_function("video => video.readyState >= 3", arg=video)
    video.dispose()  # or the page could not forget it


def wait_until_it_plays(card: Locator) -> None:
    """Play the shown video, and wait until time goes on in it."""
    wait_until_playable(card)
    video = card.locator("video:visible").element_handle()
    card.page.evaluate("video => { video.muted = true; return video.play(); }", video)
    card.page.wait_for_function("video => video.currentTime > 0.2 && !video.paused", arg=video)
    video.dispose()


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
