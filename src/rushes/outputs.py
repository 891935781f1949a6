"""The outputs of the notebook that show a widget, and how they are renewed from a thread."""

from __future__ import annotations

import contextvars
import threading
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher, DisplayPublisher
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets import Output, Widget
from ipywidgets.widgets import widget as widget_module

from rushes.stand_in import stand_in_html

#: A widget that is displayed in a loop has older outputs than these, which keep what they show.
_MOST_OUTPUTS = 32

Bundle = dict[str, Any]  # Any: the JSON of any MIME type


def has_outputs() -> bool:
    """Whether this is a kernel, whose outputs can be renewed."""
    return getattr(get_ipython(), "kernel", None) is not None


def notebook_directory() -> Path:
    """Where the kernel was started, which is where the notebook is, whatever the code did since."""
    visited = getattr(get_ipython(), "user_ns", {}).get("_dh")
    return Path(visited[0]) if visited else Path.cwd()


@dataclass(eq=False)
class _Output:
    """One output: its display ID, what it shows, and the cell that it belongs to."""

    display_id: str
    data: Bundle
    metadata: Bundle
    cell: Bundle | None
    stand_in: str | None = None


class NotebookOutputs:
    """Outputs with display IDs of their own (`rushes.static_outputs.Outputs`).

    One ID for all would make JupyterLab draw the earlier ones anew whenever another cell shows the widget.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[_Output] = []

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._all)

    def show(self, data: Bundle, metadata: Bundle) -> None:
        """Add an output to the running cell."""
        publisher = _publisher()
        cell = getattr(publisher, "parent_header", None)
        if _goes_into_a_widget(cell):
            cell = None
        output = _Output(uuid.uuid4().hex, data, metadata, cell)
        with self._lock:
            self._all = [*self._all, output][-_MOST_OUTPUTS:]
        publisher.publish(data=data, metadata=metadata, transient=_transient(output.display_id))

    def outdated(self, html: str) -> bool:
        """Whether any of them shows something else."""
        return any(output.data["text/html"] != html for output in self._all)

    def renew(self, html: str, text: str) -> bool:
        """Put this beside the card in all of them; False while a cell captures what is displayed.

        The publisher's thread, as `stand_in`.
        """
        publisher = _publisher()
        if isinstance(publisher, CapturingDisplayPublisher):
            return False
        for output in self._all:
            if output.data["text/html"] != html:
                output.data = {**output.data, "text/html": html, "text/plain": text}
                _update(publisher, output.display_id, output.data, output.metadata)
        return True

    def stand_in(self, html: str) -> bool:
        """Put this behind the card, where it shows once the card is gone (`rushes.stand_in`); False while a cell
        captures what is displayed.

        Does nothing where there are no outputs, as in marimo.
        """
        if not self.any:
            return True
        publisher = _publisher()
        if isinstance(publisher, CapturingDisplayPublisher):
            return False
        for output in self._all:
            if output.stand_in == html or not output.cell:
                continue
            display_id = f"{output.display_id}-stand-in"
            data = {"text/html": stand_in_html(html), "text/plain": ""}
            if output.stand_in is None:
                _append(publisher, output.cell, display_id, data)
            else:
                _update(publisher, display_id, data, {})
            output.stand_in = html
        return True


def _goes_into_a_widget(cell: Bundle | None) -> bool:
    """Whether an `ipywidgets.Output` takes what this cell displays: the page puts it there, and the kernel's own sender
    of outputs knows nothing of it.
    """
    message_id = (cell or {}).get("msg_id")
    # The list of all widgets has no public name since ipywidgets 8.
    widgets = getattr(widget_module, "_instances", None) or getattr(Widget, "widgets", {})
    return bool(message_id) and any(
        isinstance(widget, Output) and widget.msg_id == message_id for widget in tuple(widgets.values())
    )


def _transient(display_id: str) -> Bundle:
    return {"display_id": display_id}


def _append(publisher: Any, cell: Bundle, display_id: str, data: Bundle) -> None:
    """Add an output to a cell that may have ended: `publish` would add it to the one that runs."""
    content = {"data": data, "metadata": {}, "transient": _transient(display_id)}
    message = publisher.session.msg("display_data", content, parent=cell)
    publisher.session.send(publisher.pub_socket, message, ident=publisher.topic)


def _update(publisher: DisplayPublisher, display_id: str, data: Bundle, metadata: Bundle) -> None:
    """Renew an output.

    nbclient hears only what belongs to the cell that runs. A thread has the context of the cell that started it;
    without one, ipykernel takes the running cell's, except for 7.0, which needs one.
    """
    publish = partial(
        publisher.publish, data=data, metadata=metadata, transient=_transient(display_id), update=True
    )
    try:
        contextvars.Context().run(publish)
    except LookupError:
        publish()


def _publisher() -> DisplayPublisher:
    """The shell's own; a cell that captures its outputs puts another in its place.

    Raises:
        RuntimeError: there is no shell, and none is made: IPython's would take the place of the host's `__main__`,
            where pickle looks for the classes of its cells, and start a thread for a history.
    """
    if not InteractiveShell.initialized():
        raise RuntimeError("There is no shell, and so there are no outputs.")
    publisher: DisplayPublisher = InteractiveShell.instance().display_pub
    return publisher
