"""How the page's side reaches the widget (`rushes.page.Comm`, `rushes.board_page.BoardComm`). The publisher's thread
only.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipywidgets import Widget

log = logging.getLogger(__name__)


class WidgetComm:
    """The traits and the messages of one widget.

    Args:
        widget: whose.
        published: the traits that the page has, in the order in which they are set: `snapshot`, and fields of it.
    """

    def __init__(self, widget: Widget, published: tuple[str, ...]) -> None:
        self._widget = widget
        self._published = published

    @property
    def is_open(self) -> bool:
        """Whether a page can be reached."""
        return is_open(self._widget.comm)

    def set_traits(self, snapshot: Mapping[str, object]) -> None:
        """Set them, then send them in one message."""
        for name in self._published:
            self._widget.set_trait(name, snapshot if name == "snapshot" else snapshot[name])
        self.resend_traits()

    def resend_traits(self) -> None:
        """Send them as they are, in one message."""
        try:
            self._widget.send_state(self._published)
        except Exception:  # a closed comm, a kernel that shuts down: the traits are right all the same
            log.debug("A change did not reach the page.", exc_info=True)

    def send(self, content: Mapping[str, object], buffers: list[bytes]) -> None:
        """Send a custom message."""
        self._widget.send(content, buffers)


def is_open(comm: object) -> bool:
    """Whether a comm leads to a page. marimo closes that of a cell that runs again, and tells nobody; what is sent
    after that is an error in the page.
    """
    return comm is not None and not getattr(comm, "_closed", False)
