"""A JupyterLab of the tests' own: fresh directories, a free port, no news, no extension store."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

# A bare Lab: nothing in it asks the internet for anything, and nothing covers a screenshot.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Light", "adaptive-theme": False},
    "@jupyterlab/completer-extension:manager": {"autoCompletion": False},
}
# What no test needs, and every page would load.
UNUSED = [
    "@jupyterlab/celltags-extension",
    "@jupyterlab/debugger-extension",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/help-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/running-extension",
    "@jupyterlab/terminal-extension",
    "@jupyterlab/toc-extension",
    "@jupyterlab/tooltip-extension",
]
_HIDDEN = ("GPTPROTO_", "GEMINI_", "GOOGLE_", "JUPYTER", "RUSHES_")


class LabServer:
    """Starts JupyterLab as a process of its own, and ends it with its kernels.

    Attributes:
        url: without a trailing slash.
        token: what its requests have to carry.
        notebooks: the directory it serves.
        data_directory: where the kernels' rushes keeps videos and ledger.
    """

    def __init__(self, home: Path) -> None:
        self.notebooks = home / "notebooks"
        self.data_directory = home / "rushes"
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{_free_port()}"
        self._home = home
        self._log = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        for name in ("notebooks", "config/labconfig", "data", "runtime", "user"):
            (self._home / name).mkdir(parents=True, exist_ok=True)
        configuration = self._home / "config" / "labconfig"
        (configuration / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
        (configuration / "page_config.json").write_text(
            json.dumps({"disabledExtensions": dict.fromkeys(UNUSED, True)})
        )
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                f"--ServerApp.port={self.url.rpartition(':')[2]}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={self.token}",
                f"--ServerApp.root_dir={self.notebooks}",
                f"--LabApp.user_settings_dir={self._home / 'user' / 'settings'}",
                f"--LabApp.workspaces_dir={self._home / 'user' / 'workspaces'}",
                "--LabApp.extension_manager=readonly",
                "--LabApp.expose_app_in_browser=True",
            ],
            env=self._environment(),
            stdout=self._log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it and all its kernels."""
        if self._process is not None:
            self.end_kernels()
            self._process.terminate()
            self._process.wait(20)

    def end_kernels(self) -> None:
        """End every kernel: a test leaves none running behind the next one's back."""
        for session in self._request("GET", "/api/sessions").json():
            self._request("DELETE", f"/api/sessions/{session['id']}")

    def forget_settings(self) -> None:
        """Go back to the settings that it started with: a theme that a test chose is the next one's otherwise."""
        shutil.rmtree(self._home / "user" / "settings", ignore_errors=True)

    def write_notebook(self, name: str, cells: list[str], kernel: str = "python3") -> Path:
        """A notebook with these code cells; the kernel is the Python that runs the tests, or another by its name."""
        path = self.notebooks / name
        path.write_text(json.dumps(_notebook(cells, kernel)), encoding="utf-8")
        return path

    def _answers(self) -> bool:
        try:
            return self._request("GET", "/api/status").ok
        except requests.ConnectionError:
            return False

    def _request(self, method: str, path: str) -> requests.Response:
        return requests.request(
            method, self.url + path, headers={"Authorization": f"token {self.token}"}, timeout=20
        )

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_HIDDEN) and not name.lower().endswith("_proxy")
        }
        return kept | {
            "JUPYTER_CONFIG_DIR": str(self._home / "config"),
            "JUPYTER_DATA_DIR": str(self._home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._home / "runtime"),
            "JUPYTER_NO_CONFIG": "",
            "IPYTHONDIR": str(self._home / "ipython"),
            "RUSHES_DATA_DIR": str(self.data_directory),
        }


def _notebook(cells: list[str], kernel: str) -> dict[str, Any]:
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"display_name": kernel, "language": "python", "name": kernel}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
