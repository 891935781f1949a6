"""How the page's side reaches the widget (`rushes.page.Comm`). The publisher's thread only."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rushes.messages import Reply
from rushes.snapshot import Snapshot

if TYPE_CHECKING:
    from ipywidgets import Widget

    from rushes.widget import OperationWidget

log = logging.getLogger(__name__)

#: The traits that the page has, in the order in which they are set.
PUBLISHED = ("snapshot", "status")


class WidgetComm:
    """The traits and the messages of one widget."""

    def __init__(self, widget: OperationWidget) -> None:
        self._widget = widget

    @property
    def is_open(self) -> bool:
        """Whether a page can be reached."""
        return is_open(self._widget.comm)

    def set_traits(self, snapshot: Snapshot) -> None:
        """Set both, then send them together."""
        self._widget.set_trait("snapshot", snapshot)
        self._widget.set_trait("status", snapshot["status"])
        self.resend_traits()

    def resend_traits(self) -> None:
        """Send both as they are."""
        send_traits(self._widget, PUBLISHED)

    def send(self, content: Reply, buffers: list[bytes]) -> None:
        """Send a custom message."""
        self._widget.send(content, buffers)


def send_traits(widget: Widget, names: tuple[str, ...]) -> None:
    """Send traits of a widget as they are, in one message."""
    try:
        widget.send_state(names)
    except Exception:  # a comm that is closed, a kernel that shuts down: the traits are right all the same
        log.debug("A change did not reach the page.", exc_info=True)


def is_open(comm: object) -> bool:
    """Whether a comm leads to a page. marimo closes that of a cell that runs again, and tells nobody; what is sent
    after that is an error in the page.
    """
    return comm is not None and not getattr(comm, "_closed", False)
