"""SECURITY.md promises nothing that no test holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [
    line
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| Promise", "| ---"))
]


def named_in(text: str) -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py::\w+)`", text)


@pytest.mark.parametrize("name", sorted(set(named_in(TEXT))))
def test_every_test_that_is_named_exists(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert function in [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:50])
def test_every_promise_names_a_test(row: str) -> None:
    assert named_in(row.split(" | ")[-1])
    assert len(ROWS) > 25


def test_every_mention_of_a_test_is_one_that_is_checked() -> None:
    assert TEXT.count("::") == len(named_in(TEXT))
