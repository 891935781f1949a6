"""Both directions between a board and the pages that show it: rows for all, a card's messages for those opened."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from rushes.board_item import ItemPage, ItemStatics
from rushes.board_messages import BoardAnswer, BoardReply, PictureReply, StarRequest, read_board_request
from rushes.board_snapshot import BoardSnapshot, take_board_snapshot
from rushes.board_static import MOST_PICTURES, board_html, board_text
from rushes.errors import SaveError
from rushes.messages import AckReply
from rushes.poster import Poster
from rushes.publisher import Publisher
from rushes.scheduler import shared_scheduler
from rushes.static_outputs import StaticOutputs
from rushes.watch_state import has_ended

if TYPE_CHECKING:
    from rushes.stars import Stars
    from rushes.take import Take
    from rushes.watching import Watch

log = logging.getLogger(__name__)

#: All rows travel together: a few times a second is as often as anybody reads them.
_INTERVAL_S = 0.3
#: A board that is displayed has these in view until its page says which: it may be on its way under a cell that blocks.
_FIRST_IN_VIEW = 12
#: Pictures of what is in view come one after the other; the outputs are renewed once for all.
_SETTLING_S = 2.0


class BoardComm(Protocol):
    """The board's way to its pages: one synced trait, and messages."""

    @property
    def is_open(self) -> bool:
        """Whether a page can be reached."""

    def set_traits(self, snapshot: BoardSnapshot) -> None:
        """Set `snapshot`, and send it."""

    def resend_traits(self) -> None:
        """Send it as it is."""

    def send(self, content: BoardAnswer, buffers: list[bytes]) -> None:
        """Send a custom message."""


