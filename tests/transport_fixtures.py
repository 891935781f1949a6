"""Servers on other origins than the first, one of them behind a proxy and a certificate."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import FaultServer
from leaks import KEY
from proxy_server import Proxy, use_proxy
from tls_server import TlsServer


@pytest.fixture
def other() -> Iterator[FaultServer]:
    """Another port is another origin."""
    with FaultServer(key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key_file = folder / "certificate.pem", folder / "key.pem"
    names = "subjectAltName=DNS:videos.example,DNS:localhost,IP:127.0.0.1"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=videos.example", "-addext", names]
    command += ["-keyout", str(key_file), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key_file


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> Iterator[TlsServer]:
    server = TlsServer(*certificate)
    with server:
        yield server


@pytest.fixture
def proxied(
    tls: TlsServer, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Proxy]:
    """`https://videos.example`, reached through a proxy and trusted through a CA bundle, as in a company."""
    with Proxy(("127.0.0.1", tls.port), b"HTTP/1.1 200 Established\r\n\r\n") as proxy:
        use_proxy(monkeypatch, proxy, "HTTPS_PROXY")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
        yield proxy
