"""Servers that a test starts on this machine: a free port for one, and its first answer."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from http.client import HTTPResponse
from typing import Any


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_answer(url: str, server: subprocess.Popen[Any], *, limit_s: float = 100) -> HTTPResponse:
    """Ask until the server answers with a page. Fails where it ends before that, or takes too long."""
    give_up_at = time.monotonic() + limit_s
    while server.poll() is None and time.monotonic() < give_up_at:
        try:
            answer: HTTPResponse = urllib.request.urlopen(url, timeout=30)
            return answer
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"There was no answer (exit code of the server: {server.poll()}).")
