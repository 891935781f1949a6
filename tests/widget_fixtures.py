"""A widget on a watch that a test moves by hand, with a comm that writes down what is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_watch import FakeWatch, RecordingComm, made

from rushes.publisher import shared_publisher
from rushes.widget import OperationWidget


@pytest.fixture
def watch() -> FakeWatch:
    return FakeWatch()


@pytest.fixture
def comm() -> RecordingComm:
    return RecordingComm()


@pytest.fixture
def widget(
    watch: FakeWatch, comm: RecordingComm, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OperationWidget]:
    widget = made(watch, comm, monkeypatch)
    yield widget
    widget.close()
    shared_publisher().join(5)
