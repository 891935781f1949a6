"""The percentage that a provider may report: read where it can be one, ignored where not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.operation import read_operation
from rushes.progress import read_percent

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("metadata", "percent"),
    [
        ({"progressPercent": 45}, 45.0),
        ({"progressPercent": 45.5}, 45.5),
        ({"progressPercentage": "45"}, 45.0),
        ({"progress_percent": " 45% "}, 45.0),
        ({"progress_percentage": 100}, 100.0),
        ({"progressPercent": None, "progressPercentage": 12}, 12.0),
        ({}, None),
        ({"progressPercent": 0}, None),
        ({"progressPercent": -1}, None),
        ({"progressPercent": 101}, None),
        ({"progressPercent": True}, None),
        ({"progressPercent": "half"}, None),
        ({"progressPercent": math.nan}, None),
        ({"progressPercent": 10**400}, None),
        ({"progressPercentage": {"completedWork": 4, "estimatedWork": 8}}, None),
    ],
)
def test_a_percentage_is_read(metadata: dict[str, object], percent: float | None) -> None:
    assert read_percent(metadata) == percent
    operation = read_operation({"name": "operations/x", "metadata": metadata}, "veo", "x")
    assert operation.progress_percent == percent


@given(JSON)
def test_any_json_is_a_percentage_or_none(value: object) -> None:
    percent = read_percent({"progressPercent": value})
    assert percent is None or 0.0 < percent <= 100.0
