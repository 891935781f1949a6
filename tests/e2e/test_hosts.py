"""One set of scenarios in every host: from running to a playing video, and all that may come between."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from classic_page import ClassicPage
from endpoint import WatchedEndpoint
from environments import python_with
from host import HostPage, brightness, expect_status
from host_list import HOSTS, Host
from marimo_page import MarimoPage
from notebook_page import NotebookPage, wait_until_it_plays, wait_until_playable
from notebook_server import NotebookServer
from playwright.sync_api import BrowserContext, expect

from rushes.embedded.clips import CLIPS

OpenHost = Callable[..., HostPage]
each_host = pytest.mark.hosts


def among(hosts: Iterable[Host]) -> list[ParameterSet]:
    """These as parameters; one worker has all tests of a host, which it starts once."""
    return [
        pytest.param(
            host,
            id=host.title,
            marks=[pytest.mark.xdist_group(host.title), *([] if host.has_smoke else [each_host])],
        )
        for host in hosts
    ]


HOSTS_OF_NOTEBOOKS = among(host for host in HOSTS if host.page in (NotebookPage, ClassicPage))
HOSTS_OF_MARIMO = among(host for host in HOSTS if host.page is MarimoPage)
HOSTS_TO_EDIT_MARIMO_IN = among(host for host in HOSTS if host.page is MarimoPage and host.keeps_kernel)
DARK_HOSTS = among(host for host in HOSTS if host.has_dark)


@pytest.fixture(scope="session", params=among(HOSTS))
def host(request: pytest.FixtureRequest) -> Host:
    """Each host in turn."""
    found: Host = request.param
    return found


@pytest.fixture(scope="session")
def server(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookServer]:
    """The host, started."""
    python = python_with(*host.requirements) if host.requirements else None
    server = host.server(tmp_path_factory.mktemp("host"), python)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def open_host(host: Host, server: NotebookServer, browser_context: BrowserContext) -> Iterator[OpenHost]:
    """Opens a notebook with these cells in the host; its page must ask no other machine for anything."""
    opened: list[HostPage] = []

    def open_one(*cells: str) -> HostPage:
        opened.append(host.page(server, browser_context, list(cells)))
        return opened[-1]

    yield open_one
    for page in browser_context.pages:
        page.close()
    server.end_kernels()
    assert [url for page in opened for url in page.strangers] == []


@contextmanager
def held_up(page: HostPage, cell: int) -> Iterator[None]:
    """The kernel's main thread is busy meanwhile."""
    held, go = page.path.with_name("held.txt"), page.path.with_name("go.txt")
    page.hold_up(cell)
    wait_for(page, held.exists)
    try:
        yield
    finally:
        go.touch()
        wait_for(page, lambda: not held.exists())
        go.unlink()


def wait_for(page: HostPage, condition: Callable[[], bool]) -> None:
    """Let the page go on until `condition` holds."""
    deadline = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < deadline
        page.page.wait_for_timeout(20)


def picture(page: HostPage, host: Host, pictures: Path, name: str) -> None:
    """The page as it looks, for people."""
    pictures.mkdir(parents=True, exist_ok=True)
    page.page.screenshot(path=pictures / f"{host.title.replace(' ', '-')}-{name}.png")


