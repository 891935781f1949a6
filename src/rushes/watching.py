"""A watch as its holder sees it: what was asked for, where it stands, and stop, resume and close."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

from rushes.client import checked_timeout
from rushes.credentials import Credentials, Secret
from rushes.data_directory import operation_key
from rushes.errors import CredentialsError, RushesError, WatchStoppedError
from rushes.poller import Poller, Pollers, shared_pollers
from rushes.preparation import PreparedWatch, Wish, credentials_for, prepare_watch
from rushes.provider import GPTPROTO, Provider
from rushes.reference import Reference, read_reference
from rushes.remarks import KEPT, joined, label_of, reuse_remark, write_down_start
from rushes.save_to import OwnCopies
from rushes.store import Store
from rushes.stored_state import restored_state
from rushes.video import Video
from rushes.watch_events import Stopped
from rushes.watch_state import Status, WatchState

_logger = logging.getLogger(__name__)

_latest: weakref.ref[Watch] | None = None


class Watch:
    """One holder's watch of an operation. Equal watches share one poller. Safe to use from any thread.

    Attributes:
        reference: which operation.
        label: the user's own name for it, or None.
        notice: something the user should know about this watch, or None.
    """

    def __init__(
        self,
        reference: Reference,
        credentials: Credentials,
        wish: Wish,
        *,
        label: str | None,
        notice: str | None,
        pollers: Pollers,
        idle: bool = False,
    ) -> None:
        self.reference = reference
        self.label = label
        self.notice = notice
        self._credentials = credentials
        self._wish = wish
        self._pollers = pollers
        self._scheduler = pollers.scheduler
        self._lock = threading.Lock()
        self._state = WatchState() if idle else _first_state()
        self._future = _new_future()
        self._copies: OwnCopies | None = None
        self._listeners: list[Callable[[], None]] = []
        self._callbacks: list[Callable[[Watch], object]] = []
        self._poller: Poller | None = None
        # What the attempt that is about to begin will ask with; None once it has begun, or was stopped before.
        self._pending: Credentials | None = None if idle else credentials
        self._closed = False

    @property
    def provider(self) -> Provider:
        """Where the operation is asked for."""
        return self._credentials.provider

    @property
    def key_source(self) -> str | None:
        """Where the key came from, in words; None while there is none."""
        return self._credentials.source

    @property
    def state(self) -> WatchState:
        """Where the watch stands."""
        return self._state

    @property
    def future(self) -> Future[tuple[Video, ...]]:
        """The outcome of the current attempt: the videos, or the error that ended it."""
        with self._lock:
            return self._future

    def begin(self, stored: WatchState | None) -> None:
        """Start the first attempt: with what the store already has, or by polling. Returns at once."""
        _note_latest(self)
        self._scheduler.post(partial(self._open, self._credentials, stored))

    def choose(self, reference: Reference, secret: Secret | None) -> None:
        """Begin to watch this operation, where nothing was watched yet; else no effect. Returns at once.

        Args:
            reference: which operation.
            secret: the key for it; None looks in the environment, then in Colab's secrets.

        Raises:
            CredentialsError: there is no key, or not one that can be used; nothing is watched yet.
            InvalidInputError: the environment names an endpoint that cannot be used.
        """
        wish = replace(self._wish, secret=secret)
        # Here and not on a worker: Colab's secrets can only be read in the main thread.
        credentials = credentials_for(wish, reference)
        credentials.require()
        with self._lock:
            if self._closed or self._state.status != "idle":
                return
            self.reference, self._credentials = reference, credentials
            self._wish, self._pending = wish, credentials
            self._state = _first_state()
        _note_latest(self)
        self._scheduler.post(self._tell)
        self._scheduler.disk.submit(partial(self._look, credentials))

    def stop(self) -> None:
        """Stop watching, for all that share the poller; the generation goes on. Returns at once."""
        if self._state.status != "idle":
            self._scheduler.post(self._stop)

    def resume(self, secret: Secret | None = None) -> None:
        """Begin a new attempt; no effect while one runs, once the outcome is final or after `close`. Returns at once.

        Args:
            secret: the key to go on with; None keeps the one given to the watch, else looks for one again.

        Raises:
            InvalidInputError: the environment names an endpoint by now that cannot be used.
        """
        if self._closed or not self._state.can_resume:
            return
        wish = replace(self._wish, secret=secret or self._wish.secret)
        # Here and not on a worker: Colab's secrets can only be read in the main thread.
        credentials = credentials_for(wish, self.reference)
        with self._lock:
            if self._closed or not self._state.can_resume:
                return
            self._wish, self._pending = wish, credentials
            self._begin(replace(self._state, status="running", attempt=self._state.attempt + 1))
        self._scheduler.post(self._tell)
        self._scheduler.disk.submit(partial(self._look, credentials))

    def refuse(self, error: RushesError) -> None:
        """End a new attempt with this error, which says why a page's request to resume cannot be met; no effect where
        `resume` has none. Returns at once.
        """
        self._scheduler.post(partial(self._refuse, error))

    def file_missing(self, path: Path, generation: int) -> None:
        """The file of a finished sample is not where it was, or not as it was. Returns at once."""
        self._scheduler.post(partial(self._lose, path, generation))

    def close(self) -> None:
        """Let go of the poller, which stops once nobody shares it any more. Returns at once."""
        with self._lock:
            self._closed = True
        self._scheduler.post(self._leave)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change, on the scheduler's thread: it may only hand over."""
        with self._lock:
            self._listeners.append(listener)

    def add_done_callback(self, fn: Callable[[Watch], object]) -> None:
        """Call `fn(watch)` on the notifier thread once the attempt ends, or soon if it has. Exceptions are logged."""
        with self._lock:
            if not self._state.done:
                self._callbacks.append(fn)
                return
        self.notify(lambda: fn(self))

    def notify(self, fn: Callable[[], object]) -> None:
        """Call `fn` on the notifier thread, where user code runs."""
        self._scheduler.notifier.submit(fn)

    def _look(self, credentials: Credentials) -> None:
        """On a worker: the disk first, before a request is made."""
        key = operation_key(credentials.provider.base_url, self.reference)
        stored: WatchState | None = None
        try:
            finished = Store().finished(key)
            stored = None if finished is None else restored_state(finished)
            remark = write_down_start(key, credentials, self.label)
            self.notice = joined(remark, KEPT if stored is not None else None) or self.notice
        finally:
            self._scheduler.post(partial(self._open, credentials, stored))

    # On the scheduler's thread.

    def follow(self, state: WatchState) -> None:
        """Take over the poller's state, the user's own file included (`rushes.poller.Follower`)."""
        if self._pending is not None:
            return  # news of an earlier attempt
        if state.status == "succeeded" and state.videos and self._wish.save_to is not None:
            copies = self._copies
            if copies is None:
                self._copies = copies = OwnCopies(self._wish.save_to, self.reference.operation_id, state)
                self._scheduler.downloads.submit(partial(self._copy, copies))
            state = copies.applied()
        self._set(state)

    def _open(self, credentials: Credentials, stored: WatchState | None) -> None:
        if credentials is not self._pending:
            return
        self._pending = None
        self._credentials = credentials
        if stored is not None:
            self._detach()
            self.follow(stored)
            return
        earlier = self._poller
        try:
            self._poller = self._pollers.join(self, self.reference, credentials, self._wish.timeout_s)
        except CredentialsError as error:
            self._detach()
            self._end(error.with_traceback(None), "failed")
        else:
            if earlier is not None and earlier is not self._poller:
                self._pollers.leave(earlier, self)

    def _leave(self) -> None:
        self._detach()
        goes_on = (
            "what has arrived of the video is kept"
            if self._state.status == "downloading"
            else "the generation goes on and may be billed"
        )
        self._stop(
            WatchStoppedError(f"The watch was closed; {goes_on}.", next_step="Call watch() again to go on.")
        )

    def _detach(self) -> None:
        poller, self._poller = self._poller, None
        if poller is not None:
            self._pollers.leave(poller, self)

    def _lose(self, path: Path, generation: int) -> None:
        samples = tuple(
            replace(sample, state="gone")
            if (sample.state, sample.path, sample.generation) == ("ready", path, generation)
            else sample
            for sample in self._state.samples
        )
        if samples != self._state.samples:
            self._set(replace(self._state, samples=samples))

    def _refuse(self, error: RushesError) -> None:
        with self._lock:
            if self._closed or not self._state.can_resume:
                return
            self._begin(replace(self._state, status="running", attempt=self._state.attempt + 1))
        self._end(error, "failed")

    def _end(self, error: RushesError, status: Status) -> None:
        self._set(replace(self._state, status=status, error=error, retry=None, ended_at=time.time()))

    def _stop(self, error: WatchStoppedError | None = None) -> None:
        if self._state.status == "idle":
            return
        if self._poller is not None:
            self._poller.dispatch(Stopped())
        if not self._state.done:
            # The poller has ended, or is not asked yet: what goes on is this watch's own.
            self._pending = self._copies = None
            self._end(error or self._state.stop_error, "stopped")

    def _set(self, state: WatchState) -> None:
        callbacks: list[Callable[[Watch], object]] = []
        with self._lock:
            if self._future.done() and not state.done:
                self._begin(state)
            self._state = state
            future = self._future
            settled = state.done and not future.done()
            if settled:
                callbacks, self._callbacks = self._callbacks, []
        if settled and state.error is not None:
            future.set_exception(state.error)
        elif settled:
            future.set_result(state.videos)
        self._tell()
        for fn in callbacks:
            self.notify(partial(fn, self))

    def _begin(self, state: WatchState) -> None:
        """Earlier waiters keep their outcome; what is asked for from now on is the new attempt's."""
        self._state = replace(state, error=None, ended_at=None, retry=None)
        self._future = _new_future()
        self._copies = None

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:
                _logger.exception("A listener of a watch failed.")

    def _copy(self, copies: OwnCopies) -> None:
        """On a worker."""
        copies.run()

        def settle() -> None:
            if copies is self._copies:
                self._set(copies.applied())

        self._scheduler.post(settle)


