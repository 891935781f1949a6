"""What the card and the board have in common as widgets: how they are displayed, and traits that no page writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Protocol

import anywidget
import traitlets
from IPython.display import display

from rushes.outputs import NotebookOutputs, has_outputs
from rushes.widget_comm import is_open


class Pages(Protocol):
    """The widget's side of its pages (`rushes.page.WatchPage`, `rushes.board_page.BoardPage`)."""

    displayed: bool

    def static(self) -> tuple[str, str]:
        """The widget for readers without a kernel: HTML, and a line of text."""

    def shown(self) -> None:
        """An output shows the widget."""

    def traits_overwritten(self) -> None:
        """A page wrote to a trait."""

    def handle(self, content: object, buffers: object) -> None:
        """Take a message from a page."""


class PageWidget(anywidget.AnyWidget):
    """A widget whose traits are written by the kernel alone, on the publisher's thread."""

    _published: ClassVar[tuple[str, ...]]
    _page: Pages
    _outputs: NotebookOutputs

    def _on_notifier(self, call: Callable[[], object]) -> None:
        """Make a call on the notifier thread, where user code runs."""
        raise NotImplementedError

    def _repr_mimebundle_(
        self, **kwargs: Any
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:  # Any: as anywidget has it
        """The live widget, and beside it HTML for what shows the notebook without a kernel."""
        html, text = self._page.static()
        static = {"text/plain": text, "text/html": html}
        bundle = None if self.comm is None else super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return static, {}
        self._page.displayed = True
        data, metadata = bundle
        return {**data, **static}, metadata

    def _ipython_display_(self) -> None:
        """Display under an ID, so that what the notebook keeps can be renewed later.

        Raises:
            NotImplementedError: this is no kernel; IPython then asks for the MIME bundle.
        """
        bundle = self._repr_mimebundle_() if has_outputs() and self.comm is not None else None
        if bundle is None:
            raise NotImplementedError
        self._outputs.show(*bundle)
        self._page.shown()

    def _show_once(self) -> None:
        """Show the widget where a cell waits for it and none has shown it."""
        in_cell = has_outputs() and threading.current_thread() is threading.main_thread()
        if in_cell and self.comm is not None and not self._page.displayed:
            display(self)

    def set_state(self, sync_data: Mapping[str, object]) -> None:
        """Refuse what a page writes to a trait; its copy is corrected."""
        self._page.traits_overwritten()

    def notify_change(self, change: traitlets.Bunch) -> None:
        """Let the observers of our traits run on the notifier thread: user code never holds up the thread that all
        widgets publish on. Whoever sets them sends them, all in one message (`rushes.widget_comm.WidgetComm`).
        """
        if change["name"] in self._published:
            self._on_notifier(partial(traitlets.HasTraits.notify_change, self, change))
        else:
            super().notify_change(change)

    def _send(self, msg: Any, buffers: Any = None) -> None:  # Any: as ipywidgets has it
        """Send nothing into a comm that the host has closed."""
        if is_open(self.comm):
            super()._send(msg, buffers)

    def _on_page_message(self, _: object, content: object, buffers: object) -> None:
        self._page.handle(content, buffers)
