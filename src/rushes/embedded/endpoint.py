"""The embedded endpoint: everything a provider does for one operation, on a loopback port of this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rushes.embedded.answers import SHAPES, Shape
from rushes.embedded.generations import Generations, check
from rushes.embedded.routes import Routes
from rushes.embedded.server import Listener
from rushes.errors import InvalidInputError

#: No secret, and it says so; still, the endpoint refuses every other.
DEMO_KEY = "demo-key-not-secret"
DEMO_MODEL = "veo-3.1-generate-preview"
#: A flaky network is away for the second half of each of these.
_FLAKY_PERIOD_S = 6.0


class DemoEndpoint:
    """A provider to practise with. Made by `rushes.demo_endpoint()`; a context manager.

    It answers under `base_url`, for `api_key` in `x-goog-api-key` and nobody else:

    - `POST /v1beta/models/{model}:predictLongRunning` begins a generation
    - `GET /v1beta/models/{model}/operations/{id}` polls it
    - `GET /v1beta/files/{id}:download?alt=media` redirects to the video, on the same host, same key

    `/v1` is answered as `/v1beta` is. Nothing is kept on disk, and of a prompt nothing at all.
    """

    def __init__(
        self,
        *,
        seconds: float,
        status: str,
        samples: int,
        shape: Shape,
        latency_s: float,
        api_key: str,
        flaky: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        check(model_name=DEMO_MODEL, seconds=seconds, status=status, samples=samples)
        if shape not in SHAPES:
            raise InvalidInputError(
                f"{shape!r} is not a shape of an answer.", next_step=f"Choose one of: {', '.join(SHAPES)}."
            )
        if not (isinstance(latency_s, (int, float)) and 0 <= latency_s < 3600):
            raise InvalidInputError(f"latency_s={latency_s!r} is not a delay.", next_step="Pass seconds.")
        if not (isinstance(api_key, str) and api_key.isascii() and api_key.isprintable() and api_key.strip()):
            raise InvalidInputError("The api_key cannot be sent by anybody.", next_step="Pass ASCII text.")
        self.api_key = api_key
        self._seconds, self._status, self._samples = seconds, status, samples
        self._latency_s = latency_s
        self._flaky = flaky
        self._clock = clock
        self._started_at = 0.0
        self._generations = Generations(clock)
        self._routes = Routes(
            self._generations, api_key=api_key, shape=shape, seconds=seconds, status=status, samples=samples
        )
        self._listener: Listener | None = None

    def __repr__(self) -> str:
        return f"<DemoEndpoint {self.base_url if self.running else 'stopped'}>"

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`, without a trailing slash.

        Raises:
            RuntimeError: the endpoint has not been started.
        """
        if self._listener is None:
            raise RuntimeError("The endpoint is not running: use it in a `with` block, or call start().")
        return self._listener.base_url

    @property
    def running(self) -> bool:
        """Whether it answers. False in a forked child."""
        return self._listener is not None and self._listener.alive

    def start(self) -> DemoEndpoint:
        """Listen on a free port of 127.0.0.1. No effect while running. Returns itself."""
        if not self.running:
            self._started_at = self._clock()
            self._listener = Listener(
                self._routes.answer, latency_s=self._latency_s, reachable=self._reachable
            )
            self._listener.start()
        return self

    def _reachable(self) -> bool:
        age_s = self._clock() - self._started_at
        return not self._flaky or age_s % _FLAKY_PERIOD_S < _FLAKY_PERIOD_S / 2

    def stop(self) -> None:
        """Stop listening, cut every connection. No effect while stopped; `start` begins on another port."""
        if self._listener is not None:
            self._listener.stop()
            self._listener.join(5.0)
            self._listener = None

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until somebody has called `stop` and every thread has ended, at most `timeout_s` seconds."""
        listener = self._listener
        if listener is not None:
            listener.join(timeout_s)

    def __enter__(self) -> DemoEndpoint:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def create_operation(
        self,
        *,
        model_name: str = DEMO_MODEL,
        seconds: float | None = None,
        status: str | None = None,
        samples: int | None = None,
        aspect_ratio: str | None = None,
    ) -> str:
        """Begin a generation as a submit over HTTP would; returns its name, `models/{model}/operations/{id}`.

        Args:
            model_name: any; operations are found under the model they were made for.
            seconds: how long it runs; the endpoint's own where None, as with `status` and `samples`.
            status: how it ends: "succeeded", "filtered" (all withheld), "partly_filtered" (half of them),
                "audio_filtered" (a video and a warning), "empty", "failed", "running" (never ends), or
                "http_400", "http_401", "http_403", "http_404", "http_429", "http_500", "http_503":
                every poll is refused with it, from the first one on.
            samples: how many videos were asked for, 1 to 4.
            aspect_ratio: "16:9" or "9:16"; None for any.

        Raises:
            InvalidInputError: an option that cannot be meant.
        """
        if aspect_ratio not in (None, "16:9", "9:16"):
            raise InvalidInputError(
                f"No clip has the aspect ratio {aspect_ratio!r}.", next_step='Choose "16:9" or "9:16".'
            )
        generation = self._generations.create(
            model_name,
            seconds=self._seconds if seconds is None else seconds,
            status=self._status if status is None else status,
            samples=self._samples if samples is None else samples,
            aspect_ratio=aspect_ratio,
        )
        return generation.name
