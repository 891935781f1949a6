"""One operation being polled and downloaded, for all equal watches of it. Lives on the scheduler's thread."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rushes.admission import Admission
from rushes.client import Client
from rushes.credentials import Credentials, Secret
from rushes.data_directory import operation_key
from rushes.errors import RateLimitError, RushesError
from rushes.experience import experienced_latency
from rushes.latency import finish_probability, prior_latency
from rushes.provider import Provider, origin_of
from rushes.rate_budget import PollRequest
from rushes.reference import Reference
from rushes.retrieval import retrieve, write_down_outcome
from rushes.schedule import LONGEST_RETRY_AFTER_S
from rushes.scheduler import Scheduler, Timer, shared_scheduler
from rushes.store import Store
from rushes.unforeseen import unforeseen_error
from rushes.watch_events import (
    Action,
    DownloadEnded,
    Event,
    Joined,
    LatencyLearned,
    PollAnswered,
    PollDue,
    PollFailed,
    PollPutOff,
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

#: A poll that goes out so little later than it was due is told as being on time.
_PUNCTUAL_S = 1.0


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

    def __init__(
        self,
        key: PollerKey,
        reference: Reference,
        client: Client,
        scheduler: Scheduler,
        admission: Admission,
    ) -> None:
        self.key = key
        self.state = WatchState(latency=prior_latency(key.model_name, key.base_url))
        self.client = client
        self._reference = reference
        self._scheduler = scheduler
        self._admission = admission
        self._origin = origin_of(key.base_url)
        self._followers: list[Follower] = []
        self._timer: Timer | None = None
        self._request: PollRequest | None = None
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
            self._scheduler.disk.submit(self._learn)
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
        if self.state.status != "running":
            self._forget_the_next_poll()
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
            self._forget_the_next_poll()
            self._timer = self._scheduler.at(action.at, self._ask_to_poll)
        else:
            self._cancelled = threading.Event()
            cancelled = self._cancelled.is_set
            self._scheduler.downloads.submit(lambda: self._download(action, cancelled))

    def _ask_to_poll(self) -> None:
        self._request = PollRequest(_finish_probability(self.state), self._send_poll, self._put_off)
        self._admission.ask(self._origin, self._request)

    def _send_poll(self) -> bool:
        polls = self.state.polls
        self.dispatch(PollDue())
        return self.state.polls > polls

    def _put_off(self, at: float) -> None:
        if at - time.monotonic() >= _PUNCTUAL_S:
            self.dispatch(PollPutOff(at))

    def _forget_the_next_poll(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._request is not None:
            self._admission.withdraw(self._origin, self._request)
        # Both hold this poller: without the circle, it goes with its last watch, and its connections with it.
        self._timer = self._request = None

    def _learn(self) -> None:
        """On a worker: the ledger is read while the first poll is under way."""
        latency = experienced_latency(self.key.model_name, self.key.base_url)
        self._scheduler.post(lambda: self.dispatch(LatencyLearned(latency)))

    def _poll(self, attempt: int) -> None:
        """On a worker."""
        event: PollAnswered | PollFailed
        sent_at = time.monotonic()
        try:
            poll = self.client.poll(self._reference)
            event = PollAnswered(attempt, poll.operation, poll.server_date, poll.status_code)
        except RushesError as error:
            event = PollFailed(attempt, error.with_traceback(None))
        except Exception as error:
            _logger.exception("A poll failed in an unforeseen way.")
            event = PollFailed(attempt, unforeseen_error(error))
        self._scheduler.post(lambda: self._polled(event, sent_at))

    def _polled(self, event: PollAnswered | PollFailed, sent_at: float) -> None:
        if isinstance(event, PollFailed) and isinstance(event.error, RateLimitError):
            asked_s = event.error.retry_after_s
            self._admission.refused(
                self._origin, sent_at, None if asked_s is None else min(asked_s, LONGEST_RETRY_AFTER_S)
            )
        self._admission.returned(self._origin)
        self.dispatch(event)

    def _download(self, action: StartDownload, cancelled: Callable[[], bool]) -> None:
        """On a worker."""
        attempt = action.attempt

        def on_sample(index: int, sample: SampleState) -> None:
            self._scheduler.post(lambda: self.dispatch(SampleMoved(attempt, index, sample)))

        try:
            videos, error = retrieve(
                action.operation,
                operation_key(self.key.base_url, self._reference),
                total_s=action.total_s,
                began_at=action.began_at,
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
        operation, total_s, began_at = self.state.operation, self.state.total_s, self.state.began_at
        if operation is not None and operation.done and operation.status != "succeeded":
            key = operation_key(self.key.base_url, self._reference)
            self._scheduler.disk.submit(
                lambda: write_down_outcome(operation, key, total_s=total_s, began_at=began_at)
            )

    def _files_are_gone(self) -> bool:
        """Whether somebody has removed what an earlier attempt had fetched."""
        return self.state.status == "succeeded" and any(
            video.path is not None and not video.path.exists() for video in self.state.videos
        )


class Pollers:
    """The pollers of this process, one for each set of equal watches, and their clients. Scheduler's thread only."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self._admission = Admission(scheduler)
        self._pollers: dict[PollerKey, Poller] = {}
        # One client for each endpoint and key: its connections are kept alive for all watches.
        self._clients: dict[tuple[Provider, Secret], _SharedClient] = {}

    def join(
        self, follower: Follower, reference: Reference, credentials: Credentials, timeout_s: float | None
    ) -> Poller:
        """The poller for this operation and key, shared or new, with `follower` told of all it does."""
        secret = credentials.require()
        key = PollerKey(credentials.provider.base_url, reference.model_name, reference.operation_id, secret)
        poller = self._pollers.get(key)
        if poller is None:
            shared = self._clients.get((credentials.provider, secret))
            if shared is None:
                shared = self._clients[credentials.provider, secret] = _SharedClient(Client.of(credentials))
            shared.pollers += 1
            poller = Poller(key, reference, shared.client, self.scheduler, self._admission)
            self._pollers[key] = poller
        poller.join(follower, timeout_s)
        return poller

    def leave(self, poller: Poller, follower: Follower) -> None:
        """Let a watch go, and its poller with the last one."""
        if poller.leave(follower) and self._pollers.get(poller.key) is poller:
            del self._pollers[poller.key]
            shared = self._clients[poller.client.provider, poller.key.secret]
            shared.pollers -= 1
            if shared.pollers == 0:
                del self._clients[poller.client.provider, poller.key.secret]
                shared.client.close()


@dataclass
class _SharedClient:
    """A client, and how many pollers have it."""

    client: Client
    pollers: int = 0


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


def _finish_probability(state: WatchState) -> float:
    """How likely a poll sent now finds the end; 1 where no answer has said yet that the operation runs."""
    if state.running_at is None:
        return 1.0
    began_at = state.clock[1]
    return finish_probability(state.latency, state.running_at - began_at, time.time() - began_at)


def _now() -> Now:
    return Now(time.monotonic(), time.time())
