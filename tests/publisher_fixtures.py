"""A publisher that a test drives by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rushes.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """One whose thread does not run: the tests take its turns."""
    publisher = Publisher()
    publisher.start = lambda: None  # type: ignore[method-assign]
    yield publisher
    publisher.stop()
