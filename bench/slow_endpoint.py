"""An endpoint in a process of its own whose every operation runs for ever, and whose every answer takes its time.

`python -m bench.slow_endpoint LATENCY_S` prints its port and serves until its standard input ends. `/log` answers with
when each poll came in (the system's monotonic clock, which all processes share) and for which operation, and with how
many connections there have been.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time


class _Endpoint(asyncio.Protocol):
    log: list[tuple[float, str]] = []  # noqa: RUF012  all connections write into the same one
    connections = 0

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        _Endpoint.connections += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        if b"\r\n\r\n" not in self._received:
            return
        path = self._received.split(b" ", 2)[1].decode()
        self._received = b""
        if path == "/log":
            self._answer({"polls": self.log, "connections": self.connections})
            return
        operation_id = path.rpartition("/")[2]
        self.log.append((time.monotonic(), operation_id))
        answer = {"name": path.partition("/v1beta/")[2], "metadata": {"state": "RUNNING"}}
        asyncio.get_running_loop().call_later(self._latency_s, self._answer, answer)

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]


async def _serve(latency_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Endpoint(latency_s), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
