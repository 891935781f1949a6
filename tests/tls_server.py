"""https on this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

from dripping import DrippingServer
from leaks import KEY


class TlsServer(DrippingServer):
    """The fault server behind a certificate for the name `videos.example`."""

    def __init__(self, certificate: Path, key_file: Path) -> None:
        super().__init__(key=KEY)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key_file)

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    def _converse(self, connection: socket.socket, client: str) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secure:
            with self._lock:
                self._connections[threading.current_thread()] = secure
            super()._converse(secure, client)
