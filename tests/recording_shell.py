"""A shell that writes down the outputs of a widget."""

from __future__ import annotations

from typing import Any

import pytest

from rushes import outputs

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
VIEW = "application/vnd.jupyter.widget-view+json"


class Shell:
    """Where outputs are published."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def publish(self, **message: Any) -> None:
        self.sent.append(message)

    @property
    def html(self) -> str:
        """The last one sent."""
        return str(self.sent[-1]["data"]["text/html"])


def recording_shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Outputs go to this one from now on, and there are some to renew."""
    shell = Shell()
    monkeypatch.setattr(outputs, "_publisher", lambda: shell)
    monkeypatch.setattr("rushes.page_widget.has_outputs", lambda: True)
    return shell
