"""`rushes.demo()` and `rushes.demo_endpoint()`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rushes.embedded.answers import Shape
from rushes.embedded.endpoint import DEMO_KEY, DemoEndpoint
from rushes.embedded.generations import STATUSES
from rushes.errors import InvalidInputError

if TYPE_CHECKING:
    from rushes.widget import OperationWidget

_starting = threading.Lock()
_shared: DemoEndpoint | None = None


def demo(*, seconds: float = 8, status: str = "succeeded", samples: int = 1) -> OperationWidget:
    """Watch a pretended generation on an endpoint inside this process: no key, no network, no bill.

    Args:
        seconds: how long the generation takes.
        status: how it ends: "succeeded", "filtered", "partly_filtered", "audio_filtered", "empty", "failed",
            "running" (never), "timed_out" (the watch gives up after `seconds`), or an HTTP error that refuses
            every poll: "http_400", "http_401", "http_403", "http_404", "http_429", "http_500", "http_503"
            (as documented, a content policy violation).
        samples: how many videos are asked for, 1 to 4.

    Raises:
        InvalidInputError: an option that cannot be meant; the message lists what can.
    """
    # The widget's floor is imported here, so that the endpoint alone needs nothing of Jupyter.
    from rushes.widget import watch

    if status not in (*STATUSES, "timed_out"):
        raise InvalidInputError(
            f"{status!r} is not something the demo can show.",
            next_step=f"Choose one of: {', '.join((*STATUSES, 'timed_out'))}.",
        )
    endpoint = _shared_endpoint()
    times_out = status == "timed_out"
    name = endpoint.create_operation(
        seconds=seconds, status="running" if times_out else status, samples=samples
    )
    timeout_s = float(seconds) if times_out else 3600.0
    return watch(name, base_url=endpoint.base_url, api_key=endpoint.api_key, timeout=timeout_s)


def demo_endpoint(
    *,
    seconds: float = 8,
    status: str = "succeeded",
    samples: int = 1,
    shape: Shape = "gptproto",
    latency_s: float = 0.0,
    api_key: str = DEMO_KEY,
    flaky: bool = False,
) -> DemoEndpoint:
    """An endpoint to practise against, on a loopback port: a context manager with `.base_url` and `.api_key`.

        with rushes.demo_endpoint(seconds=2) as endpoint:
            name = endpoint.create_operation()      # or POST to :predictLongRunning
            with rushes.Client(base_url=endpoint.base_url, api_key=endpoint.api_key) as client:
                ...

    Args:
        seconds: how long a generation takes.
        status: how it ends; see `DemoEndpoint.create_operation`.
        samples: how many videos a generation has where the request does not say.
        shape: of a finished answer: "gptproto" (as its documentation has it) or "google" (nested, as
            google-genai reads it; a running operation has no `createTime` then).
        latency_s: how long each request waits before it is answered.
        api_key: the only key that is let in.
        flaky: let the network go away for 3 s again and again, from 3 s after the start: requests get no answer then.

    Raises:
        InvalidInputError: an option that cannot be meant.
    """
    return DemoEndpoint(
        seconds=seconds,
        status=status,
        samples=samples,
        shape=shape,
        latency_s=latency_s,
        api_key=api_key,
        flaky=flaky,
    )


def _shared_endpoint() -> DemoEndpoint:
    """The one endpoint of all demos of this process, started at first use (and again in a forked child)."""
    global _shared
    with _starting:
        if _shared is None or not _shared.running:
            _shared = demo_endpoint().start()
        return _shared
