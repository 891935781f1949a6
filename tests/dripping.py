"""A server whose answers never end, though a byte of them comes every 10 ms."""

from __future__ import annotations

import select
import socket
from dataclasses import dataclass

from faults import Drip, Fault, FaultServer, Reply


@dataclass(frozen=True)
class DripHead(Fault):
    """Header lines that never end, a few bytes every 10 ms."""


@dataclass(frozen=True)
class PutOff(Fault):
    """Says every 10 ms that the answer will come."""


class DrippingServer(FaultServer):
    """Drips in time as well as in packets: a byte that comes resets every timeout of a socket."""

    def _deliver(self, connection: socket.socket, reply: Reply, fault: Fault) -> bool:
        if not isinstance(fault, (DripHead, Drip, PutOff)):
            return super()._deliver(connection, reply, fault)
        if not isinstance(fault, PutOff):
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + (b"" if isinstance(fault, DripHead) else b"\r\n"))
        while not self._stopping:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" if isinstance(fault, PutOff) else b"X")
            select.select([connection, self._released], [], [], 0.01)
        return False