class BoardPage:
    """The pages of one board, and what they still have to be told (`rushes.publisher.Sender`).

    Args:
        comm: the way to them.
        takes: the operations, each with its watch.
        stars: where stars are kept.
        publisher: whose thread sends.
        statics: the part of the notebook's outputs that needs no kernel.
        keeps_pictures: whether pictures may be in it.
        clock: seconds since the epoch.

    Attributes:
        published: the snapshot that the trait holds.
        displayed: whether there is, or is about to be, a page that shows the board.
        is_open: until `close`.
    """

    def __init__(
        self,
        comm: BoardComm,
        takes: Sequence[tuple[Take, Watch]],
        stars: Stars,
        publisher: Publisher,
        statics: StaticOutputs,
        *,
        keeps_pictures: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._comm = comm
        self._takes = takes
        self._stars = stars
        self._publisher = publisher
        self._statics = statics
        self._keeps_pictures = keeps_pictures
        self._clock = clock
        self._lock = threading.Lock()
        self._items: dict[int, ItemPage] = {}
        self._wanted: dict[float | None, set[int]] = {}  # by the page; by None, as long as no page is heard
        self._item_statics = [
            ItemStatics(partial(self._picture_came, item), statics.video_plays) for item in range(len(takes))
        ]
        self._changed = self._overwritten = self._asked = self._heard = False
        self._acks: list[int] = []
        self._pictures_asked: dict[int, None] = {}  # an ordered set
        self._published_at = self._settled_at = self._renew_at = float("-inf")
        self._renewed_for: object = None
        self._notice: str | None = None
        self._leave_stars = stars.subscribe(self.changed)
        self.is_open = True
        self.displayed = False
        self.published = self._snapshot(version=1)

    def open(self) -> None:
        """Begin to tell the page what happens."""
        self._publisher.add(self)
        for _, watch in self._takes:
            watch.subscribe(self.changed)
        self.changed()

    def close(self) -> None:
        """Tell it nothing more."""
        self.is_open = False
        self._leave_stars()
        self._publisher.remove(self)
        with self._lock:
            items = list(self._items.values())
        for item in items:
            item.close()

    def changed(self) -> None:
        """There is something new. Any thread; never blocks."""
        with self._lock:
            self._changed = True
        self._publisher.wake()

    def traits_overwritten(self) -> None:
        """A page wrote to the trait; it gets ours again."""
        with self._lock:
            self._overwritten = True
        self._publisher.wake()

    def shown(self) -> None:
        """An output shows the board."""
        self.displayed = True
        self._renewed_for = None
        if not self._heard:
            self._want(range(min(_FIRST_IN_VIEW, len(self._takes))), None)
        self.changed()

    def static(self) -> tuple[str, str]:
        """The board for readers without a kernel: HTML, and a line of text."""
        pictures = self._pictures() if self._keeps_pictures else []
        board = self._snapshot(version=self.published["version"])  # not the published one, which lags behind
        return board_html(board, pictures), board_text(board)

    def handle(self, content: object, buffers: object = ()) -> None:
        """Take a message from a page. Any thread; waits as `WatchPage.handle` does."""
        request = read_board_request(content, len(self._takes))
        if request is None:
            log.debug("Ignored a message from the page that our page cannot have sent.")
            return
        if not self._heard:
            self._first_heard()
        self._statics.has_page = self.displayed = True
        if request["type"] == "item":
            self._item(request["item"]).handle(request["message"], buffers)
        elif request["type"] == "wanted":
            self._want(request["items"], request["page"])
        elif request["type"] == "busy":
            self._statics.video_plays()
        elif request["type"] == "star":
            self._star(request)
        else:
            with self._lock:
                if request["type"] == "pictures":
                    self._pictures_asked.update(dict.fromkeys(request["items"]))
                else:
                    self._asked = True
            self._publisher.wake()

    # The publisher's thread.

    def send_small(self, now: float) -> float | None:
        """Send acknowledgements, the rows, pictures that were asked for, then what the notebook keeps."""
        with self._lock:
            acks, self._acks = self._acks, []
            asked, self._asked = self._asked, False
            overwritten, self._overwritten = self._overwritten, False
        for number in acks:
            self._comm.send(AckReply(type="ack", id=number), [])
        waits = [self._publish(now)]
        if overwritten:
            self._comm.resend_traits()
        if asked:
            board: BoardSnapshot = {**self.published, "sent_at_ms": round(self._clock() * 1000)}
            self._comm.send(BoardReply(type="board", board=board), [])
        waits.append(self._renew_outputs(now))
        return min((wait_s for wait_s in waits if wait_s is not None), default=None)

    def send_pulled(self, now: float, most_chunks: int) -> bool:
        """Send one picture that a page asked for, if there is one."""
        with self._lock:
            item = next(iter(self._pictures_asked), None)
            if item is not None:
                del self._pictures_asked[item]
        if item is None:
            return False
        poster = self._item_statics[item].poster
        if poster is not None:
            self._comm.send(PictureReply(type="picture", item=item), [poster.data])
        return True

    def send_pushed(self, now: float, most_chunks: int, *, window_bytes: int, last: bool) -> None:
        """The items push, the board does not."""

    def push_due_s(self, now: float, most_chunks: int) -> float | None:
        """Nothing of its own: its cards have outboxes."""
        return None

    def chunks_to_push(self) -> int:
        """The items push, the board does not."""
        return 0

    def bytes_on_the_way(self, now: float) -> int:
        """The items push, the board does not."""
        return 0

    def _publish(self, now: float) -> float | None:
        if not self._changed:
            return None
        wait_s = self._published_at + _INTERVAL_S - now
        if wait_s > 0:
            return wait_s
        with self._lock:
            self._changed = False
        self._published_at = now
        snapshot = self._snapshot(version=self.published["version"] + 1)
        if _news(snapshot) != _news(self.published):
            if _ended(snapshot) and not _ended(self.published):
                self._settled_at = now + _SETTLING_S
            self.published = snapshot
            self._comm.set_traits(snapshot)
        return None

    def _renew_outputs(self, now: float) -> float | None:
        """Bring the static part of the outputs up to date: what stands in for the board while a watch runs, all of it
        once all have ended.
        """
        if not _ended(self.published):
            running = False, self._statics.has_page
            if running == self._renewed_for:
                return None
            wait_s = self._statics.stand_in(lambda: self.static()[0])
            if wait_s is None:
                self._renewed_for = running
            return wait_s
        # Without a page no picture comes.
        if self._statics.has_page and now < self._settled_at:
            return self._settled_at - now
        news = self.published["version"], self._statics.has_page
        if news == self._renewed_for:
            return None
        # A turn of the publisher comes with every chunk, and all rows are a lot to write each time.
        if now < self._renew_at:
            return self._renew_at - now
        wait_s = self._statics.renew(*self.static())
        if wait_s is None:
            self._renewed_for = news
        else:
            self._renew_at = now + wait_s
        return wait_s

    def _snapshot(self, *, version: int) -> BoardSnapshot:
        return take_board_snapshot(
            [(take, watch.state) for take, watch in self._takes],
            {item for item, statics in enumerate(self._item_statics) if statics.poster is not None},
            notice=self._notice,
            version=version,
            now=self._clock(),
        )

    def _pictures(self) -> list[tuple[int, Poster]]:
        """The first few in the board's order."""
        found = [
            (item, statics.poster)
            for item, statics in enumerate(self._item_statics)
            if statics.poster is not None
        ]
        return found[:MOST_PICTURES]

    # Any thread.

    def _item(self, item: int) -> ItemPage:
        with self._lock:
            page = self._items.get(item)
            if page is None:
                watch = self._takes[item][1]
                page = ItemPage(item, watch, self._publisher, self._comm, self._item_statics[item])
                self._items[item] = page
            return page

    def _first_heard(self) -> None:
        """What was in view, as far as one could tell without a page, is no longer sent unasked."""
        self._heard = True
        with self._lock:
            items = list(self._items.values())
        for item in items:
            item.heard()

    def _want(self, items: Sequence[int], page: float | None) -> None:
        with self._lock:
            self._wanted.pop(None, None)
            self._wanted[page] = set(items)
            if not items:
                del self._wanted[page]
            wanted = set[int]().union(*self._wanted.values())
        for item in wanted:
            self._item(item).want(True, heard=self._heard)
        with self._lock:
            others = [each for item, each in self._items.items() if item not in wanted]
        for other in others:
            other.want(False, heard=self._heard)

    def _picture_came(self, item: int) -> None:
        with self._lock:
            self._settled_at = time.monotonic() + _SETTLING_S
        self.changed()

    def _star(self, request: StarRequest) -> None:
        self._stars.set(self._takes[request["item"]][0].key, request["starred"])
        with self._lock:
            self._acks.append(request["id"])
        shared_scheduler().disk.submit(self._write_stars)
        self.changed()

    def _write_stars(self) -> None:
        """On a worker."""
        notice = None
        try:
            self._stars.write()
        except SaveError as error:
            notice = str(error)
        self._notice = notice
        self.changed()


def _news(snapshot: BoardSnapshot) -> object:
    """What a reader learns from it: all but its version and the moment it was sent."""
    return snapshot["rows"], snapshot["estimates"], snapshot["notice"]


def _ended(snapshot: BoardSnapshot) -> bool:
    return all(has_ended(row["status"]) for row in snapshot["rows"])
