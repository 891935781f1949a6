"""The search for canaries finds what is there."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import canary
import pytest


@pytest.mark.parametrize(
    "hidden", ["text", "context", "attribute", "local", "log", "file", "name", "pickle", "encoded"]
)
def test_the_search_finds_what_is_there(hidden: str, tmp_path: Path) -> None:
    """A search that cannot find proves nothing."""
    (tmp_path / "name-canary").touch()
    (tmp_path / "file").write_bytes(b"\x00canary\x00")
    error = RuntimeError("text canary")
    with contextlib.suppress(ValueError):
        try:
            raise KeyError("canary")
        except KeyError:
            raise ValueError("other") from None
    attribute = RuntimeError("x")
    attribute.inside = ["canary"]  # type: ignore[attr-defined]
    held = None
    try:
        json.loads("canary")
    except ValueError as found:
        held = found
    context = RuntimeError("x")
    context.__context__ = error
    places: dict[str, object] = {
        "text": error,
        "context": context,
        "attribute": attribute,
        "local": held,
        "log": {"record": ("canary",)},
        "file": tmp_path / "file",
        "name": tmp_path,
        "pickle": {"deep": [("canary",)]},
        "encoded": "Y2FuYXJ5",
    }
    assert canary.find("canary", places[hidden])
    assert canary.find("not there", places[hidden]) == []
