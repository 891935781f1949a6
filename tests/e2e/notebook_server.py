"""A server of the tests' own, as a process: fresh directories, a free port, nothing of the user's."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import requests
from environments import SOURCE
from loopback import free_port

_HIDDEN = ("GPTPROTO_", "GEMINI_", "GOOGLE_", "JUPYTER", "RUSHES_", "COLAB_", "KAGGLE_", "BINDER_")


class NotebookServer(ABC):
    """Starts a server as a process of its own, and ends it with its kernels.

    Args:
        home: a directory of its own.
        python: of another environment; None for the one that runs the tests.

    Attributes:
        home: where everything of it is.
        url: without a trailing slash.
        token: what its requests have to carry.
        notebooks: the directory it serves.
        data_directory: where the kernels' rushes keeps videos and ledger.
    """

    #: Where it answers once it is ready.
    ready_path = "/api/status"

    def __init__(self, home: Path, python: Path | None = None) -> None:
        self.python = str(python or sys.executable)
        self.notebooks = home / "notebooks"
        self.data_directory = home / "rushes"
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it, without `options`."""

    def options(self) -> list[str]:
        """Where it listens, whom it lets in, what it serves: as every Jupyter server takes them."""
        return [
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.notebooks}",
        ]

    @property
    def port(self) -> str:
        """Where it listens."""
        return self.url.rpartition(":")[2]

    def configure(self) -> None:  # noqa: B027 - a server may do without
        """Write what it shall find in `home` when it starts."""

    def start(self) -> None:
        """Start it, and wait until it answers."""
        for name in ("notebooks", "config", "data", "runtime", "user"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        self.configure()
        log = self.home / "server.log"
        self._process = subprocess.Popen(
            [*self.command(), *self.options()],
            env=self.environment(),
            cwd=self.notebooks,
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 100
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it and all its kernels."""
        if self._process is None:
            return
        self.end_kernels()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def end_kernels(self) -> None:
        """End every kernel: a test leaves none running behind the next one's back."""
        for session in self.request("GET", "/api/sessions").json():
            self.request("DELETE", f"/api/sessions/{session['id']}")

    def write_notebook(self, name: str, cells: list[str], kernel: str = "python3") -> Path:
        """A notebook with these code cells; the kernel is the Python that runs the tests, or another by its name."""
        path = self.notebooks / name
        path.write_text(json.dumps(_notebook(cells, kernel)), encoding="utf-8")
        return path

    def add_kernel(self, name: str, python: Path) -> None:
        """Offer the Python of another environment as a kernel, with the rushes of this checkout."""
        directory = self.home / "data" / "kernels" / name
        directory.mkdir(parents=True)
        argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        specification = {"argv": argv, "display_name": name, "env": {"PYTHONPATH": str(SOURCE)}}
        (directory / "kernel.json").write_text(json.dumps(specification | {"language": "python"}))

    def _answers(self) -> bool:
        try:
            return self.request("GET", self.ready_path).ok
        except requests.ConnectionError:
            return False

    def request(self, method: str, path: str) -> requests.Response:
        """Ask the server, as somebody with the token."""
        return requests.request(
            method, self.url + path, headers={"Authorization": f"token {self.token}"}, timeout=20
        )

    def environment(self) -> dict[str, str]:
        """Its environment variables, and those of its kernels."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_HIDDEN) and not name.lower().endswith("_proxy")
        }
        # Another environment's Python has not installed this checkout.
        source = {} if self.python == sys.executable else {"PYTHONPATH": str(SOURCE)}
        return (
            kept
            | source
            | {
                "JUPYTER_CONFIG_DIR": str(self.home / "config"),
                "JUPYTER_DATA_DIR": str(self.home / "data"),
                "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
                "JUPYTER_NO_CONFIG": "",
                "IPYTHONDIR": str(self.home / "ipython"),
                "RUSHES_DATA_DIR": str(self.data_directory),
            }
        )


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
