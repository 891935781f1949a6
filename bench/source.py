"""The endpoint: every operation is done, and its video is served as fast as asked for."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from bench.clips import MB

_PIECE_BYTES = 64 * 1024


class Source:
    """An HTTP server on loopback.

    `/v1beta/models/bench/operations/N-MEGABYTES-RATE` answers that the video is finished, and
    `/files/N-MEGABYTES-RATE` sends it, RATE megabytes a second or, for 0, as fast as it is taken.

    Attributes:
        url: where it is, without a trailing slash.
        began: when the request for each file came in, epoch seconds, by N.
    """

    def __init__(self, clips: Mapping[int, Path]) -> None:
        self.began: dict[int, float] = {}
        self.finished = threading.Event()
        self.finished.set()
        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), _handler(self.began, self.finished, clips)
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Source:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(
    began: dict[int, float], finished: threading.Event, clips: Mapping[int, Path]
) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, name = self.path.partition("?")[0].rpartition("/")
            number, megabytes, rate = map(int, name.split("-"))
            if path == "/files":
                began[number] = time.time()
                self._file(clips[megabytes], rate)
            else:
                finished.wait()
                video = {"uri": f"http://{self.headers['Host']}/files/{name}"}
                answer = {
                    "name": self.path,
                    "done": True,
                    "response": {"generatedSamples": [{"video": video}]},
                }
                self._head("application/json", len(body := json.dumps(answer).encode()))
                self.wfile.write(body)

        def _head(self, content_type: str, length: int) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(length))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def _file(self, path: Path, rate: int) -> None:
            self._head("video/mp4", path.stat().st_size)
            with path.open("rb") as file:
                if not rate:
                    self.connection.sendfile(file)
                    return
                start, sent = time.monotonic(), 0
                while piece := file.read(_PIECE_BYTES):
                    sent += len(piece)
                    # What is paced is the end of each piece, so that the file takes its length by its rate.
                    time.sleep(max(0.0, start + sent / (rate * MB) - time.monotonic()))
                    self.wfile.write(piece)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
