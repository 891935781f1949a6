"""To which pages a video is sent unasked."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_watch import FakeWatch, finished

from rushes.board_item import ItemStatics
from rushes.messages import Reply
from rushes.page import WatchPage
from rushes.publisher import Publisher
from rushes.snapshot import Snapshot

pytest_plugins = ("publisher_fixtures",)


class SilentPage:
    """Takes what it is sent (`rushes.page.Comm`), and says nothing."""

    is_open = True

    def __init__(self) -> None:
        self.chunks = 0

    def set_traits(self, snapshot: Snapshot) -> None:
        pass

    def resend_traits(self) -> None:
        pass

    def send(self, content: Reply, buffers: list[bytes]) -> None:
        if content["type"] == "chunk":
            self.chunks += content["count"]


LEFT = {"type": "left", "page": 0.5}
SYNC = {"type": "sync", "page": 0.5}
OTHER_SYNC = {"type": "sync", "page": 0.25}


@pytest.mark.parametrize(
    ("what_happens", "is_sent"),
    [
        ([WatchPage.shown], True),
        ([WatchPage.shown, lambda page: page.handle(SYNC)], False),
        ([WatchPage.shown, lambda page: page.handle(LEFT)], False),
        ([WatchPage.shown, WatchPage.wanted], False),
        ([WatchPage.wanted], False),
    ],
    ids=["silent", "heard", "left", "wanted-by-a-page-that-was-silent", "wanted"],
)
def test_what_is_there_already_is_sent_unasked_to_a_page_that_cannot_ask(
    publisher: Publisher,
    tmp_path: Path,
    what_happens: list[Callable[[WatchPage], None]],
    is_sent: bool,
) -> None:
    comm = SilentPage()
    statics = ItemStatics(lambda: None, lambda: None)
    page = WatchPage(comm, FakeWatch(finished(tmp_path)), publisher, statics, directory=tmp_path)
    page.open()
    for happens in what_happens:
        happens(page)
    for later_s in (0.0, 5.0):
        while publisher.turn(time.monotonic() + later_s) == 0.0:
            pass
    assert (comm.chunks > 0) == is_sent
    page.close()


@pytest.mark.parametrize("kind", ["left", "gone"])
def test_a_page_that_goes_takes_nothing_from_another(publisher: Publisher, tmp_path: Path, kind: str) -> None:
    statics = ItemStatics(lambda: None, lambda: None)
    page = WatchPage(SilentPage(), FakeWatch(finished(tmp_path)), publisher, statics, directory=tmp_path)

    def pushes_after(*messages: object) -> bool:
        for message in messages:
            page.handle(message)
        return page.pushes

    goes, other_goes = {"type": kind, "page": 0.5}, {"type": kind, "page": 0.25}
    assert pushes_after(SYNC, OTHER_SYNC, SYNC)
    assert pushes_after(goes)
    assert pushes_after(goes)
    assert not pushes_after(other_goes)
    # What shows it stays in the notebook that was closed, but not in one whose outputs were cleared.
    assert page.displayed == (kind == "gone")
    assert pushes_after(OTHER_SYNC)
