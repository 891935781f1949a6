"""The embedded endpoint on its socket: loopback, HTTP/1.1 with keep-alive, threads that all end.

It is the standard library's `ThreadingHTTPServer` because `rushes.demo()` has to work after a plain
`pip install rushes`: no web framework may become a dependency of a notebook widget, an event loop of our own
would have to live beside the kernel's, and a handful of local clients need nothing faster. What the library
leaves to its user is done here: bounded bodies, errors as JSON, silence on stderr, and a `stop` that leaves
no thread behind.
"""

from __future__ import annotations

import contextlib
import contextvars
import http
import logging
import selectors
import socket
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from rushes.embedded.exchange import CaseInsensitive, Reply, Request, json_reply

logger = logging.getLogger(__name__)

#: Google takes inline images up to 20 MB a request.
MAX_BODY_BYTES = 20 << 20
#: A connection on which nothing happens for so long is closed.
IDLE_TIMEOUT_S = 60.0
_LOOPBACK = "127.0.0.1"

Answer = Callable[[Request, str], Reply]


class Listener:
    """The thread that accepts connections; each of these gets a thread of its own.

    Args:
        answer: called with a request and the base URL, on the connection's thread.
        latency_s: how long each request waits before it is answered.
        reachable: asked at each request; one that comes while it says False gets no answer, and its connection ends.
    """

    def __init__(
        self, answer: Answer, *, latency_s: float = 0.0, reachable: Callable[[], bool] = lambda: True
    ) -> None:
        self._server = _Server(answer, latency_s, reachable)
        self._wake_read, self._wake_write = socket.socketpair()
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._accept,), name="rushes-embedded-endpoint", daemon=True
        )

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self._server.base_url

    @property
    def alive(self) -> bool:
        """Whether it accepts connections. False in a forked child, which has no such thread."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """Accept no more, and cut every open connection. Returns at once; `join` waits."""
        self._server.stopping.set()
        self._wake_write.close()
        self._server.cut_connections()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until every thread is gone. Only after `stop`."""
        self._thread.join(timeout_s)
        self._server.cut_connections()  # One may have been accepted while stop was under way.
        self._server.join_connections(timeout_s)

    def _accept(self) -> None:
        # Not serve_forever, which wakes up twice a second for as long as the kernel lives.
        with selectors.DefaultSelector() as ready, self._wake_read, self._server:
            ready.register(self._server, selectors.EVENT_READ)
            ready.register(self._wake_read, selectors.EVENT_READ)
            while not self._server.stopping.is_set():
                if any(key.fileobj is self._server for key, _ in ready.select()):
                    self._server.handle_request()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    #: For handle_request: a client that went away between select and accept must not hold the loop.
    timeout = 0.2

    def __init__(self, answer: Answer, latency_s: float, reachable: Callable[[], bool]) -> None:
        self.answer = answer
        self.latency_s = latency_s
        self.reachable = reachable
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}
        super().__init__((_LOOPBACK, 0), _Connection)
        self.base_url = f"http://{_LOOPBACK}:{self.server_address[1]}"

    def server_bind(self) -> None:
        # HTTPServer's asks the name service for the host's name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _LOOPBACK, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=context.run,
            args=(self._serve_connection, request, client_address),
            name="rushes-embedded-connection",
            daemon=True,
        )
        with self._lock:
            self._connections[thread] = request
        thread.start()

    def _serve_connection(self, request: socket.socket, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.pop(threading.current_thread(), None)

    def cut_connections(self) -> None:
        """Make every read and write on an open connection end."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            with contextlib.suppress(OSError):  # Closed meanwhile.
                connection.shutdown(socket.SHUT_RDWR)

    def join_connections(self, timeout_s: float | None) -> None:
        """Wait for the threads of all connections."""
        with self._lock:
            threads = list(self._connections)
        for thread in threads:
            thread.join(timeout_s)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # socketserver's prints to stderr, which in a notebook is somebody's cell.
        logger.debug("A connection to the embedded endpoint ended early.", exc_info=True)


class _Connection(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "rushes-embedded-endpoint"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S
    # Headers and body leave in one piece, and at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _exchange(self) -> None:
        body = self._read_body()
        if body is None:
            return
        if self.server.latency_s and self.server.stopping.wait(self.server.latency_s):
            self.close_connection = True
            return
        if not self.server.reachable():
            self.close_connection = True
            return
        headers = CaseInsensitive(self.headers.items())
        request = Request(self.command, urlsplit(self.path).path, headers, body)
        self._send(self.server.answer(request, self.server.base_url))

    do_GET = do_HEAD = do_POST = _exchange

    def _read_body(self) -> bytes | None:
        """The request's body; None where the refusal has been sent."""
        length = self.headers.get("Content-Length")
        if "Transfer-Encoding" in self.headers or (length is None and self.command == "POST"):
            self.send_error(411, "Send the body whole, with a Content-Length.")
        elif length is not None and not (length.isascii() and length.isdigit() and len(length) < 19):
            self.send_error(400, "Content-Length is not a number.")
        elif int(length or 0) > MAX_BODY_BYTES:
            self.send_error(413, f"The body is larger than {MAX_BODY_BYTES} bytes.")
        else:
            body = self.rfile.read(int(length or 0))
            if len(body) == int(length or 0):
                return body
            self.close_connection = True  # Cut off in the middle: nobody is left to be told.
        return None

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status_code)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse, as JSON. The library calls this too, for request lines and methods it does not know."""
        self.close_connection = True  # A body may be on its way that will not be read.
        if self.request_version == "HTTP/0.9":
            # What the library takes a request line for that it cannot read; it would send no status then.
            self.request_version = self.protocol_version
        status = http.HTTPStatus(code)
        error = {"code": code, "message": message or status.phrase, "status": status.name}
        self._send(json_reply(code, {"error": error}))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: not on stderr, and a path may be followed by a query that is nobody's business."""
