"""What stands between a tag and the users: the changelog, the check of a release, the workflow that publishes it."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from packaging.version import Version

import rushes

pytestmark = pytest.mark.tools

ROOT = Path(__file__).resolve().parent.parent
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert text.startswith("# Changelog\n")
    first, *released = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert first.startswith("[Unreleased]\n")
    headings = [re.match(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)\n", section) for section in released]
    assert all(headings)
    versions = [Version(heading[1]) for heading in headings if heading]
    dates = [date.fromisoformat(heading[2]) for heading in headings if heading]
    assert versions == sorted(versions, reverse=True)
    assert dates == sorted(dates, reverse=True)
    for section in [first, *released]:
        before, *groups = re.split(r"^### ", section, flags=re.MULTILINE)
        assert len(before.strip().splitlines()) == 1
        names = [group.partition("\n")[0] for group in groups]
        assert names == [kind for kind in KINDS if kind in names]
        for group in groups:
            entries = group.partition("\n")[2].strip().splitlines()
            assert entries
            assert all(line.startswith(("- ", "  ")) for line in entries)


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    """Answers every address but those with "missing" in them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def clone(tmp_path: Path, site: str) -> Path:
    """A clone in which 1.2.3 is ready."""
    (tmp_path / "dist").mkdir()
    with zipfile.ZipFile(tmp_path / "dist" / "rushes-1.2.3-py3-none-any.whl", "w") as wheel:
        metadata = f"Name: rushes\nProject-URL: Documentation, {site}\nProject-URL: Source, {site}source\n"
        wheel.writestr("rushes-1.2.3.dist-info/METADATA", metadata)
    (tmp_path / "dist" / "rushes-1.2.3.tar.gz").touch()
    (tmp_path / "docs" / "errors").mkdir(parents=True)
    (tmp_path / "docs" / "errors" / "save-error.md").touch()
    (tmp_path / "CHANGELOG.md").write_text(
        "## [Unreleased]\n\n## [1.2.3] - 2026-11-25\n\n### Fixed\n\n- This.\n\n## [1.2.2] - 2026-11-24\n\n- That.\n"
    )
    return tmp_path


def check(clone: Path, tag: str = "v1.2.3") -> tuple[int, str]:
    command = [sys.executable, str(ROOT / ".ci" / "check_release.py"), tag, "dist"]
    ended = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stdout + ended.stderr


def test_what_the_changelog_says_of_a_release_that_is_ready_is_printed(clone: Path) -> None:
    assert check(clone) == (0, "### Fixed\n\n- This.\n")


def test_files_of_another_version_than_the_tag_are_not_published(clone: Path) -> None:
    code, said = check(clone, "v1.2.2")
    assert code == 1
    assert "dist holds rushes-1.2.3-py3-none-any.whl, rushes-1.2.3.tar.gz; v1.2.2 is" in said


@pytest.mark.parametrize(
    "heading", ["## [1.2.3] - not yet released", "## [1.2.30] - 2026-11-25", "## [Unreleased]"]
)
def test_a_version_without_a_dated_section_is_not_published(clone: Path, heading: str) -> None:
    (clone / "CHANGELOG.md").write_text(f"{heading}\n\n- This.\n")
    code, said = check(clone)
    assert code == 1
    assert "no section `## [1.2.3] - YYYY-MM-DD`" in said


def test_a_page_that_errors_link_to_has_to_answer(clone: Path, site: str) -> None:
    (clone / "docs" / "errors" / "missing-error.md").touch()
    code, said = check(clone)
    assert code == 1
    assert said == f"{site}errors/missing-error/ does not answer: HTTP Error 404: Not Found\n"


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:  # Any: arbitrary YAML
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    return dict(workflow["jobs"])


def test_only_the_publishing_job_may_publish_and_only_after_all_others(jobs: dict[str, Any]) -> None:
    publish = jobs.pop("publish")
    assert set(publish["needs"]) == set(jobs)
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "pypi"
    assert not any(step.get("run") for step in publish["steps"])
    assert [name for name, job in jobs.items() if "permissions" in job] == []


def test_a_release_is_tried_out_on_the_oldest_python_supported_and_on_the_newest(
    jobs: dict[str, Any],
) -> None:
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert oldest is not None
    assert jobs["smoke"]["strategy"]["matrix"]["python"] == [oldest[1], "3.x"]


def test_who_reports_a_bug_is_asked_for_the_report_that_rushes_makes() -> None:
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text("utf-8"))
    [report] = [field for field in form["body"] if field.get("id") == "report"]
    assert "`print(rushes.report())`" in report["attributes"]["description"]
    assert str(rushes.report()).startswith("rushes report")


def test_every_action_is_pinned_to_a_commit_whose_version_stands_beside_it() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for line in path.read_text("utf-8").splitlines():
            if "uses:" in line and "uses: ./" not in line:
                assert re.search(r"@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", line), line
