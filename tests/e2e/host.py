"""What a test needs of a host, whichever it is: a notebook in a page, and a kernel that it can hold up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page, Route, expect

#: Holds the kernel's main thread from when `held.txt` is there until the test makes `go.txt`.
BLOCK = """\
pathlib.Path("held.txt").touch()
while not pathlib.Path("go.txt").exists():
    time.sleep(0.05)
pathlib.Path("held.txt").unlink()
"""
#: A cell that does so when it is run.
BLOCKING_CELL = f"import pathlib, time\n{BLOCK}"


class HostPage(Protocol):
    """A notebook that is open in a host."""

    @property
    def page(self) -> Page:
        """Playwright's page."""

    @property
    def path(self) -> Path:
        """The notebook's file; its cells run in its directory."""

    @property
    def strangers(self) -> list[str]:
        """URLs outside this machine that the page asked for."""

    def run(self, cell: int) -> object:
        """Run a cell, in a host where a person does; the others have run it already."""

    def card(self, cell: int = 0) -> Locator:
        """The card that a cell shows."""

    def output(self, cell: int) -> Locator:
        """The output of a cell."""

    def reload(self) -> None:
        """Load the page anew, as a person does."""

    def hold_up(self, cell: int) -> None:
        """Let the host's blocking cell do so."""

    def set_dark(self) -> None:
        """Switch to the host's dark theme."""


def watch_for_strangers(page: Page, *, but: str = "(?!)") -> list[str]:
    """The URLs outside this machine that the page asks for from now on; none of them is let through.

    Args:
        but: an expression for those that the host itself asks for on every page.
    """
    strangers: list[str] = []
    own = re.compile(but)

    def refuse(route: Route) -> None:
        if not own.match(route.request.url):
            strangers.append(route.request.url)
        route.abort()

    page.route(re.compile(r"^https?://(?!(127\.0\.0\.1|localhost):)"), refuse)
    return strangers


def brightness(locator: Locator) -> float:
    """How bright the ground of an element is, from 0 to 255."""
    colour = ""
    while not colour:  # a card that was drawn anew in this instant has none
        colour = locator.evaluate("node => getComputedStyle(node).backgroundColor")
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
    scale = 255 if colour.startswith("color(") else 1
    return (0.3 * red + 0.6 * green + 0.1 * blue) * scale


def expect_status(card: Locator, status: str) -> None:
    """Wait until a card shows this state."""
    expect(card).to_have_attribute("data-status", status)
