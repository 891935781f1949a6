"""A fault server, and what asks it: a transport, a client, and one call of `download` at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from download_runs import Run
from faults import FaultServer
from leaks import KEY

from rushes.client import Client
from rushes.credentials import Secret
from rushes.provider import provider_at
from rushes.transport import Transport


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(key=KEY) as server:
        yield server


@pytest.fixture
def transport(server: FaultServer) -> Iterator[Transport]:
    with Transport(provider_at(server.origin), Secret(KEY), read_timeout_s=20) as transport:
        yield transport


@pytest.fixture
def client(server: FaultServer) -> Iterator[Client]:
    with Client(base_url=server.origin, api_key=KEY) as opened:
        yield opened


@pytest.fixture
def run(server: FaultServer, tmp_path: Path) -> Run:
    return Run(server, tmp_path)
