"""The stage, with every debug switch on."""

from __future__ import annotations

import http.client
import logging
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from canary_stage import CLIP, FILE, KEY, PASSWORD, Stage
from faults import FaultServer, Resource
from live_watches import live_watches

from rushes import fetch, schedule


@pytest.fixture
def stage(
    monkeypatch: pytest.MonkeyPatch, own_environment: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Stage]:
    """Every debug switch is on, and a proxy with a password is in the environment; nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = "127.0.0.1:" + str(listener.getsockname()[1])
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://user:{PASSWORD}@{nobody}")
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    monkeypatch.setattr(fetch, "_FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(schedule, "NOT_FOUND_GRACE_S", 0.0)
    monkeypatch.setattr("rushes.watcher.NOT_FOUND_GRACE_S", 0.0)
    caplog.set_level(logging.DEBUG)
    with live_watches(monkeypatch) as watches, FaultServer(key=KEY) as server, FaultServer(key=KEY) as other:
        server.serve(FILE, Resource(CLIP, needs_key=True))
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            stage = Stage(server, other, watches, own_environment)
            stage.seen.append(warned)
            yield stage
