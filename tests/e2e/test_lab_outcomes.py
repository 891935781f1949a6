"""Every way in which there is no video: what happened, why, what next."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_page import OpenNotebook, wait_until_playable
from playwright.sync_api import Error, Locator, expect

OUTCOMES = {
    # How the demo ends: the state of the card, its headline, and words that have to be on it.
    "filtered": ("filtered", "Withheld by a safety filter", ["What to do next", "submit again"]),
    "empty": ("empty", "Finished without a video", ["What to do next"]),
    "failed": ("failed", "Failed", ["The generation failed", "What to do next"]),
    "timed_out": ("timed_out", "Timed out", ["Resume"]),
    "http_401": ("failed", "Failed", ["Invalid signature", "HTTP 401", "API key"]),
    "http_403": ("failed", "Failed", ["HTTP 403", "What to do next"]),
    "http_503": ("filtered", "Withheld by a safety filter", ["content policy"]),
}


def test_every_outcome_says_what_happened_why_and_what_next(
    open_notebook: OpenNotebook, pictures: Path
) -> None:
    cells = [f"import rushes\nrushes.demo(seconds=1, status={status!r})" for status in OUTCOMES]
    notebook = open_notebook(*cells)
    for number in range(len(cells)):
        notebook.run(number)
    for number, (status, (state, headline, words)) in enumerate(OUTCOMES.items()):
        card = notebook.card(number)
        expect(card).to_have_attribute("data-status", state)
        expect(card.locator(".rushes-headline")).to_have_text(headline)
        for word in words:
            expect(card).to_contain_text(word, ignore_case=True)
        expect(card.locator("video")).to_have_count(0)
        _take_picture(card, pictures, f"{status}-light")
    notebook.set_theme("JupyterLab Dark")
    for number, status in enumerate(OUTCOMES):
        _take_picture(notebook.card(number), pictures, f"{status}-dark")


def test_a_passing_fault_says_that_it_reconnects_and_when(
    open_notebook: OpenNotebook, pictures: Path
) -> None:
    notebook = open_notebook("import rushes\nrushes.demo(seconds=1, status='http_500')")
    notebook.run(0)
    expect(notebook.card()).to_contain_text("Reconnecting")
    expect(notebook.card()).to_have_attribute("data-status", "running")
    _take_picture(notebook.card(), pictures, "reconnecting-light")


@pytest.mark.parametrize(
    ("status", "words"),
    [("partly_filtered", ["1 of 2 withheld"]), ("audio_filtered", ["Note from"])],
)
def test_a_video_with_something_missing_says_what(
    open_notebook: OpenNotebook, pictures: Path, status: str, words: list[str]
) -> None:
    notebook = open_notebook(f"import rushes\nrushes.demo(seconds=0.2, samples=2, status={status!r})")
    notebook.run(0)
    wait_until_playable(notebook.card())
    for word in words:
        expect(notebook.card()).to_contain_text(word)
    _take_picture(notebook.card(), pictures, f"{status}-light")


def _take_picture(card: Locator, pictures: Path, name: str) -> None:
    """JupyterLab draws an output anew when its display is updated; a picture begun before that is begun again."""
    pictures.mkdir(parents=True, exist_ok=True)
    for attempts_left in (2, 1, 0):
        try:
            card.screenshot(path=pictures / f"{name}.png")
            return
        except Error as error:
            gone = any(words in str(error) for words in ("not attached", "not visible"))
            if not gone or not attempts_left:
                raise
