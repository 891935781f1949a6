"""A proxy as companies have them, with a password in its address."""

from __future__ import annotations

import contextlib
import select
import socket
import threading

import pytest


class Proxy:
    """Writes down what it is asked, and passes on no more than CONNECT does, to `target`."""

    def __init__(self, target: tuple[str, int] | None = None, answer: bytes = b"") -> None:
        self.heads: list[str] = []
        self._target = target
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:" + str(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="recording-proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join(10)
        assert not self._thread.is_alive(), "a client did not let go of the proxy"
        self._listener.close()

    def _run(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with contextlib.suppress(ConnectionError), connection:
                head = b""
                while b"\r\n\r\n" not in head and (received := connection.recv(4096)):
                    head += received
                if not head:
                    return
                self.heads.append(head.decode("latin-1"))
                connection.sendall(self._answer)
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
