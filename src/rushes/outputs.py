"""The outputs of the notebook that show a widget, and how they are renewed from a thread."""

from __future__ import annotations

import contextvars
import threading
import uuid
from functools import partial
from pathlib import Path
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher, DisplayPublisher
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

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


class NotebookOutputs:
    """Outputs with display IDs of their own (`rushes.static_outputs.Outputs`).

    One ID for all would make JupyterLab draw the earlier ones anew whenever another cell shows the widget.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[str, tuple[Bundle, Bundle]] = {}

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._shown)

    def show(self, data: Bundle, metadata: Bundle) -> None:
        """Add an output to the running cell."""
        display_id = uuid.uuid4().hex
        with self._lock:
            self._shown[display_id] = data, metadata
            for oldest in list(self._shown)[:-_MOST_OUTPUTS]:
                del self._shown[oldest]
        _publisher().publish(data=data, metadata=metadata, transient={"display_id": display_id})

    def outdated(self, html: str) -> bool:
        """Whether any of them shows something else."""
        with self._lock:
            return any(data["text/html"] != html for data, _ in self._shown.values())

    def renew(self, html: str, text: str) -> bool:
        """Put this beside the card in all of them; False while a cell captures what is displayed."""
        publisher = _publisher()
        if isinstance(publisher, CapturingDisplayPublisher):
            return False
        static = {"text/html": html, "text/plain": text}
        with self._lock:
            renewed = {
                display_id: ({**data, **static}, metadata)
                for display_id, (data, metadata) in self._shown.items()
                if data["text/html"] != html
            }
            self._shown.update(renewed)
        for display_id, (data, metadata) in renewed.items():
            _for_the_running_cell(
                partial(
                    publisher.publish,
                    data=data,
                    metadata=metadata,
                    transient={"display_id": display_id},
                    update=True,
                )
            )
        return True


def _publisher() -> DisplayPublisher:
    """The shell's own; a cell that captures its outputs puts another in its place."""
    publisher: DisplayPublisher = InteractiveShell.instance().display_pub
    return publisher


def _for_the_running_cell(publish: partial[None]) -> None:
    """nbclient hears only what belongs to the cell that runs. A thread has the context of the cell that started it;
    without one, ipykernel takes the running cell's, except for 7.0, which needs one.
    """
    try:
        contextvars.Context().run(publish)
    except LookupError:
        publish()
