"""A real JupyterLab and a real browser: one server for all, a browser per module, a notebook per test."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from endpoint import WatchedEndpoint
from lab_server import LabServer
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

# How long anything may take: machines that run tests are small and busy.
_PATIENCE_MS = 60_000


_BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab, with the kernel that the tests run in."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


# A module's, not the session's: Playwright leaves an event loop running, and other tests run their own.
@pytest.fixture(scope="module")
def browser_context() -> Iterator[BrowserContext]:
    """A browser that plays H.264 and AAC, which Playwright's own does not. One context, for its cache: JupyterLab is
    20 MB of scripts."""
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser.new_context(viewport={"width": 1100, "height": 900})
        browser.close()


@pytest.fixture
def open_notebook(lab_server: LabServer, browser_context: BrowserContext) -> Iterator[OpenNotebook]:
    """Opens a notebook with these cells; afterwards, its pages must have asked no other machine for anything."""
    opened: list[NotebookPage] = []

    def open_one(*cells: str, kernel: str = "python3") -> NotebookPage:
        opened.append(NotebookPage(lab_server, browser_context, list(cells), kernel=kernel))
        return opened[-1]

    yield open_one
    for page in browser_context.pages:
        page.close()
    lab_server.end_kernels()
    lab_server.forget_settings()
    assert [url for notebook in opened for url in notebook.strangers] == []


@pytest.fixture
def endpoint() -> Iterator[WatchedEndpoint]:
    """An endpoint outside the kernel that counts what it is asked, for a key of the one test: kernels share
    IPython's history, which has the sources of other tests' cells."""
    with WatchedEndpoint(f"canary-{secrets.token_hex(8)}") as endpoint:
        yield endpoint


@pytest.fixture
def pictures() -> Path:
    """Where screenshots go: they are looked at by people and kept by CI."""
    return Path(os.environ.get("RUSHES_SCREENSHOTS", "test-results/screenshots"))


def chromium(playwright: Playwright) -> Browser:
    """The browser of the tests."""
    return playwright.chromium.launch(executable_path=_browser_path(), args=_BROWSER_ARGUMENTS)


def _browser_path() -> str:
    candidates = [os.environ.get("CHROMIUM_PATH"), "google-chrome", "chromium", "chromium-browser"]
    for candidate in filter(None, candidates):
        if path := shutil.which(str(candidate)):
            return path
    raise RuntimeError("The browser tests need Chrome or Chromium: install one, or set CHROMIUM_PATH.")
