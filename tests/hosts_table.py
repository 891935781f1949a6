"""The table in docs/hosts.md: hosts by features, each cell the test that proves it or the reason why there is none.

    python tests/hosts_table.py PROOFS.json VITEST.json

renders it from what a run of the tests wrote (`make hosts`): by `proofs.py`, and by Vitest's JSON reporter.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from host_list import HOSTS  # noqa: E402
from proofs import Proof  # noqa: E402

DOCUMENT = ROOT / "docs" / "hosts.md"
PAGE_TESTS = ROOT / "js" / "tests" / "hosts.test.ts"
BEGIN, END = "<!-- The table begins: made by `make hosts`. -->\n", "<!-- The table ends. -->\n"

GROUPS = {
    "The video": (
        *("from running to a playing video", "reload", "submits once", "busy kernel", "two views, one video"),
    ),
    "The person": (
        *("failures in words", "stop and resume", "key typed into the card", "a click waits in words"),
        "save button",
    ),
    "The notebook": (
        *("dark and light", "kept for readers without a kernel", "asks no other machine"),
        *("cells follow its value", "temporary machine is told"),
    ),
}
ROWS = (*(host.title for host in HOSTS), "Colab", "VS Code", "Kaggle", "Binder", "GitHub", "JupyterLite")

_VALUE, _MACHINE = "cells follow its value", "temporary machine is told"
_KEPT, _DARK = "kept for readers without a kernel", "dark and light"
# The first that fits: the beginning of a host's name, features (none for all), the reason.
REASONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("JupyterLite", (), "left out: Python runs in the browser there, so an API key would, too"),
    ("GitHub", (), "runs nothing: it shows what the notebook keeps"),
    ("marimo", (_KEPT,), "a notebook of marimo's is a Python file and keeps no output"),
    ("Voilà", (_KEPT,), "shows notebooks and saves none"),
    ("nbclassic", (_DARK,), "has no dark theme"),
    ("", (_VALUE,), "marimo alone runs cells again by itself"),
    ("Colab", (), "a person's eye: [checklist](#colab)"),
    ("VS Code", (_MACHINE,), "the machine is your own"),
    ("VS Code", (), "a person's eye: [checklist](#vs-code)"),
    ("Kaggle", (), "not tested: its front end is not published"),
    ("Binder", (), "JupyterLab on another machine: see its row"),
    ("", (_MACHINE,), "the machine is your own"),
)


def declared_in_page_tests() -> Iterator[Proof]:
    """The proofs among the front end's tests."""
    titles = re.findall(r'^test\("([^"]+)"', PAGE_TESTS.read_text(encoding="utf-8"), re.MULTILINE)
    yield from filter(None, map(_proof_in, titles))


def passed_in_page_tests(report: Path) -> Iterator[Proof]:
    """Those of them that passed, as Vitest reports."""
    for file in json.loads(report.read_text(encoding="utf-8"))["testResults"]:
        titles = (result["title"] for result in file["assertionResults"] if result["status"] == "passed")
        yield from filter(None, map(_proof_in, titles))


def render(proofs: Iterable[Proof]) -> str:
    """The table in Markdown.

    Raises:
        ValueError: a proof without a place in it, or a cell with neither proof nor reason.
    """
    cells: dict[tuple[str, str], list[str]] = {}
    for host, feature, test in sorted(proofs):
        cells.setdefault((host, feature), []).append(f"`{test}`")
    lines = []
    for group, features in GROUPS.items():
        lines += [f"### {group}", "", _row(["Host", *features]), _row(["---"] * (1 + len(features)))]
        for host in ROWS:
            tests = (cells.pop((host, feature), None) for feature in features)
            told = [
                "<br>".join(found) if found else _reason(host, feature)
                for feature, found in zip(features, tests, strict=True)
            ]
            lines.append(_row([host, *told]))
        lines.append("")
    if cells:
        raise ValueError(f"The table has no place for {sorted(cells)}.")
    return "\n".join(lines)


def document_with(table: str) -> str:
    """The document with this table in it."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"


def main(proofs: str, report: str) -> None:
    """Write the document anew."""
    run = [tuple(proof) for proof in json.loads(Path(proofs).read_text(encoding="utf-8"))]
    DOCUMENT.write_text(document_with(render([*run, *passed_in_page_tests(Path(report))])), encoding="utf-8")


def _proof_in(title: str) -> Proof | None:
    found = re.match(r"(Colab|VS Code), ([^:]+): ", title)
    return (found[1], found[2], f"{PAGE_TESTS.name}: {title[found.end() :]}") if found else None


def _reason(host: str, feature: str) -> str:
    for beginning, features, reason in REASONS:
        if host.startswith(beginning) and (not features or feature in features):
            return reason
    raise ValueError(f"Nothing proves {feature!r} in {host}, and no reason says why.")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(*sys.argv[1:])
