"""Real watches, which have all ended after the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live_watches import Watches, live_watches


@pytest.fixture
def watches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watches]:
    with live_watches(monkeypatch) as opened:
        yield opened
