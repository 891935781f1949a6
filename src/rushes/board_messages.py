"""The messages between a page and the kernel about a board, and what is accepted of them.

What concerns one operation is a message of its card (`rushes.messages`) in an envelope that names the item.
`js/src/board/board_model.ts` declares the same types; a test compares both.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from rushes.board_snapshot import BoardSnapshot
from rushes.messages import AckReply, Reply, is_number

#: More than a screen shows, so that nothing else can be our page's.
MAX_ITEMS_PER_MESSAGE = 1000


class ItemRequest(TypedDict):
    """A request of one item's card, as `rushes.messages.read_request` takes it."""

    type: Literal["item"]
    item: int
    message: object


class StarRequest(TypedDict):
    """Star an item, or take its star away. `id` is named in the acknowledgement."""

    type: Literal["star"]
    id: int
    item: int
    starred: bool


class BoardSyncRequest(TypedDict):
    """Ask for the board: a page that has just started, or that may have missed an update."""

    type: Literal["sync"]


class WantedRequest(TypedDict):
    """The items, all of them, whose videos this page wants as soon as they are there: they are opened, or in view and
    without a picture. `page` is as in `rushes.messages.SyncRequest`.
    """

    type: Literal["wanted"]
    items: list[int]
    page: float


class PicturesRequest(TypedDict):
    """Ask for the pictures of these items."""

    type: Literal["pictures"]
    items: list[int]


class BusyRequest(TypedDict):
    """Somebody works with the board; said again every few seconds while it is so."""

    type: Literal["busy"]


class BoardReply(TypedDict):
    """The board, for a page that asked."""

    type: Literal["board"]
    board: BoardSnapshot


class PictureReply(TypedDict):
    """The picture of one item; it is the message's only buffer."""

    type: Literal["picture"]
    item: int


class ItemReply(TypedDict):
    """What the card of one item is told. A chunk's bytes are the message's only buffer."""

    type: Literal["item"]
    item: int
    message: Reply


BoardRequest = ItemRequest | StarRequest | BoardSyncRequest | WantedRequest | PicturesRequest | BusyRequest
BoardAnswer = AckReply | BoardReply | PictureReply | ItemReply


def read_board_request(content: object, count: int) -> BoardRequest | None:
    """The request in a message from a page, or None where our page cannot have sent it.

    Args:
        content: of the message. What an item's envelope holds is read by `rushes.messages.read_request`.
        count: how many items the board has.
    """
    if not isinstance(content, dict):
        return None
    kind, item, page = content.get("type"), content.get("item"), content.get("page")
    if kind == "sync":
        return BoardSyncRequest(type="sync")
    if kind == "busy":
        return BusyRequest(type="busy")
    if kind in ("wanted", "pictures"):
        items = content.get("items")
        if not isinstance(items, list) or len(items) > MAX_ITEMS_PER_MESSAGE:
            return None
        if not all(is_number(other) and other < count for other in items):
            return None
        if kind == "pictures":
            return PicturesRequest(type="pictures", items=items)
        return WantedRequest(type="wanted", items=items, page=page) if isinstance(page, float) else None
    if not is_number(item) or item >= count:
        return None
    if kind == "item":
        return ItemRequest(type="item", item=item, message=content.get("message"))
    number, starred = content.get("id"), content.get("starred")
    if kind == "star" and is_number(number) and isinstance(starred, bool):
        return StarRequest(type="star", id=number, item=item, starred=starred)
    return None
