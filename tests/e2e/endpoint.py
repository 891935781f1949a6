"""The demo endpoint in the tests' own process, so that a test sees what a kernel asks it."""

from __future__ import annotations

import base64
import json
from collections import Counter
from types import TracebackType

import rushes
from rushes.embedded.exchange import Reply, Request, json_reply


class WatchedEndpoint:
    """A demo endpoint that counts requests, and can put videos into its answers.

    Attributes:
        base_url: where it is.
        asked: how often each kind was asked for: "poll", "file", "submit".
        inline: put the videos' bytes in the place of their URIs.
        holding: answer "running" whatever the operation's time, so that a test decides when it is over.
    """

    def __init__(self, api_key: str) -> None:
        self.api_key = api_key
        self.asked: Counter[str] = Counter()
        self.inline = False
        self.holding = False
        self._endpoint = rushes.demo_endpoint(api_key=api_key)
        # The routes answer what they always do; this stands in front of them.
        self._answer = self._endpoint._routes.answer
        self._endpoint._routes.answer = self._counted  # type: ignore[method-assign]

    def __enter__(self) -> WatchedEndpoint:
        self._endpoint.start()
        self.base_url = self._endpoint.base_url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._endpoint.stop()

    def create_operation(self, *, seconds: float = 0.5, status: str = "succeeded", samples: int = 1) -> str:
        """Begin a generation; returns its name."""
        return self._endpoint.create_operation(seconds=seconds, status=status, samples=samples)

    def create(self, *, seconds: float = 0.5, status: str = "succeeded", samples: int = 1) -> str:
        """Begin a generation; returns the line of a cell that watches it."""
        name = self.create_operation(seconds=seconds, status=status, samples=samples)
        return f"rushes.watch({name!r}, base_url={self.base_url!r}, api_key={self.api_key!r}"

    def submit(self, label: str) -> str:
        """The lines of a cell that submits once under this label, and watches what it submitted."""
        url = f"{self.base_url}/v1beta/models/veo-3.1-generate-preview:predictLongRunning"
        sent = (
            f"headers={{'x-goog-api-key': {self.api_key!r}}}, json={{'instances': [{{'prompt': 'a storm'}}]}}"
        )
        return (
            f"import requests, rushes\ndef submit():\n    return requests.post({url!r}, {sent}, timeout=60)\n"
            f"w = rushes.watch(rushes.once({label!r}, submit), base_url={self.base_url!r}, "
            f"api_key={self.api_key!r})\nw"
        )

    def _counted(self, request: Request, base_url: str) -> Reply:
        kind = "file" if ":download" in request.path else "submit" if request.method == "POST" else "poll"
        self.asked[kind] += 1
        reply = self._answer(request, base_url)
        if kind == "poll" and self.holding:
            return json_reply(200, {"name": "operations/held", "done": False})
        return self._with_bytes(reply, request) if self.inline and kind == "poll" else reply

    def _with_bytes(self, reply: Reply, request: Request) -> Reply:
        """The same answer, with the video's bytes in the place of its URI."""
        body = json.loads(reply.body)
        for sample in body.get("response", {}).get("generatedSamples", []):
            clip = self._fetch(sample["video"].pop("uri"), request)
            sample["video"]["bytesBase64Encoded"] = base64.b64encode(clip).decode("ascii")
        return json_reply(reply.status_code, body)

    def _fetch(self, uri: str, request: Request) -> bytes:
        path = uri.removeprefix(self.base_url).partition("?")[0]
        found = self._answer(Request("GET", path, request.headers), self.base_url)
        while "Location" in found.headers:
            path = found.headers["Location"].removeprefix(self.base_url).partition("?")[0]
            found = self._answer(Request("GET", path, request.headers), self.base_url)
        return found.body
