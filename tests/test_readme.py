"""The README says what the code does: its tables are compared with it, and its calls with the signatures."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from pathlib import Path

import pytest

import rushes
from rushes import errors

README = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading, by the name in their first cell."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    return {row[0].strip("` "): row[1:] for row in cells}


def every_error(base: type[errors.RushesError] = errors.RushesError) -> list[type[errors.RushesError]]:
    found = []
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            found += [child, *every_error(child)]
    return found


def test_table_of_errors_names_every_class_in_the_order_of_the_tree() -> None:
    assert list(table("Errors")) == [error.__name__ for error in every_error()]


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.__name__)
def test_table_of_errors_says_what_the_class_says(error: type[errors.RushesError]) -> None:
    cause, next_step = table("Errors")[error.__name__]
    paragraph = " ".join((inspect.getdoc(error) or "").split("\n\n")[0].split())
    assert cause == paragraph
    assert next_step == error.default_next_step or not error.default_next_step
    assert len(next_step) > 20


def test_every_error_of_the_table_is_public() -> None:
    assert [name for name in table("Errors") if name not in rushes.__all__] == []


def test_table_of_states_names_every_status() -> None:
    from rushes.watch_state import Status

    assert list(table("States")) == list(typing.get_args(Status))


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
    root = Path(__file__).resolve().parent.parent
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (root / target).exists()] == []
