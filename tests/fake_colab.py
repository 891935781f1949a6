"""Colab's secrets, where no Colab runs."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest


class SecretNotFoundError(AttributeError): ...


class NotebookAccessError(RuntimeError): ...


class TimeoutException(Exception): ...


class FakeColab:
    """`google.colab.userdata` as Colab has it (googlecolab/colabtools, google/colab/userdata.py): a question to the
    page for one secret, with three errors of its own and a limit of 10 s.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.secrets: dict[str, str | Exception] = {}
        self.asked: list[str] = []
        package, colab, userdata = (
            ModuleType(name) for name in ("google", "google.colab", "google.colab.userdata")
        )
        userdata.get = self.get  # type: ignore[attr-defined]
        colab.userdata = userdata  # type: ignore[attr-defined]
        package.colab = colab  # type: ignore[attr-defined]
        for module in (package, colab, userdata):
            monkeypatch.setitem(sys.modules, module.__name__, module)

    def get(self, name: str) -> str:
        self.asked.append(name)
        found = self.secrets.get(name, SecretNotFoundError(f"Secret {name} does not exist."))
        if isinstance(found, Exception):
            raise found
        return found
