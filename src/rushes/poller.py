"""One operation being polled and downloaded, for all equal watches of it. Lives on the scheduler's thread."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rushes.client import Client
from rushes.credentials import Credentials, Secret
from rushes.errors import RushesError
from rushes.provider import origin_of
from rushes.reference import Reference
from rushes.retrieval import retrieve, write_down
from rushes.scheduler import Scheduler, Timer, shared_scheduler
from rushes.store import OperationKey, Store
from rushes.unforeseen import unforeseen_error
from rushes.watch_events import (
    Action,
    DownloadEnded,
    Event,
    Joined,
    PollAnswered,
    PollDue,
    PollFailed,
    SampleMoved,
    SendPoll,
    StartDownload,
    Started,
    Stopped,
    Wake,
)
from rushes.watch_state import SampleState, WatchState
from rushes.watcher import Now, advance

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PollerKey:
    """What makes two watches equal: the same operation of the same endpoint, asked for with the same key."""

    base_url: str
    model_name: str
    operation_id: str
    secret: Secret


class Follower(Protocol):
    """A watch that shares a poller."""

    def follow(self, state: WatchState) -> None:
        """Take over the poller's new state. Called on the scheduler's thread; only hands over."""


class Poller:
    """Drives one watcher: carries its actions out on workers and brings what happens back as events.

    All methods belong to the scheduler's thread.
    """

    def __init__(self, key: PollerKey, reference: Reference, client: Client, scheduler: Scheduler) -> None:
        self.key = key
        self.state = WatchState()
        self.client = client
        self._reference = reference
        self._scheduler = scheduler
        self._followers: list[Follower] = []
        self._timer: Timer | None = None
        self._cancelled = threading.Event()
        self._rng = random.Random()
        self._store = Store()

    def join(self, follower: Follower, timeout_s: float | None) -> None:
        """Let one more watch share this poller; an attempt that has ended begins anew where that can help."""
        if follower not in self._followers:
            self._followers.append(follower)
        if self.state.can_stop:
            self.dispatch(Joined(timeout_s))
        elif not self.state.done or self.state.can_resume or self._files_are_gone():
            self.dispatch(Started(timeout_s))
        follower.follow(self.state)

    def leave(self, follower: Follower) -> bool:
        """Let a watch go; whether none is left, after which polling has stopped."""
        if follower in self._followers:
            self._followers.remove(follower)
        if self._followers:
            return False
        self.dispatch(Stopped())
        return True

    def dispatch(self, event: Event) -> None:
        """Take one step, carry out its actions, and tell the watches."""
        before = self.state
        self.state, actions = advance(before, event, _now(), self._rng)
        if self.state.status != "running" and self._timer is not None:
            self._timer.cancel()
        if self.state.done and not before.done:
            self._cancelled.set()
            self._write_down_unless_retrieved()
        for action in actions:
            self._carry_out(action)
        if self.state is not before:
            for follower in tuple(self._followers):
                follower.follow(self.state)

    def _carry_out(self, action: Action) -> None:
        if isinstance(action, SendPoll):
            self._scheduler.polls.submit(lambda: self._poll(action.attempt))
        elif isinstance(action, Wake):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._scheduler.at(action.at, lambda: self.dispatch(PollDue()))
        else:
            self._cancelled = threading.Event()
            cancelled = self._cancelled.is_set
            self._scheduler.downloads.submit(lambda: self._download(action, cancelled))

    def _poll(self, attempt: int) -> None:
        """On a worker."""
        event: Event
        try:
            poll = self.client.poll(self._reference)
            event = PollAnswered(attempt, poll.operation, poll.server_date)
        except RushesError as error:
            event = PollFailed(attempt, error.with_traceback(None))
        except Exception as error:
            _logger.exception("A poll failed in an unforeseen way.")
            event = PollFailed(attempt, unforeseen_error(error))
        self._scheduler.post(lambda: self.dispatch(event))

    def _download(self, action: StartDownload, cancelled: Callable[[], bool]) -> None:
        """On a worker."""
        attempt = action.attempt

        def on_sample(index: int, sample: SampleState) -> None:
            self._scheduler.post(lambda: self.dispatch(SampleMoved(attempt, index, sample)))

        try:
            videos, error = retrieve(
                action.operation,
                self._operation_key,
                total_s=action.total_s,
                transport=self.client.transport,
                store=self._store,
                on_sample=on_sample,
                cancelled=cancelled,
            )
        except Exception as failure:
            _logger.exception("A download failed in an unforeseen way.")
            videos, error = (), unforeseen_error(failure)
        self._scheduler.post(lambda: self.dispatch(DownloadEnded(attempt, videos, error)))

    def _write_down_unless_retrieved(self) -> None:
        operation, total_s = self.state.operation, self.state.total_s
        if operation is not None and operation.done and operation.status != "succeeded":
            self._scheduler.disk.submit(lambda: write_down(operation, self._operation_key, total_s=total_s))

    def _files_are_gone(self) -> bool:
        """Whether somebody has removed what an earlier attempt had fetched."""
        return self.state.status == "succeeded" and any(
            video.path is not None and not video.path.exists() for video in self.state.videos
        )

    @property
    def _operation_key(self) -> OperationKey:
        return operation_key(self.key.base_url, self._reference)


class Pollers:
    """The pollers of this process, one for each set of equal watches, and their clients. Scheduler's thread only."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self._pollers: dict[PollerKey, Poller] = {}

    def join(
        self, follower: Follower, reference: Reference, credentials: Credentials, timeout_s: float | None
    ) -> Poller:
        """The poller for this operation and key, shared or new, with `follower` told of all it does."""
        secret = credentials.require()
        key = PollerKey(credentials.provider.base_url, reference.model_name, reference.operation_id, secret)
        poller = self._pollers.get(key)
        if poller is None:
            poller = Poller(key, reference, self._client(credentials), self.scheduler)
            self._pollers[key] = poller
        poller.join(follower, timeout_s)
        return poller

    def leave(self, poller: Poller, follower: Follower) -> None:
        """Let a watch go, and its poller with the last one."""
        if poller.leave(follower) and self._pollers.get(poller.key) is poller:
            del self._pollers[poller.key]
            if not any(other.client is poller.client for other in self._pollers.values()):
                poller.client.close()

    def _client(self, credentials: Credentials) -> Client:
        """One client for each endpoint and key: its connections are kept alive for all watches."""
        for poller in self._pollers.values():
            if poller.client.provider == credentials.provider and poller.key.secret == credentials.secret:
                return poller.client
        return Client.of(credentials)


_shared: Pollers | None = None
_shared_lock = threading.Lock()


def shared_pollers() -> Pollers:
    """The pollers of this process, on its scheduler."""
    global _shared
    scheduler = shared_scheduler()
    with _shared_lock:
        if _shared is None or _shared.scheduler is not scheduler:
            _shared = Pollers(scheduler)
        return _shared


def operation_key(base_url: str, reference: Reference) -> OperationKey:
    """What the operation is called in the store and in the ledger."""
    return OperationKey(origin_of(base_url), reference.model_name, reference.operation_id)


def _now() -> Now:
    return Now(time.monotonic(), time.time())
