"""A slow network between the server and the page, on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType

#: Small pieces, so that what is sent meanwhile need not wait for long; and small buffers, so that bytes queue where
#: they do on a real link, at the sender.
_PIECE_BYTES = 8 * 1024
_BUFFER_BYTES = 64 * 1024
#: A thread that wakes up late may catch up so much.
_BURST_S = 0.02


class _Bucket:
    """Tokens for one direction, shared by all connections."""

    def __init__(self) -> None:
        self.bytes_per_s: float | None = None
        self._lock = threading.Lock()
        self._free_at = 0.0

    def take(self, size: int) -> None:
        """Wait until so many bytes may pass."""
        if self.bytes_per_s is None:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now - _BURST_S) + size / self.bytes_per_s
            wait_s = self._free_at - now
        time.sleep(max(0.0, wait_s))


class Link:
    """A TCP proxy whose speed can be limited at any time, in both directions alike.

    Args:
        port: the server's, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._down, self._up = _Bucket(), _Bucket()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def limit(self, mbit_per_s: float | None) -> None:
        """So fast from now on; None for no limit."""
        self._down.bytes_per_s = self._up.bytes_per_s = mbit_per_s and mbit_per_s * 1e6 / 8

    def __enter__(self) -> Link:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                page, _ = self._listener.accept()
                server = socket.socket()
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
                page.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
                server.connect(("127.0.0.1", self._port))
                for source, target, bucket in ((server, page, self._down), (page, server, self._up)):
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=_pass_on, args=(source, target, bucket), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, bucket: _Bucket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            bucket.take(len(piece))
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
