"""The demo as an app on one Voilà server, for many people at once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from voila_page import VoilaServer

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(900)]

DEMO = Path(__file__).resolve().parents[2] / "notebooks" / "demo.ipynb"
VISITORS = 30
#: How each choice ends.
ENDS = {
    "Success": "succeeded",
    "Filtered": "filtered",
    "Failed": "failed",
    "Slow": "succeeded",
    "Flaky network": "succeeded",
}
_PATIENCE_MS = 600_000  # thirty kernels start on however few cores there are


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    """The address of the demo."""
    server = VoilaServer(tmp_path)
    server.start()
    try:
        shutil.copy(DEMO, server.notebooks / "demo.ipynb")
        yield f"{server.url}/voila/render/demo.ipynb?token={server.token}"
    finally:
        server.stop()


def test_thirty_visitors_at_once_see_what_they_chose(app: str, browser_context: BrowserContext) -> None:
    began = time.monotonic()
    visits: list[tuple[Page, str]] = []
    for number in range(VISITORS):
        page = browser_context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(app, wait_until="commit")
        visits.append((page, list(ENDS)[number % len(ENDS)]))
    for page, _ in visits:
        page.get_by_role("button", name="Generate").wait_for()
    there_s = time.monotonic() - began
    for page, choice in visits:
        # Not `click`, which waits for frames that a page behind others does not get.
        page.get_by_role("button", name=choice).dispatch_event("click")
        page.get_by_role("button", name="Generate").dispatch_event("click")
    for page, choice in visits:
        page.locator(f"section.rushes[data-status={ENDS[choice]}]").wait_for()
        if ENDS[choice] == "succeeded":
            page.wait_for_function("() => document.querySelector('section.rushes video')?.readyState >= 3")
    ended_s = time.monotonic() - began
    print(f"\n{VISITORS} visitors: all there after {there_s:.0f} s, all served after {ended_s:.0f} s.")
    operations = [page.locator("section.rushes .rushes-id").inner_text() for page, _ in visits]
    assert len(set(operations)) == VISITORS
    for page, _ in visits:
        page.close()
