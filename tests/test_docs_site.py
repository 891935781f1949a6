"""The documentation builds without a warning, leads nowhere wrong, leaves no public name out and loads nothing."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from site_links import problems
from test_readme import ROOT, address

import rushes

pytestmark = pytest.mark.tools

CONFIGURATION = (ROOT / "zensical.toml").read_text("utf-8")
_PAGE = "<!doctype html><title>A page</title>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it, but for the outputs of the notebooks."""
    copy = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "docs", copy / "docs", ignore=shutil.ignore_patterns("notebooks"))
    shutil.copy(
        ROOT / "zensical.toml", copy
    )  # Zensical builds where the file itself is, not where a link to it is
    for name in ("src", "bench", "README.md", "SECURITY.md"):
        (copy / name).symlink_to(ROOT / name)
    for command in (
        [ROOT / "notebooks" / "render.py", "docs/notebooks", "--unexecuted"],
        ["-m", "zensical", "build", "--strict"],
    ):
        ended = subprocess.run(
            [sys.executable, *command], cwd=copy, capture_output=True, text=True, timeout=100
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    return copy / "test-results" / "site"


def test_no_page_leads_nowhere_or_loads_anything_from_elsewhere(site: Path) -> None:
    assert len(list(site.rglob("index.html"))) > 30
    assert problems(site, "/rushes/") == []


def test_every_page_can_be_reached_from_the_first(site: Path) -> None:
    written = {path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")}
    home = (site / "index.html").read_text("utf-8")
    reached = {Path(link) for link in re.findall(r'href="\./([^"#]*)/"', home)} | {Path("index")}
    assert {
        page.parent if page.name == "index" and page.parent != Path() else page for page in written
    } <= reached


@pytest.mark.parametrize("name", sorted(set(rushes.__all__) - {"__version__"}))
def test_the_reference_has_every_public_name(site: Path, name: str) -> None:
    pages = (page.read_text("utf-8") for page in (site / "reference").rglob("index.html"))
    assert any(f'id="rushes.{name}"' in page for page in pages)


def test_a_notebook_is_run_and_its_card_seen_as_without_a_kernel(
    tmp_path: Path, own_environment: Path
) -> None:
    cells = ["import rushes\nrushes.demo(seconds=0).result()", "import ipywidgets\nipywidgets.Text()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "small.ipynb")
    render = runpy.run_path(str(ROOT / "notebooks" / "render.py"))["render"]
    render(tmp_path / "small.ipynb", tmp_path / "pages")
    page = (tmp_path / "pages" / "small.md").read_text("utf-8")
    [card] = re.findall(r'<div class="rushes-static">.*</div>', page)
    assert "Finished" in card
    assert str(own_environment) in page
    assert "Text(" not in page.replace("ipywidgets.Text()", "")


def test_the_site_is_made_for_the_addresses_of_the_project() -> None:
    assert f'site_url = "{address("Documentation")}"' in CONFIGURATION
    assert f'link = "{address("Source")}"' in CONFIGURATION
    assert "repo_url" not in CONFIGURATION.replace("repo_url:", ""), "the theme would ask GitHub's API"
    assert "font = false" in CONFIGURATION


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="other/">', "leads to other/, which is not there"),
        ('<a href="#nowhere">', "leads to #nowhere, where there is no such anchor"),
        ('<a href="#here"><p id="here">', None),
        ('<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js"),
        ('<link rel="stylesheet" href="https://cdn.example/x.css">', "loads https://cdn.example/x.css"),
        ('<link rel="canonical" href="https://docs.example/">', None),
        ('<img src="gone.png">', "leads to gone.png, which is not there"),
    ],
)
def test_a_page_that_leads_nowhere_or_loads_something_is_found(
    tmp_path: Path, html: str, found: str | None
) -> None:
    (tmp_path / "index.html").write_text(_PAGE + html)
    assert problems(tmp_path, "/") == ([] if found is None else [f"index.html {found}"])
