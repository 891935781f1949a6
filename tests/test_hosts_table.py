"""docs/hosts.md names the tests that there are, for what they are marked to prove."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools


def test_the_table_of_hosts_is_in_step_with_the_tests(tmp_path: Path) -> None:
    import hosts_table  # needs what the browser tests need

    found = tmp_path / "proofs.json"
    files = [
        path for path in Path(__file__).parent.rglob("test_*.py") if "mark.proves(" in path.read_text("utf-8")
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-m", "", *files],
        cwd=hosts_table.ROOT,
        env=environment | {"RUSHES_PROOFS": str(found)},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=100,
    )
    declared = [tuple(proof) for proof in json.loads(found.read_text(encoding="utf-8"))]
    table = hosts_table.render([*declared, *hosts_table.declared_in_page_tests()])
    assert hosts_table.DOCUMENT.read_text(encoding="utf-8") == hosts_table.document_with(table), (
        "Run `make hosts`, which makes the table anew."
    )
