"""A video travels into the page while the kernel still downloads it, and the page never mixes two files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from clips import box
from faults import Change, FaultServer, Resource, Stall, finished
from notebook_page import OpenNotebook, wait_until_it_plays
from playwright.sync_api import Locator, expect

from rushes.embedded.clips import CLIPS
from rushes.transfer import CHUNK_BYTES

FILE = "/v1beta/files/abc123:download"
TOTAL_BYTES = 20 * CHUNK_BYTES


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """An endpoint whose file server falls silent in the middle, until the test lets it go on."""
    with FaultServer() as server:
        server.operation("veo", "op1", finished(server.url(FILE)))
        yield server


def watching(server: FaultServer) -> str:
    return f"import rushes\nrushes.watch('veo', 'op1', base_url={server.origin!r}, api_key={server.key!r})"


def long_clip(number: int) -> bytes:
    """A clip that plays, made longer by a box that players skip."""
    clip = CLIPS[number].data
    return clip + box(b"free", bytes(TOTAL_BYTES - len(clip) - 8))


def sha256_in_page(card: Locator) -> str:
    """Of the file that the video plays."""
    digest: str = card.locator("video:visible").evaluate(
        """async video => {
            const bytes = await (await fetch(video.src)).arrayBuffer();
            const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
            return Array.from(digest, byte => byte.toString(16).padStart(2, "0")).join("");
        }"""
    )
    return digest


def test_what_is_downloaded_is_in_the_page_before_the_download_ends_and_only_the_rest_goes_then(
    open_notebook: OpenNotebook, server: FaultServer
) -> None:
    content = long_clip(0)
    server.serve(FILE, Resource(content), Stall(after_bytes=19 * CHUNK_BYTES + 1000))
    notebook = open_notebook(watching(server))
    notebook.run(0)
    card = notebook.card()
    # The last bytes before a silence may still be gathered.
    notebook.wait_until(lambda: len(notebook.chunks()) >= 17)
    expect(card).to_have_attribute("data-status", "downloading")
    expect(card.locator("video")).to_have_count(0)
    before = len(notebook.chunks())
    server.release()
    wait_until_it_plays(card)
    # A page that hears nothing for a second asks, so one may come twice.
    assert {index for _, index in notebook.chunks()} == set(range(20))
    assert {index for _, index in notebook.chunks()[before:]} <= {17, 18, 19}
    assert sha256_in_page(card) == hashlib.sha256(content).hexdigest()


def test_a_file_that_changed_while_it_came_starts_over_and_the_page_never_mixes_two(
    open_notebook: OpenNotebook, server: FaultServer
) -> None:
    first, second = Resource(long_clip(0), etag='"first"'), Resource(long_clip(1), etag='"second"')
    server.serve(FILE, first, Stall(after_bytes=12 * CHUNK_BYTES), Change(second))
    notebook = open_notebook(watching(server))
    notebook.run(0)
    card = notebook.card()
    notebook.wait_until(lambda: len(notebook.chunks()) >= 10)
    server.release()
    wait_until_it_plays(card)
    generations = [generation for generation, _ in notebook.chunks()]
    assert generations == sorted(generations)
    assert len(set(generations)) == 2
    assert {index for generation, index in notebook.chunks() if generation == max(generations)} == set(
        range(20)
    )
    assert sha256_in_page(card) == hashlib.sha256(second.content).hexdigest()
    expect(card).to_have_attribute("data-status", "succeeded")


def test_a_page_that_is_loaded_during_the_download_gets_the_whole_video_without_another_one(
    open_notebook: OpenNotebook, server: FaultServer
) -> None:
    content = long_clip(0)
    # A kernel that hears nothing for long asks again: it is kept waiting whatever the reload takes.
    server.serve(FILE, Resource(content), Stall(after_bytes=12 * CHUNK_BYTES), *[Stall()] * 3)
    notebook = open_notebook(watching(server))
    notebook.run(0)
    notebook.wait_until(lambda: len(notebook.chunks()) >= 10)
    notebook.reload()
    expect(notebook.card()).to_have_attribute("data-status", "downloading")
    asked = len(server.requests)
    server.release()
    wait_until_it_plays(notebook.card())
    assert sha256_in_page(notebook.card()) == hashlib.sha256(content).hexdigest()
    # What was cut goes on where it was.
    ranges = [request.headers.get("range") for request in server.requests[asked:]]
    assert ranges
    assert None not in ranges
