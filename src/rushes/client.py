"""The headless client: one poll, one wait, one download. Imports nothing of Jupyter."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from rushes.answer import read_answer
from rushes.credentials import Credentials, Secret, find_credentials
from rushes.destination import check_destination, resolve_destination
from rushes.download import download
from rushes.errors import (
    AuthenticationError,
    CredentialsError,
    DownloadError,
    InvalidInputError,
    RushesError,
    SaveError,
    WatchTimeoutError,
)
from rushes.experience import experienced_latency
from rushes.operation import Operation
from rushes.provider import Provider, file_id_of
from rushes.reference import Reference, read_reference
from rushes.transport import Transport
from rushes.video import Video
from rushes.watch_events import (
    Event,
    PollAnswered,
    PollDue,
    PollFailed,
    SendPoll,
    Started,
    Wake,
)
from rushes.watch_state import WatchState
from rushes.watcher import Now, advance

#: An answer may carry whole videos as base64.
_LONGEST_ANSWER_BYTES = 256 << 20
_POLL_TIMEOUT_S = 120.0
#: What to do next where there is no watch to resume and no card to type into.
_NEXT_STEPS: dict[type[RushesError], str] = {
    CredentialsError: "Pass api_key=..., or set GPTPROTO_API_KEY (or GEMINI_API_KEY for Google).",
    AuthenticationError: "Check the key, or make a Client with another one.",
    DownloadError: "Call download() again; what has arrived is kept.",
    SaveError: "Choose another destination.",
    WatchTimeoutError: "Call wait() again; timeout=... sets how long it may take.",
}


@dataclass(frozen=True)
class Poll:
    """What one poll brought: the operation, the clock of who answered, and the HTTP status."""

    operation: Operation
    server_date: datetime | None
    status_code: int


class Client(AbstractContextManager["Client"]):
    """Reads operations of one provider with one key, and downloads their videos. Safe to use from several threads.

    Args:
        provider: "gptproto" or "google"; None lets the key, the environment or `base_url` decide.
        api_key: the key; None looks in the environment and in Colab's secrets. It is kept in memory only.
        base_url: the root of another endpoint that speaks the same contract; needs `api_key`.

    Raises:
        CredentialsError: no key, or one that belongs to another provider.
        InvalidInputError: an unknown provider, or a URL that cannot be used.
    """

    def __init__(
        self, *, provider: str | None = None, api_key: str | None = None, base_url: str | None = None
    ) -> None:
        secret = Secret.wrap(api_key)
        del api_key  # before anything can raise: a verbose traceback prints every local variable
        with _without_a_card():
            self._open(find_credentials(provider=provider, secret=secret, base_url=base_url))

    @classmethod
    def of(cls, credentials: Credentials) -> Client:
        """A client of credentials that were found already.

        Raises:
            CredentialsError: they hold no key.
        """
        client = cls.__new__(cls)
        client._open(credentials)
        return client

    def _open(self, credentials: Credentials) -> None:
        self.provider: Provider = credentials.provider
        self.key_source = credentials.source
        self._secret = credentials.require()
        self._transport = Transport(credentials.provider, self._secret)

    def get(self, model_name: object, operation_id: object = None) -> Operation:
        """Ask for an operation once.

        Args:
            model_name: a model name; or, alone, a whole operation name, a URL, an object with `.name`, or a dict with
                "name".
            operation_id: an operation ID, or any of those in its place.

        Raises:
            InvalidInputError: the name cannot be meant, or names another endpoint.
            NetworkError: nothing came back.
            APIError: the endpoint answered with an error.
            UnreadableResponseError: the answer is not an operation.
        """
        with _without_a_card():
            return self.poll(self._reference(model_name, operation_id)).operation

    def wait(
        self, model_name: object, operation_id: object = None, *, timeout: float | None = None
    ) -> Operation:
        """Poll until the operation has ended, however it ended; see `Operation.status` and `raise_for_status`.

        Polls that fail in passing are retried.

        Args:
            model_name: as for `get`.
            operation_id: as for `get`.
            timeout: seconds, None for no limit.

        Raises:
            WatchTimeoutError: a poll sent after `timeout` found the operation still running.
            RushesError: as `get`, where it does not pass.
        """
        reference = self._reference(model_name, operation_id)
        state = WatchState(latency=experienced_latency(reference.model_name, self.provider.base_url))
        events: deque[Event] = deque([Started(checked_timeout(timeout))])
        rng = random.Random()
        while events:
            state, actions = advance(state, events.popleft(), _now(), rng)
            for action in actions:
                if isinstance(action, SendPoll):
                    events.append(self._polled(reference, action.attempt))
                elif isinstance(action, Wake):
                    time.sleep(max(0.0, action.at - time.monotonic()))
                    events.append(PollDue())
                else:
                    return action.operation
        if state.operation is not None and state.operation.done:
            return state.operation
        assert state.error is not None, "a watch ends with an operation or an error"
        with _without_a_card():
            raise state.error

    def download(
        self,
        video: Video,
        destination: str | os.PathLike[str],
    ) -> Path:
        """Fetch a video to a file: streamed, resumed where it was cut, checked, and moved into place whole.

        Args:
            video: one of `Operation.videos`.
            destination: a file name; or an existing directory or a name with a trailing slash, for a file
                named like the provider's.

        Returns:
            The file.

        Raises:
            DownloadError: it is not to be had: expired, refused, not a video, too large, gs://.
            SaveError: it cannot be written there, or another file is in the place.
            NetworkError: the connection kept failing.
        """
        path = resolve_destination(destination, file_id_of(video.uri or "") or "video", 0, 1)
        with _without_a_card():
            check_destination(path)
            return download(self._transport, video, path)

    def poll(self, reference: Reference) -> Poll:
        """Ask for an operation once, by a checked reference. Raises as `get`."""
        url = self.provider.operation_url(reference.model_name, reference.operation_id)
        with self._transport.open(url, total_timeout_s=_POLL_TIMEOUT_S) as exchange:
            body = exchange.read(_LONGEST_ANSWER_BYTES)
            operation = read_answer(
                exchange.status_code,
                exchange.headers,
                body,
                provider=self.provider,
                secret=self._secret,
                model_name=reference.model_name,
                operation_id=reference.operation_id,
            )
            return Poll(operation, exchange.date, exchange.status_code)

    @property
    def transport(self) -> Transport:
        """The connection to the provider, for downloads."""
        return self._transport

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._transport.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if "provider" not in self.__dict__:  # a traceback prints a client whose constructor raised
            return "Client(no credentials)"
        return f"Client({self.provider.base_url!r}, key from {self.key_source})"

    def _polled(self, reference: Reference, attempt: int) -> PollAnswered | PollFailed:
        try:
            poll = self.poll(reference)
        except RushesError as error:
            return PollFailed(attempt, error.with_traceback(None))
        return PollAnswered(attempt, poll.operation, poll.server_date, poll.status_code)

    def _reference(self, model_name: object, operation_id: object) -> Reference:
        reference = read_reference(model_name, operation_id)
        if reference.base_url is not None and not self.provider.owns(reference.base_url):
            raise InvalidInputError(
                f"The operation is at another endpoint than this client, which asks {self.provider.base_url}.",
                next_step="Make a Client with that endpoint's base_url or provider.",
            )
        return reference


@contextmanager
def _without_a_card() -> Iterator[None]:
    """Let errors that say what to do on a card say what to do without one."""
    try:
        yield
    except RushesError as error:
        if error.next_step == error.default_next_step:
            error.next_step = _NEXT_STEPS.get(type(error), error.next_step)
        raise


def checked_timeout(timeout: object) -> float | None:
    """A timeout in seconds as a float, None for no limit.

    Raises:
        InvalidInputError: not a number, or negative.
    """
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not timeout >= 0:
        raise InvalidInputError(
            f"timeout={timeout!r} is not a time.", next_step="Give seconds, 0 or more, or None for no limit."
        )
    return float(min(timeout, threading.TIMEOUT_MAX))


def _now() -> Now:
    return Now(time.monotonic(), time.time())
