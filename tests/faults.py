"""A real HTTP server that misbehaves on request, for tests of everything that speaks HTTP.

    with FaultServer(key="k") as server:
        server.serve("/clip.mp4", Resource(content), Reset(after_bytes=100), Plain())
        server.operation("veo", "op1", running(), running(), finished(server.url("/clip.mp4")))

Each request to a path takes the next fault of its script; when the script is used up the last answer of an operation
repeats, and a file is served as it should be. Every request is recorded. A second server plays another host.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from fault_kinds import (
    Change,
    Drip,
    Drop,
    Fault,
    Garbage,
    IgnoreRange,
    NoLength,
    Plain,
    Reply,
    Reset,
    Resource,
    Stall,
    Truncate,
    WrongLength,
    WrongRange,
    busy,
    corpus,
    corpus_reply,
    finished,
    json_reply,
    redirect,
    refused,
    running,
    sign_in_page,
)

KEY_HEADER = "x-goog-api-key"
CORPUS = Path(__file__).parent / "data" / "operation_responses.json"
_HEAD_LIMIT_BYTES = 65_536


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    client: str

    @property
    def key(self) -> str | None:
        return self.headers.get(KEY_HEADER)

    def __str__(self) -> str:
        return f"{self.path} {dict(self.headers)}"


@dataclass
class _Route:
    resource: Resource | Reply
    needs_key: bool
    script: deque[Fault] = field(default_factory=deque)


class FaultServer(AbstractContextManager["FaultServer"]):
    """Listens on a free port of `host`. Starts and stops with its context; leaves no thread behind.

    Attributes:
        origin: scheme, host and port.
        requests: what arrived, in order.
        key: what `needs_key` paths expect in `x-goog-api-key`.
    """

    def __init__(self, host: str = "127.0.0.1", *, key: str = "test-key") -> None:
        self.key = key
        self.requests: list[Recorded] = []
        self._routes: dict[str, _Route] = {}
        self._lock = threading.Lock()
        self._listener = socket.create_server((host, 0))
        self.origin = f"http://{host}:{self._listener.getsockname()[1]}"
        # Readable once everything that stalls shall go on: a wait without a timeout ends by it.
        self._released, self._release = socket.socketpair()
        self._stopping = False
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._acceptor = threading.Thread(target=self._accept, name="faults-accept", daemon=True)

    def __enter__(self) -> FaultServer:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        self.release()
        host, port = self._listener.getsockname()
        with contextlib.suppress(
            OSError
        ):  # an accept is woken by a connection, and by nothing else everywhere
            socket.create_connection((host, port), timeout=1).close()
        self._acceptor.join(10)
        self._listener.close()
        with self._lock:
            threads = dict(self._connections)
        for connection in threads.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive(), "a connection of the fault server hangs"
        self._released.close()
        self._release.close()

    def url(self, path: str) -> str:
        return self.origin + path

    def serve(self, path: str, resource: Resource, *script: Fault) -> str:
        """Serve a file at `path`; its URL comes back."""
        with self._lock:
            self._routes[path] = _Route(resource, resource.needs_key, deque(script))
        return self.url(path)

    def reply(self, path: str, reply: Reply, *script: Fault, needs_key: bool = False) -> str:
        """Answer `path` with `script`, then with `reply` for ever; its URL comes back."""
        with self._lock:
            self._routes[path] = _Route(reply, needs_key, deque(script))
        return self.url(path)

    def content(self, path: str) -> bytes:
        """What the file at `path` holds now."""
        with self._lock:
            resource = self._routes[path].resource
        return resource.content if isinstance(resource, Resource) else resource.body

    def operation(self, model_name: str, operation_id: str, *answers: Fault) -> str:
        """Answer the polls of an operation in this order; the last one, a `Reply`, repeats. It needs the key."""
        last = answers[-1]
        assert isinstance(last, Reply)
        path = f"/v1beta/models/{model_name}/operations/{operation_id}"
        return self.reply(path, last, *answers[:-1], needs_key=True)

    def clear(self) -> None:
        """Forget every path and every recorded request."""
        with self._lock:
            self._routes.clear()
            self.requests.clear()

    def release(self) -> None:
        """Let everything that stalls go on, now and from now on."""
        self._release.send(b"!")

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._connections)

    def _accept(self) -> None:
        while not self._stopping:
            with contextlib.suppress(OSError):
                connection, client = self._listener.accept()
                if self._stopping:
                    connection.close()
                    return
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                thread = threading.Thread(
                    target=self._serve, args=(connection, client[0]), name="faults-connection", daemon=True
                )
                with self._lock:
                    self._connections[thread] = connection
                thread.start()

    def _serve(self, connection: socket.socket, client: str) -> None:
        try:
            with contextlib.suppress(OSError), connection:
                self._converse(connection, client)
        finally:
            with self._lock:
                del self._connections[threading.current_thread()]

    def _converse(self, connection: socket.socket, client: str) -> None:
        while not self._stopping and (request := _read_request(connection, client)):
            if not self._answer(connection, request):
                return

    def _answer(self, connection: socket.socket, request: Recorded) -> bool:
        """Answer one request; whether the connection stays open."""
        path = urlsplit(request.path).path
        with self._lock:
            self.requests.append(request)
            route = self._routes.get(path)
            fault = route.script.popleft() if route is not None and route.script else Plain()
            if route is not None and isinstance(fault, Change):
                route.resource, fault = fault.resource, Plain()
        if route is None:
            return _send(connection, refused(404, "Nothing is here."))
        if route.needs_key and request.key != self.key and not isinstance(fault, (Drop, Reset, Garbage)):
            return _send(
                connection, json_reply({"error": {"message": "Invalid signature", "type": "401"}}, 401)
            )
        if isinstance(fault, Drop) or (isinstance(fault, Stall) and fault.after_bytes is None):
            return isinstance(fault, Stall) and self._stall(connection)
        if isinstance(fault, Reset) and fault.after_bytes is None:
            return _reset(connection)
        if isinstance(fault, Garbage):
            connection.sendall(fault.data)
            return False
        if isinstance(fault, Reply):
            return _send(connection, fault)
        if isinstance(route.resource, Reply):
            return self._deliver(connection, route.resource, fault)
        return self._deliver(connection, _file_reply(route.resource, request, fault), fault)

    def _deliver(self, connection: socket.socket, reply: Reply, fault: Fault) -> bool:
        """Send an answer with the fault that lies in its body."""
        body = reply.body
        if isinstance(fault, WrongLength):
            length = max(0, len(body) + fault.delta)
            connection.sendall(_head(reply, length) + body[:length])
            return False
        if isinstance(fault, NoLength):
            connection.sendall(_head(reply, None) + body[: fault.after_bytes])
            return False
        connection.sendall(_head(reply, len(body)))
        if isinstance(fault, Drip):
            for start in range(0, len(body), fault.piece_bytes):
                connection.sendall(body[start : start + fault.piece_bytes])
            return True
        after_bytes = getattr(fault, "after_bytes", None)
        if after_bytes is None or after_bytes >= len(body):
            connection.sendall(body)
            return True
        connection.sendall(body[:after_bytes])
        if isinstance(fault, Stall):
            return self._stall(connection)
        return _reset(connection) if isinstance(fault, Reset) else False

    def _stall(self, connection: socket.socket) -> bool:
        # A client that waits sends nothing: it becomes readable when it leaves.
        select.select([connection, self._released], [], [])
        return False


def _file_reply(resource: Resource, request: Recorded, fault: Fault) -> Reply:
    headers = [("Accept-Ranges", "bytes" if resource.ranges else "none")]
    if resource.etag is not None:
        headers.append(("ETag", resource.etag))
    if resource.last_modified is not None:
        headers.append(("Last-Modified", resource.last_modified))
    whole = Reply(200, resource.content, tuple(headers), resource.mime_type)
    wanted = request.headers.get("range")
    condition = request.headers.get("if-range")
    if (
        wanted is None
        or not resource.ranges
        or isinstance(fault, IgnoreRange)
        or (condition is not None and condition not in (resource.etag, resource.last_modified))
    ):
        return whole
    first = int(wanted.removeprefix("bytes=").split("-")[0])
    total = len(resource.content)
    if first >= total:
        return Reply(416, b"", (*headers, ("Content-Range", f"bytes */{total}")), resource.mime_type)
    if isinstance(fault, WrongRange):
        first, total = min(max(0, first + fault.shift), total - 1), total + fault.total_delta
    last = len(resource.content) - 1
    content_range = ("Content-Range", f"bytes {first}-{last}/{total}")
    return replace(whole, status=206, body=resource.content[first:], headers=(*headers, content_range))


def _send(connection: socket.socket, reply: Reply) -> bool:
    connection.sendall(_head(reply, len(reply.body)) + reply.body)
    return True


def _head(reply: Reply, length: int | None) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} Status", f"Date: {formatdate(usegmt=True)}"]
    lines.append(f"Content-Type: {reply.mime_type}")
    lines.append(f"Content-Length: {length}" if length is not None else "Connection: close")
    lines += [f"{name}: {text}" for name, text in reply.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reset(connection: socket.socket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _read_request(connection: socket.socket, client: str) -> Recorded | None:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(4096)
        if not received or len(head) > _HEAD_LIMIT_BYTES:
            return None
        head += received
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(_headers(lines[1:]))
    return Recorded(lines[0].split(" ")[1], headers, client)


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, text = line.partition(":")
        if colon:
            yield name.strip().lower(), text.strip()


__all__ = [
    "KEY_HEADER",
    "Change",
    "Drip",
    "Drop",
    "Fault",
    "FaultServer",
    "Garbage",
    "IgnoreRange",
    "NoLength",
    "Plain",
    "Recorded",
    "Reply",
    "Reset",
    "Resource",
    "Stall",
    "Truncate",
    "WrongLength",
    "WrongRange",
    "busy",
    "corpus",
    "corpus_reply",
    "finished",
    "json_reply",
    "redirect",
    "refused",
    "running",
    "sign_in_page",
]
