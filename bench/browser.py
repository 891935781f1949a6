"""A browser over the bare DevTools protocol.

Playwright has the browser hand over a copy of every WebSocket frame, which costs more than what is measured here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import requests
import websocket

_ARGUMENTS = (
    *(
        "--headless=new",
        "--remote-debugging-port=0",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
    ),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--window-size=1100,900", "about:blank"),
)
_PATIENCE_S = 180
_START_S = 30


class Tab:
    """One page."""

    def __init__(self, debugger_url: str) -> None:
        self._socket = websocket.create_connection(debugger_url, timeout=_PATIENCE_S, suppress_origin=True)
        self._number = 0

    def evaluate(self, expression: str) -> Any:  # Any: JSON
        """The value of a JavaScript expression; a promise is awaited."""
        parameters = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        result = self._ask("Runtime.evaluate", parameters)
        if "exceptionDetails" in result:
            raise RuntimeError(f"The page said {result['exceptionDetails']} to {expression}")
        return result["result"].get("value")

    def close(self) -> None:
        """Close it."""
        self._ask("Page.close", {})
        self._socket.close()

    def _ask(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._number:
            pass
        result: dict[str, Any] = answer["result"]
        return result


class Browser:
    """A headless Chromium with a profile of its own."""

    def __init__(self) -> None:
        path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
        if path is None:
            raise RuntimeError("The measurements need Chrome or Chromium: install one, or set CHROMIUM_PATH.")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [path, f"--user-data-dir={self._profile.name}", *_ARGUMENTS], stderr=subprocess.DEVNULL
        )
        self._address = self._read_address()

    @property
    def version(self) -> str:
        """Its name and version."""
        version: str = requests.get(f"{self._address}/json/version", timeout=10).json()["Browser"]
        return version

    def open(self, url: str) -> Tab:
        """A new page."""
        opened = requests.put(f"{self._address}/json/new?{quote(url, safe=':/')}", timeout=20).json()
        return Tab(opened["webSocketDebuggerUrl"])

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._profile.cleanup()

    def _read_address(self) -> str:
        # Not from its messages: nobody would read on, and a full pipe stops the browser.
        written = Path(self._profile.name, "DevToolsActivePort")
        deadline = time.monotonic() + _START_S
        while self._process.poll() is None and time.monotonic() < deadline:
            if written.is_file() and (lines := written.read_text().splitlines()):
                return f"http://127.0.0.1:{lines[0]}"
            time.sleep(0.02)
        raise RuntimeError("The browser did not start.")