@pytest.mark.proves("from running to a playing video", "asks no other machine")
def test_a_running_operation_becomes_a_playing_video(
    open_host: OpenHost, host: Host, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    endpoint.holding = True
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw")
    page.run(0)
    card = page.card()
    expect_status(card, "running")
    elapsed = card.locator(".rushes-elapsed")
    shown = elapsed.inner_text()
    assert re.fullmatch(r"\d+:\d\d", shown)
    expect(elapsed).not_to_have_text(shown)
    endpoint.holding = False
    wait_until_it_plays(card)
    expect_status(card, "succeeded")
    picture(page, host, pictures, "light")


@each_host
@pytest.mark.proves("failures in words")
def test_every_way_of_failing_is_told_in_words(open_host: OpenHost, host: Host, pictures: Path) -> None:
    outcomes = {
        "filtered": ("filtered", "submit again"),
        "empty": ("empty", "Finished without a video"),
        "failed": ("failed", "The generation failed"),
        "timed_out": ("timed_out", "Resume"),
        "http_401": ("failed", "HTTP 401"),
    }
    cells = [f"rushes.demo(seconds=1, status={status!r})" for status in outcomes]
    page = open_host(f"import rushes\n{cells[0]}", *cells[1:])
    for number, (status, words) in enumerate(outcomes.values()):
        page.run(number)
        expect_status(page.card(number), status)
        expect(page.card(number)).to_contain_text(words)
    picture(page, host, pictures, "outcomes")


@each_host
@pytest.mark.proves("stop and resume")
def test_stop_and_resume(open_host: OpenHost, endpoint: WatchedEndpoint) -> None:
    endpoint.holding = True
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw")
    page.run(0)
    page.card().get_by_role("button", name="Stop watching").click()
    expect_status(page.card(), "stopped")
    expect(page.card()).to_contain_text("may be billed")
    page.card().get_by_role("button", name="Resume watching").click()
    expect_status(page.card(), "running")
    endpoint.holding = False
    wait_until_playable(page.card())


@each_host
@pytest.mark.proves("key typed into the card")
def test_a_missing_key_is_typed_into_the_card(open_host: OpenHost, endpoint: WatchedEndpoint) -> None:
    page = open_host(f"import rushes\nw = {endpoint.create().partition(', api_key')[0]})\nw")
    page.run(0)
    expect(page.card()).to_contain_text("There is no API key")
    field = page.card().locator("input[type=password]")
    field.fill(endpoint.api_key)
    field.press("Enter")
    wait_until_playable(page.card())
    assert endpoint.api_key not in page.page.content()


@each_host
@pytest.mark.proves("reload")
def test_a_page_that_is_loaded_anew_goes_on_where_it_stood(
    open_host: OpenHost, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw")
    page.run(0)
    expect_status(page.card(), "running")
    page.reload()
    expect_status(page.card(), "running")
    endpoint.holding = False
    wait_until_it_plays(page.card())
    asked = endpoint.asked["file"]
    page.reload()
    wait_until_it_plays(page.card())
    assert endpoint.asked["file"] == asked


@each_host
@pytest.mark.proves("submits once")
def test_a_page_that_runs_the_notebook_anew_submits_nothing_twice(
    open_host: OpenHost, host: Host, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    page = open_host(endpoint.submit(f"storm in {host.title}"))
    page.run(0)
    expect_status(page.card(), "running")
    for _ in range(2):
        page.reload()
        page.run(0)
        expect_status(page.card(), "running")
    if not host.keeps_kernel:
        expect(page.card()).to_contain_text("reused, submitted")
    endpoint.holding = False
    wait_until_it_plays(page.card())
    page.reload()
    page.run(0)
    wait_until_it_plays(page.card())
    assert (endpoint.asked["submit"], endpoint.asked["file"]) == (1, 2)


@each_host
@pytest.mark.proves("busy kernel")
def test_the_video_comes_while_the_kernel_is_busy(
    open_host: OpenHost, host: Host, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw", host.blocking_cell)
    page.run(0)
    expect_status(page.card(), "running")
    with held_up(page, 1):
        endpoint.holding = False
        wait_until_it_plays(page.card())
        expect_status(page.card(), "succeeded")


@each_host
@pytest.mark.proves("a click waits in words")
def test_a_click_while_the_kernel_is_busy_is_told_to_wait_and_counts(
    open_host: OpenHost, host: Host, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw", host.blocking_cell)
    page.run(0)
    expect_status(page.card(), "running")
    with held_up(page, 1):
        page.card().get_by_role("button", name="Stop watching").click()
        # ipykernel 7 may take it up at once, on a subshell.
        expect(page.card()).to_contain_text(re.compile("Waiting for the running cell|Stopped watching"))
    expect_status(page.card(), "stopped")


@each_host
@pytest.mark.proves("save button")
def test_the_file_that_the_card_saves_is_the_video(open_host: OpenHost, endpoint: WatchedEndpoint) -> None:
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw")
    page.run(0)
    wait_until_playable(page.card())
    with page.page.expect_download() as download:
        page.card().get_by_role("link", name="Save video").click()
    assert Path(download.value.path()).read_bytes() in [clip.data for clip in CLIPS]


@each_host
@pytest.mark.parametrize("host", HOSTS_OF_NOTEBOOKS, indirect=True)
@pytest.mark.proves("kept for readers without a kernel")
def test_the_saved_notebook_keeps_the_outcome(open_host: OpenHost, endpoint: WatchedEndpoint) -> None:
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw")
    assert isinstance(page, (NotebookPage, ClassicPage))
    page.run(0)
    wait_until_playable(page.card())
    wait_for(page, lambda: "Finished after" in page.save())


@each_host
@pytest.mark.proves("two views, one video")
def test_two_views_share_one_video(open_host: OpenHost, endpoint: WatchedEndpoint) -> None:
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw", "w")
    page.run(0)
    wait_until_it_plays(page.card(0))
    page.run(1)
    wait_until_it_plays(page.card(1))
    sources = {page.card(cell).locator("video:visible").get_attribute("src") for cell in (0, 1)}
    assert len(sources) == 1
    assert endpoint.asked["file"] == 2


@each_host
@pytest.mark.parametrize("host", DARK_HOSTS, indirect=True)
@pytest.mark.proves("dark and light")
def test_the_card_takes_the_colours_of_the_theme(
    open_host: OpenHost, host: Host, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    page = open_host(f"import rushes\nw = {endpoint.create()})\nw")
    page.run(0)
    wait_until_playable(page.card())
    assert brightness(page.card()) > 200
    page.set_dark()
    wait_until_playable(page.card())
    wait_for(page, lambda: brightness(page.card()) < 80)
    picture(page, host, pictures, "dark")


@each_host
@pytest.mark.parametrize("host", HOSTS_OF_MARIMO, indirect=True)
@pytest.mark.proves("cells follow its value")
def test_in_marimo_the_cells_that_read_its_value_follow_the_status(
    open_host: OpenHost, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    page = open_host(
        f"import marimo as mo, rushes\nw = mo.ui.anywidget({endpoint.create()}))\nw",
        "runs = []",
        "runs.append(w.value['status'])\nmo.md(f'read {runs[-1]} in {len(runs)} runs')",
    )
    expect_status(page.card(), "running")
    expect(page.page.get_by_text("read running")).to_be_visible()
    endpoint.holding = False
    wait_until_it_plays(page.card())
    expect(page.page.get_by_text("read succeeded")).to_be_visible()


# Where pickle looks for what the cells define. A shell of IPython's would put another in its place.
COMPARE_MAIN = """\
import marimo as mo, sys
main = sys.modules["__main__"]
compare = mo.ui.button(label="Compare", on_click=lambda value: sys.modules["__main__"] is main)
compare"""


@each_host
@pytest.mark.parametrize("host", HOSTS_TO_EDIT_MARIMO_IN, indirect=True)
def test_in_marimo_a_cell_that_runs_again_gets_one_video_and_disturbs_neither_page_nor_process(
    open_host: OpenHost, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    page = open_host(
        f"import rushes\nw = {endpoint.create()})\nw",
        COMPARE_MAIN,
        "mo.md(f'the same main: {compare.value}')",
    )
    assert isinstance(page, MarimoPage)
    for _ in range(2):
        expect_status(page.card(), "running")
        card = page.card().element_handle()
        page.run_again(0)
        page.page.wait_for_function("card => !card.isConnected", arg=card)
    expect_status(page.card(), "running")
    endpoint.holding = False
    wait_until_it_plays(page.card())
    assert endpoint.asked["file"] == 2
    assert len(page.models_sent_chunks()) == 1
    expect_status(page.card(), "succeeded")
    page.page.get_by_role("button", name="Compare").click()
    expect(page.page.get_by_text("the same main: True")).to_be_visible()
    assert page.errors == []
