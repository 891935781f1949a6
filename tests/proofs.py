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
    """Collects them, from all workers, and writes them down at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._proven: set[Proof] = set()

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Read the marks; what they say goes with the report of the test, from a worker too."""
        for item in items:
            if isinstance(item, pytest.Function) and (proofs := _proofs_of(item)):
                item.user_properties.append(("proves", sorted(proofs)))
                if config.option.collectonly:
                    self._proven |= proofs

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that passed proves what it is marked with."""
        for name, value in report.user_properties:
            if name == "proves" and report.when == "call" and report.passed:
                self._proven.update((host, feature, test) for host, feature, test in value)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file, once."""
        if hasattr(session.config, "workerinput"):
            return
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
