"""One item of a board on its way to the page: the very `WatchPage` of a single card, its messages in an envelope."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rushes.board_messages import ItemReply
from rushes.messages import Reply, StateReply
from rushes.page import WatchPage
from rushes.poster import Poster
from rushes.publisher import Publisher
from rushes.snapshot import Snapshot

if TYPE_CHECKING:
    from rushes.watching import Watch


class Comm(Protocol):
    """The board's way to its pages (`rushes.board_page.BoardComm`), as far as an item needs it."""

    @property
    def is_open(self) -> bool:
        """Whether a page can be reached."""

    def send(self, content: ItemReply, buffers: list[bytes]) -> None:
        """Send a custom message."""


class ItemPage:
    """The card of one item, for the pages that have it open or in view.

    Args:
        item: its index.
        watch: what it shows.
        publisher: whose thread sends.
        comm: the board's way to its pages.
        statics: what the pages tell it besides.
    """

    def __init__(
        self, item: int, watch: Watch, publisher: Publisher, comm: Comm, statics: ItemStatics
    ) -> None:
        self._page = WatchPage(
            _ItemComm(item, comm, lambda: self._page.displayed),
            watch,
            publisher,
            statics,
            directory=Path(),
        )
        self._page.open()

    def want(self, wanted: bool, *, heard: bool) -> None:
        """Whether a page wants its video as soon as it is there. `heard`: a page has said so."""
        if wanted and heard:
            self._page.wanted()
        elif wanted:
            self._page.shown()
        elif self._page.displayed:
            self._page.hidden()

    def heard(self) -> None:
        """The board's page is there: what it wants of this item it will ask for."""
        self._page.heard()

    def handle(self, content: object, buffers: object) -> None:
        """Take a message from its card. Any thread; waits as `WatchPage.handle` does. Whether a page still wants its
        video the board says.
        """
        if not isinstance(content, dict) or content.get("type") not in ("left", "gone"):
            self._page.handle(content, buffers)

    def close(self) -> None:
        """Tell its card nothing more."""
        self._page.close()


class ItemStatics:
    """The board keeps one table for all its items (`rushes.page.Statics`): an item has a picture, and no outputs.

    Args:
        taken: called when the picture has come.
        plays: called when a page says that its video plays.
    """

    wants_poster = False  # a page makes it unasked, for the grid

    def __init__(self, taken: Callable[[], None], plays: Callable[[], None]) -> None:
        self._taken = taken
        self._plays = plays
        self.poster: Poster | None = None
        self.has_page = False

    def take_poster(self, poster: Poster) -> None:
        """A page sent a picture; the first one stays."""
        if self.poster is None:
            self.poster = poster
            self._taken()

    def video_plays(self) -> None:
        """A page said that its video plays."""
        self._plays()

    def stand_in(self, make_html: Callable[[], str]) -> None:
        """Nothing of its own is kept."""

    def renew(self, html: str, text: str) -> None:
        """Nothing of its own is kept."""


class _ItemComm:
    """The way to one card (`rushes.page.Comm`): what is a trait there is a message here."""

    def __init__(self, item: int, comm: Comm, is_wanted: Callable[[], bool]) -> None:
        self._item = item
        self._comm = comm
        self._is_wanted = is_wanted

    @property
    def is_open(self) -> bool:
        return self._comm.is_open

    def set_traits(self, snapshot: Snapshot) -> None:
        if self._is_wanted():
            self.send(StateReply(type="state", snapshot=snapshot), [])

    def resend_traits(self) -> None:
        pass

    def send(self, content: Reply, buffers: list[bytes]) -> None:
        self._comm.send(ItemReply(type="item", item=self._item, message=content), buffers)