def open_watch(
    model_name: object,
    operation_id: object = None,
    *,
    provider: str | None = None,
    api_key: str | Secret | None = None,
    base_url: str | None = None,
    save_to: str | os.PathLike[str] | None = None,
    timeout: float | None = 3600.0,
    label: str | None = None,
) -> Watch:
    """Begin to watch an operation. Polling starts here; a video that is already on this machine needs none.

    A missing or refused key does not raise: the watch fails with a `CredentialsError`, and resumes with another key.

    Args:
        model_name: a model name; or, alone, an operation: "models/M/operations/X", a URL, an object with `.name`, a
            dict with "name".
        operation_id: an operation ID, or any of those in its place.
        provider: "gptproto" or "google"; None lets the key or the URL decide.
        api_key: the provider's key; None looks in the environment, then in Colab's secrets.
        base_url: another endpoint that speaks the same contract.
        save_to: a file or directory to have the videos in besides the data directory.
        timeout: seconds awake, None for no limit.
        label: the user's own name for it.

    Raises:
        InvalidInputError: a name, ID, URL, path or option that cannot be meant.
        SaveError: `save_to` cannot be written to, or holds another file.
    """
    secret = Secret.wrap(api_key)
    del api_key  # before anything can raise: a verbose traceback prints every local variable
    named = model_name if operation_id is None else operation_id
    reference = read_reference(model_name, operation_id)
    wish = Wish(provider, secret, base_url, None, checked_timeout(timeout))
    credentials = credentials_for(wish, reference)
    return begin_watch(prepare_watch(named, reference, credentials, wish, save_to=save_to, label=label))


