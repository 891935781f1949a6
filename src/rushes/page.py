"""Both directions between a watch and the pages that show it.

What a page is told is sent on the publisher's thread; what a page asks is checked and handed over, so that no
handler holds up the kernel.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rushes.credentials import Secret
from rushes.details import take_details
from rushes.errors import InvalidInputError
from rushes.form import WatchForm
from rushes.messages import (
    DetailsReply,
    KeyGiven,
    PosterRequest,
    Reply,
    SavedRequest,
    StateReply,
    WatchAsked,
    read_request,
)
from rushes.outbox import Outbox
from rushes.poster import Poster, read_poster
from rushes.publisher import Publisher
from rushes.saved_videos import save_notice, shared_saved_videos
from rushes.snapshot import Caption, Snapshot, resent, same_news, take_snapshot
from rushes.static_view import relative_sources, static_html, static_text
from rushes.transfer import ChunkedFile
from rushes.watch_state import has_ended

if TYPE_CHECKING:
    from rushes.watching import Watch

log = logging.getLogger(__name__)


class Comm(Protocol):
    """The widget's way to its pages: two synced traits, and messages."""

    @property
    def is_open(self) -> bool:
        """Whether a page can be reached."""

    def set_traits(self, snapshot: Snapshot) -> None:
        """Set `snapshot`, then `status`, and send both in one message."""

    def resend_traits(self) -> None:
        """Send both as they are."""

    def send(self, content: Reply, buffers: list[bytes]) -> None:
        """Send a custom message."""


class Statics(Protocol):
    """What is kept for readers without a kernel (`rushes.static_outputs.StaticOutputs`)."""

    has_page: bool

    @property
    def poster(self) -> Poster | None:
        """The picture, once a page has sent it."""

    @property
    def wants_poster(self) -> bool:
        """Whether a page that has the video should send a picture of it."""

    def take_poster(self, poster: Poster) -> None:
        """A page sent a picture."""

    def video_plays(self) -> None:
        """A page said that a video plays in it."""

    def stand_in(self, make_html: Callable[[], str]) -> float | None:
        """Keep this for when the card is gone. Returns as `renew`."""

    def renew(self, html: str, text: str) -> float | None:
        """Bring the outputs up to date. Returns the seconds until it is worth another try."""


