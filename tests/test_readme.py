"""The README says what the code does: its calls, figures, addresses and links are compared with what is there."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import rushes

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_table_of_states_names_every_status() -> None:
    from rushes.watch_state import Status

    page = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", page.split("\n## States\n", 1)[1], re.MULTILINE)[1:]
    assert rows == list(typing.get_args(Status))


def calls() -> list[tuple[str, list[str]]]:
    """Every call of the README's Python blocks: the name as written, and the keywords given."""
    found = []
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Call):
                keywords = [keyword.arg for keyword in node.keywords if keyword.arg]
                found.append((ast.unparse(node.func), keywords))
    return found


@pytest.mark.parametrize(
    ("name", "keywords"), calls(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_calls_in_the_readme_fit_the_signatures(name: str, keywords: list[str]) -> None:
    owner, _, attribute = name.partition(".")
    owners = {
        "rushes": rushes,
        "w": rushes.OperationWidget,
        "board": rushes.Board,
        "client": rushes.Client,
        "operation": rushes.Operation,
        "video": rushes.Video,
    }
    parameters = inspect.signature(getattr(owners[owner], attribute)).parameters
    assert [keyword for keyword in keywords if keyword not in parameters] == []


def test_defaults_in_the_readme_are_the_real_ones() -> None:
    written = next(
        node
        for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "rushes.watch" and node.keywords
    )
    defaults = {keyword.arg: ast.literal_eval(keyword.value) for keyword in written.keywords}
    parameters = inspect.signature(rushes.watch).parameters
    real = {name: p.default for name, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    assert defaults == real


def test_links_and_pictures_of_the_readme_are_there() -> None:
    targets = re.findall(r'(?:\]\(|src="|srcset=")([^)#:"]+)[)"]', README)
    assert "docs/animation.webp" in targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def address(name: str) -> str:
    """What pyproject.toml has under [project.urls]."""
    found = re.search(rf'^{name} = "(.*)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def test_addresses_of_the_project_are_those_of_its_metadata() -> None:
    own = address("Source"), address("Documentation")
    badges = README.split("```", 1)[0]
    to_github = re.findall(r"\((https://github\.com/[^)]*)\)", README)
    assert len(to_github) == 3
    assert [each for each in to_github if not each.startswith(f"{own[0]}/")] == []
    assert README.count(f"]({own[1]})") == README.count("github.io/") == 2
    assert "https://pypi.org/project/rushes/" in badges
    binder = subprocess.run(
        [sys.executable, ROOT / "binder" / "badge.py"], capture_output=True, text=True, check=True
    )
    assert binder.stdout.strip() in badges.splitlines()
    workflows = re.findall(r"/actions/workflows/([\w.]+)", badges)
    assert [name for name in workflows if not (ROOT / ".github" / "workflows" / name).exists()] == []


# The table beside what people use today.


def rows_of(text: str) -> list[list[str]]:
    """The rows of the tables in a text, the headings among them, without the marks around code."""
    return [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| ---")
    ]


HEADINGS, *ROWS = rows_of(README)
WAYS = HEADINGS[1:-1]


def section_of_bench(heading: str) -> str:
    text = (ROOT / "bench" / "README.md").read_text("utf-8")
    [section] = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return section


def figures_in(cells: list[str]) -> list[str]:
    return [figure for cell in cells for figure in re.findall(r"\d[\d.,]*", cell)]


def measured(section: str, way: str, told: str) -> list[str]:
    """The figures of a way in a table of bench/README.md: in the rows that name it, and in the column that does.

    Where what is told names a case, such as "50 MB", no other counts; where it is a ratio, only ratios do, and where it
    says of what, only those of that.
    """
    headings, *rows = rows_of(section)
    cases = {
        row[0] for row in rows if row[0] not in WAYS and re.search(rf"(?<!\w){re.escape(row[0])}(?!\w)", told)
    }
    rows = [row for row in rows if not cases or row[0] in cases]
    ratios = {at: of[0] for at, name in enumerate(headings) if (of := re.search(r"\bof .+", name))}
    columns = [at for at, of in ratios.items() if told.endswith((of, "as a ratio"))]
    columns = columns or [at for at, name in enumerate(headings) if at > 0 and name not in WAYS]
    return figures_in(
        [row[at] for row in rows if way in row for at in columns]
        + [row[headings.index(way)] for row in rows if way in headings]
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_beside_other_ways_is_backed(row: list[str]) -> None:
    name, *told, shown_by = row
    assert len(told) == len(WAYS)
    tests = re.findall(r"(tests/[\w/]+\.py)::(\w+)", shown_by)
    bench = re.fullmatch(r"\[bench: (.*)\]\(bench/README\.md\)", shown_by)
    assert tests if bench is None else figures_in(told)
    for file, test in tests:
        assert f"\ndef {test}(" in (ROOT / file).read_text("utf-8")
    if bench is not None:
        section = section_of_bench(bench[1])
        for way, cell in zip(WAYS, told, strict=True):
            assert set(figures_in([cell])) <= set(measured(section, way, name))
