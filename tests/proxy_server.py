"""A proxy as companies have them, with a password in its address."""

from __future__ import annotations

import select
import socket

import pytest
from faults import FaultServer


class Proxy(FaultServer):
    """Writes down what it is asked, and passes on no more than CONNECT does, to `target`.

    Each client has its own thread: a browser of another test may still ask the port for the server it had before.
    """

    def __init__(self, target: tuple[str, int] | None = None, answer: bytes = b"") -> None:
        super().__init__()
        self.heads: list[str] = []
        self.address = self.origin.removeprefix("http://")
        self._target = target
        self._connect_answer = answer

    def __enter__(self) -> Proxy:
        super().__enter__()
        return self

    def _converse(self, connection: socket.socket, client: str) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(4096)
            if not received:
                return
            head += received
        self.heads.append(head.decode("latin-1"))
        connection.sendall(self._connect_answer)
        if self._target is not None:
            with socket.create_connection(self._target) as upstream:
                _relay(connection, upstream)


def _relay(one: socket.socket, other: socket.socket) -> None:
    while True:
        for end in select.select([one, other], [], [])[0]:
            data = end.recv(65536)
            if not data:
                return
            (other if end is one else one).sendall(data)


PASSWORD = "canary-proxy-password"


def use_proxy(monkeypatch: pytest.MonkeyPatch, proxy: Proxy, *names: str) -> None:
    for name in names:
        monkeypatch.setenv(name, f"http://user:{PASSWORD}@{proxy.address}")
