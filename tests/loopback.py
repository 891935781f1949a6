"""Servers that a test starts on this machine: a free port for one, and its first answer."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import time
import urllib.error
import urllib.request
from http.client import HTTPResponse
from typing import Any


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on.

    It lies below those that the system hands out by itself: nobody else gets it before the server has it.
    """
    for port in random.sample(range(20_000, 30_000), 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("There is no free port.")


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
