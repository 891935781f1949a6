"""Which test shows what in which host, for the table in docs/hosts.md: a plugin of pytest's.

`RUSHES_PROOFS` names the file that a run writes: the tests marked `proves` that passed; with `--collect-only`, all.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

#: Host, feature, the test's own name.
Proof = tuple[str, str, str]


class Proofs:
    """Collects them in one process and writes them down at its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._declared: dict[str, list[Proof]] = {}
        self._proven: set[Proof] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the marks."""
        for item in session.items:
            if isinstance(item, pytest.Function):
                self._declared[item.nodeid] = list(_proofs_of(item))
        if session.config.option.collectonly:
            self._proven.update(*self._declared.values())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that passed proves what it is marked with."""
        if report.when == "call" and report.passed:
            self._proven.update(self._declared[report.nodeid])

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(
            json.dumps(sorted(self._proven), ensure_ascii=False, indent=1), encoding="utf-8"
        )


def _proofs_of(item: pytest.Function) -> set[Proof]:
    host = item.callspec.params.get("host") if hasattr(item, "callspec") else None
    return {
        (mark.kwargs.get("host") or host.title, feature, item.originalname)
        for mark in item.iter_markers("proves")
        for feature in mark.args
    }
