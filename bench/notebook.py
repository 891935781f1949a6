"""A notebook in a browser, as a measurement drives it."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from typing import Any

from lab_server import SETTINGS, LabServer

from bench.browser import Browser, Tab

# A save of sixty megabytes in the middle of a measurement would be measured too.
SETTINGS["@jupyterlab/docmanager-extension:plugin"] = {"autosave": False}

_NUMBERS = itertools.count(1)
_PATIENCE_S = 60.0
_CONNECTED = """(() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    const kernel = panel?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
})()"""
_RUN = """(async () => {
    const { shell, commands } = window.jupyterapp;
    const { content } = shell.currentWidget;
    content.activeCellIndex = %d;
    content.activeCell.model.sharedModel.setSource(%s);
    const ended = commands.execute('notebook:run-cell');
    if (%s) await ended;
})()"""
_TEXT = "window.jupyterapp.shell.currentWidget.content.widgets[%d].model.outputs.toJSON()"
# A video counts as playable where the browser says so: it has this frame and the next. Media events do not
# bubble, and an element may be ready before it is in the document.
_WATCH_FOR_VIDEOS = """(() => {
    const known = new WeakSet();
    const playable = () => { window.playableAt ??= Date.now(); };
    const look = () => {
        for (const video of document.querySelectorAll('video')) {
            if (known.has(video)) continue;
            known.add(video);
            if (video.readyState >= 3) playable();
            else video.addEventListener('canplay', playable, { once: true });
        }
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
})()"""
_PLAYABLE = """new Promise((resolve, reject) => {
    const deadline = Date.now() + 120000;
    const look = () => {
        if (window.playableAt) resolve(window.playableAt);
        else if (Date.now() > deadline) reject(new Error('no video is playable'));
        else setTimeout(look, 5);
    };
    look();
})"""


class Notebook:
    """One notebook with a kernel of its own, in a JupyterLab workspace of its own.

    Args:
        server: the JupyterLab.
        browser: where it is opened.
        url: the server's address as the browser is to use it; None for its own.
    """

    def __init__(self, server: LabServer, browser: Browser, *, url: str | None = None) -> None:
        number = next(_NUMBERS)
        self.path: Path = server.write_notebook(f"bench-{number}.ipynb", ["", "", ""])
        workspace = f"{url or server.url}/lab/workspaces/bench-{number}/tree/{self.path.name}"
        self.tab: Tab = browser.open(f"{workspace}?reset&token={server.token}")
        self.wait_for(_CONNECTED)
        self.tab.evaluate(_WATCH_FOR_VIDEOS)

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        deadline = time.monotonic() + _PATIENCE_S
        while not self.tab.evaluate(condition):
            if time.monotonic() > deadline:
                raise RuntimeError(f"This did not come true in {_PATIENCE_S} s: {condition}")
            time.sleep(0.02)

    def start(self, code: str, cell: int = 0) -> None:
        """Run code in a cell."""
        self.tab.evaluate("delete window.playableAt")
        self.tab.evaluate(_RUN % (cell, json.dumps(code), "false"))

    def run(self, code: str, cell: int = 0) -> str:
        """Run code in a cell to its end, and return the text it printed."""
        self.tab.evaluate(_RUN % (cell, json.dumps(code), "true"))
        outputs: list[dict[str, Any]] = self.tab.evaluate(_TEXT % cell)
        if failure := next((output for output in outputs if output["output_type"] == "error"), None):
            raise RuntimeError("\n".join(failure["traceback"]))
        return "".join("".join(output.get("text", "")) for output in outputs)

    def playable_at(self) -> float:
        """When the video that the running cell shows could be played, in epoch seconds."""
        at: float = self.tab.evaluate(_PLAYABLE) / 1000
        return at

    def saved_bytes(self) -> int:
        """Save the notebook; how long the file is then."""
        self.tab.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        return self.path.stat().st_size

    def close(self) -> None:
        """Close the page; the kernel lives on until the server ends it."""
        self.tab.close()