def begin_watch(prepared: PreparedWatch) -> Watch:
    """Begin to watch what was prepared."""
    label = prepared.label or label_of(prepared.named)
    remark = write_down_start(prepared.key, prepared.credentials, label)
    watch = Watch(
        prepared.reference,
        prepared.credentials,
        prepared.wish,
        label=label,
        notice=joined(reuse_remark(prepared.named), remark, KEPT if prepared.finished is not None else None),
        pollers=shared_pollers(),
    )
    watch.begin(None if prepared.finished is None else restored_state(prepared.finished))
    return watch


def idle_watch() -> Watch:
    """A watch of nothing, until `Watch.choose` says of what."""
    nothing = Credentials(GPTPROTO, None, None, None)
    wish = Wish(None, None, None, None, 3600.0)
    return Watch(
        Reference("", ""), nothing, wish, label=None, notice=None, pollers=shared_pollers(), idle=True
    )


def latest_watch() -> Watch | None:
    """The watch of this process that began last, None where there is none, or nothing holds it any more."""
    return None if _latest is None else _latest()


def _note_latest(watch: Watch) -> None:
    global _latest
    _latest = weakref.ref(watch)


def _first_state() -> WatchState:
    return WatchState(status="running", attempt=1, started_at=time.time())


def _new_future() -> Future[tuple[Video, ...]]:
    """The outcome of an attempt, which those who wait for it cannot cancel."""
    future: Future[tuple[Video, ...]] = Future()
    future.set_running_or_notify_cancel()
    return future
