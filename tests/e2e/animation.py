"""Makes the README's pictures from a real run in a real JupyterLab: `make animation`.

`docs/animation.webp` goes from a cell that is run to a video that plays; `docs/screenshot.webp` has a card that runs
beside one that plays, for those who want nothing to move.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from conftest import chromium
from lab_server import LabServer
from notebook_page import NotebookPage, wait_until_it_plays
from PIL import Image
from playwright.sync_api import Locator, expect, sync_playwright

PICTURES = Path(__file__).resolve().parents[2] / "docs"
ANIMATION, SCREENSHOT = PICTURES / "animation.webp", PICTURES / "screenshot.webp"
LARGEST_BYTES = 1_500_000
_CELL = "import rushes\n\nrushes.demo()"
_SCALE, _WIDTH_PX = 2, 1005
_FRAME_S = 0.2
_BEFORE_S, _PLAYING_S, _AT_THE_END_S = 1.0, 4.0, 1.5


class Camera:
    """Takes pictures of an element one after the other, each shown for as long as it took until the next."""

    def __init__(self, filmed: Locator, folder: Path) -> None:
        self._filmed = filmed
        self._folder = folder
        self._taken: list[tuple[Path, float]] = []

    def film(self, ended: Callable[[], bool]) -> None:
        """Go on until something is so."""
        while not ended():
            began = time.monotonic()
            path = self._folder / f"{len(self._taken):04}.png"
            self._filmed.screenshot(path=path)
            self._taken.append((path, began))
            self._filmed.page.wait_for_timeout(max(0.0, _FRAME_S - (time.monotonic() - began)) * 1000)

    def develop(self, target: Path) -> None:
        """Write all that was filmed as an animated WebP."""
        times = [began for _, began in self._taken]
        lasted = [
            after - before
            for before, after in zip(times, [*times[1:], times[-1] + _AT_THE_END_S], strict=True)
        ]
        first, *others = [picture_of(path, _WIDTH_PX) for path, _ in self._taken]
        first.save(
            target,
            save_all=True,
            append_images=others,
            duration=[round(seconds * 1000) for seconds in lasted],
            loop=0,
            quality=70,
            method=6,
            kmax=1,  # each frame for itself: what only changes a little would leave its traces behind
        )


def picture_of(path: Path, width_px: int) -> Image.Image:
    """A screenshot at this width."""
    picture = Image.open(path).convert("RGB")
    return picture.resize(
        (width_px, round(picture.height * width_px / picture.width)), Image.Resampling.LANCZOS
    )


def film(notebook: NotebookPage, folder: Path) -> None:
    """Film a cell from before it is run until its video has played for a while, and photograph the card."""
    panel = notebook.page.locator(".jp-NotebookPanel-notebook")
    card = notebook.card()
    camera = Camera(panel, folder)
    until = time.monotonic() + _BEFORE_S
    camera.film(lambda: time.monotonic() > until)
    notebook.run(0)
    video = card.locator("video:visible")
    camera.film(lambda: video.count() == 1 and video.evaluate("video => video.readyState >= 3"))
    wait_until_it_plays(card)
    until = time.monotonic() + _PLAYING_S
    camera.film(lambda: time.monotonic() > until)
    card.screenshot(path=folder / "played.png")
    camera.develop(ANIMATION)


def photograph(notebook: NotebookPage, folder: Path) -> None:
    """Photograph a card that runs, and put it beside the one that was filmed."""
    notebook.run(0)
    card = notebook.card()
    expect(card).to_have_attribute("data-status", "running")
    expect(card.locator(".rushes-elapsed")).to_have_text("0:03")
    card.screenshot(path=folder / "running.png")
    left, right = Image.open(folder / "running.png"), Image.open(folder / "played.png")
    gap = 16 * _SCALE
    both = Image.new("RGB", (left.width + gap + right.width, max(left.height, right.height)), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + gap, 0))
    both.save(SCREENSHOT, quality=85, method=6)


def main() -> None:
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        server = LabServer(Path(home) / "lab")
        server.start()
        try:
            browser = chromium(playwright)
            context = browser.new_context(viewport={"width": 1000, "height": 760}, device_scale_factor=_SCALE)
            film(NotebookPage(server, context, [_CELL]), Path(home))
            photograph(NotebookPage(server, context, [_CELL]), Path(home))
            browser.close()
        finally:
            server.stop()
    for path in (ANIMATION, SCREENSHOT):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    if ANIMATION.stat().st_size > LARGEST_BYTES:
        sys.exit(f"The animation is larger than {LARGEST_BYTES:,} bytes.")


if __name__ == "__main__":
    main()