class WatchPage:
    """The pages of one widget.

    Args:
        comm: the way to them.
        watch: what they show.
        publisher: whose thread sends.
        statics: the part of the notebook's outputs that needs no kernel.
        directory: where the notebook is.
        autoplay: play the video as soon as it is there.
        loop: play it again and again.
        clock: seconds since the epoch.

    Attributes:
        published: the snapshot that the traits hold.
        displayed: whether an output shows the widget, as far as one knows.
        is_open: until `close`.
    """

    def __init__(
        self,
        comm: Comm,
        watch: Watch,
        publisher: Publisher,
        statics: Statics,
        *,
        directory: Path,
        autoplay: bool = False,
        loop: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._comm = comm
        self._watch = watch
        self._publisher = publisher
        self._statics = statics
        self._directory = directory
        self._renewed_for: object = None
        self._kept_version = 0  # of the snapshot for which the outputs had their turn
        self._form = WatchForm(watch)
        self._autoplay, self._loop = autoplay, loop
        self._clock = clock
        self._outbox = Outbox(self, publisher.wake, window=publisher.window)
        self._publication = threading.Condition()
        self._pages: set[float] = set()  # those that show it, by the numbers that they gave themselves
        self._gone = False  # all of them have been closed, and none has been heard since
        self.is_open = True
        self.displayed = False
        self.published = self._snapshot(version=1)

    def open(self) -> None:
        """Begin to tell the page what happens."""
        self.offer_videos(push=False)  # a page that finds them in its first snapshot asks for them by itself
        self._publisher.add(self._outbox)
        self._watch.subscribe(self._outbox.state_changed)
        self._outbox.state_changed()

    def close(self) -> None:
        """Tell it nothing more."""
        self.is_open = False
        self._publisher.remove(self._outbox)
        with self._publication:
            self._publication.notify_all()

    @property
    def is_current(self) -> bool:
        """Whether the traits say what the watch says, as far as its status goes."""
        return not self.is_open or self.published["status"] == self._watch.state.status

    def settle(self, timeout_s: float) -> None:
        """Wait until `is_current`, and until the outputs had their turn: nbclient hears nothing after the cell. For a
        bounded time: the publisher may be held up by a kernel that shuts down.
        """
        with self._publication:
            self._publication.wait_for(
                lambda: (
                    not self.is_open or (self.is_current and self._kept_version == self.published["version"])
                ),
                timeout_s,
            )

    def traits_overwritten(self) -> None:
        """A page wrote to a trait; it gets ours again."""
        self._outbox.traits_overwritten()

    def shown(self) -> None:
        """An output shows the widget."""
        self._renewed_for = None
        self.wanted()
        self._outbox.displayed()

    def heard(self) -> None:
        """A page is there, and can ask for what it wants."""
        self._outbox.heard()

    def wanted(self) -> None:
        """A page wants the video as soon as it is there."""
        self.heard()
        self.displayed, self._gone = True, False
        self._outbox.state_changed()

    def hidden(self) -> None:
        """No page shows the widget any more, as far as one knows: its video is not pushed until one is heard."""
        self.displayed = False
        self._outbox.abandon()

    @property
    def pushes(self) -> bool:
        """Whether a video is sent as it comes, without being asked for."""
        return self.displayed and not self._gone

    def video_saved(self, path: Path) -> None:
        """Somebody has saved the video that has this file in the data directory."""
        shared_saved_videos().add(path)
        self._outbox.state_changed()

    def static(self) -> tuple[str, str]:
        """The card for readers without a kernel: HTML, and a line of text."""
        sources = relative_sources(self._watch.state.samples, self._directory)
        return static_html(self.published, self._statics.poster, sources), static_text(self.published)

    def handle(self, content: object, buffers: object = ()) -> None:
        """Take a message from a page. Any thread; waits for nothing but, on Colab, the page's answer about a key."""
        request = read_request(content)
        if request is None:
            log.debug("Ignored a message from the page that our page cannot have sent.")
            return
        self.heard()
        self.displayed, self._gone = True, False
        self._statics.has_page = True
        if isinstance(request, KeyGiven):
            self._outbox.acknowledge(request.id)
            self._resume(request.secret)
        elif isinstance(request, WatchAsked):
            self._outbox.acknowledge(request.id)
            self._form.submit(request)
            self._outbox.state_changed()
        elif request["type"] == "stop":
            self._outbox.acknowledge(request["id"])
            self._watch.stop()
        elif request["type"] == "resume":
            self._outbox.acknowledge(request["id"])
            self._resume()
        elif request["type"] == "sync":
            self._pages.add(request["page"])
            self._outbox.state_asked()
        elif request["type"] == "details":
            self._outbox.details_asked()
        elif request["type"] == "left":
            self._pages.discard(request["page"])
            if not self._pages:
                self.hidden()
        elif request["type"] == "gone":
            self._pages.discard(request["page"])
            self._gone = not self._pages
            if self._gone:
                self._outbox.abandon()
        elif request["type"] == "pull":
            self._outbox.pull(request)
        elif request["type"] == "received":
            self._outbox.received(request)
        elif request["type"] == "poster":
            self._take_poster(request, buffers)
        elif request["type"] == "saved":
            self._take_saved(request)
        else:
            self._statics.video_plays()

    def _resume(self, secret: Secret | None = None) -> None:
        try:
            self._watch.resume(secret)
        except InvalidInputError as error:
            self._watch.refuse(error.with_traceback(None))

    # What the publisher's thread calls (`rushes.outbox.Page`).

    def offer_videos(self, *, push: bool | None = None) -> None:
        """Offer the videos, as far as their bytes are here; pushed, unless told otherwise, where a page shows
        them.
        """
        if not self._comm.is_open:
            self._outbox.forget_videos()
            return
        for index, sample in enumerate(self._watch.state.samples):
            if sample.state in ("downloading", "ready") and sample.path is not None:
                file = ChunkedFile(
                    sample.path, sample.bytes_done, sample.bytes_total, index, sample.generation
                )
                self._outbox.offer(file, push=self.pushes if push is None else push)

    def publish(self) -> None:
        """Set the traits to the state as it is now."""
        snapshot = self._snapshot(version=self.published["version"] + 1)
        if not same_news(snapshot, self.published):
            self._comm.set_traits(snapshot)
            self.published = snapshot
            with self._publication:
                self._publication.notify_all()

    def publish_again(self) -> None:
        """Send the traits once more."""
        self._comm.resend_traits()

    def answer_state(self) -> None:
        """Send the state as a message: a page whose server drops messages may have missed an update of a
        trait.
        """
        self.send(StateReply(type="state", snapshot=resent(self.published, self._clock())))

    def answer_details(self) -> None:
        """Send the details: they are made when somebody looks at them, and are in no trait."""
        self.send(DetailsReply(type="details", details=take_details(self._watch)))

    def renew_outputs(self) -> float | None:
        """Bring the static part of the outputs up to date: what stands in for the card while the watch runs, all of it
        once that has ended.
        """
        try:
            return self._renew_outputs()
        finally:
            with self._publication:
                self._kept_version = self.published["version"]
                self._publication.notify_all()

    def _renew_outputs(self) -> float | None:
        status = self.published["status"]
        if status == "idle":
            return None
        ended = has_ended(status)
        news = ended and self.published["version"], self._statics.poster, self._statics.has_page
        if news == self._renewed_for:
            return None
        if ended:
            wait_s = self._statics.renew(*self.static())
        else:
            wait_s = self._statics.stand_in(lambda: self.static()[0])
        if wait_s is None:
            self._renewed_for = news
            if self.published["wants_poster"] != self._statics.wants_poster:
                self._outbox.state_changed()
        return wait_s

    def has_urgent_news(self) -> bool:
        """Whether the status has changed, that of the watch or of a video."""
        state, published = self._watch.state, self.published
        return state.status != published["status"] or [sample.state for sample in state.samples] != [
            sample["state"] for sample in published["samples"]
        ]

    def file_missing(self, file: ChunkedFile) -> None:
        """A page has asked for a video whose file is not there, or not as it was: removed by somebody or the quota,
        cut, out of reach, or moved just now.
        """
        self._watch.file_missing(file.path, file.generation)

    def send(self, reply: Reply, buffer: bytes | None = None) -> None:
        """Send a message."""
        self._comm.send(reply, [] if buffer is None else [buffer])

    def _snapshot(self, *, version: int) -> Snapshot:
        watch = self._watch
        notices = watch.notice, save_notice(watch.state.samples, shared_saved_videos())
        caption = Caption(
            model_name=watch.reference.model_name,
            operation_id=watch.reference.operation_id,
            provider=watch.provider.title,
            key_source=watch.key_source,
            label=watch.label,
            notice="; ".join(filter(None, notices)) or None,
            autoplay=self._autoplay,
            loop=self._loop,
            wants_poster=self._statics.wants_poster,
            form=self._form.shown,
        )
        return take_snapshot(watch.state, caption, version=version, now=self._clock())

    def _take_poster(self, request: PosterRequest, buffers: object) -> None:
        poster = read_poster(buffers)
        if poster and self._ready_file(request) is not None:
            self._statics.take_poster(poster)
            self._publisher.wake()

    def _take_saved(self, request: SavedRequest) -> None:
        path = self._ready_file(request)
        if path is not None:
            self.video_saved(path)

    def _ready_file(self, request: PosterRequest | SavedRequest) -> Path | None:
        """The whole file that a request speaks of, as the page that sent it has it."""
        samples = self._watch.state.samples
        sample = samples[request["sample"]] if request["sample"] < len(samples) else None
        if sample is None or (sample.state, sample.generation) != ("ready", request["generation"]):
            return None
        return sample.path
