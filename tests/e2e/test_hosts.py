"""Other kernels and another front end: the video comes under a cell that blocks, and after a reload."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from classic_page import ClassicPage, ClassicServer
from endpoint import WatchedEndpoint
from environments import python_with
from lab_server import LabServer
from notebook_page import NotebookPage, OpenNotebook, wait_until_it_plays
from playwright.sync_api import BrowserContext, expect

pytestmark = pytest.mark.hosts

#: 6 has one shell, 7 serves widgets on a subshell, 7.4 routes each message to the shell that spoke last.
KERNELS = ("6.31", "7.1", "7.4")
# Blocks the kernel's main thread until the test makes the file.
BLOCKING = "import pathlib, time\nwhile not pathlib.Path('go.txt').exists():\n    time.sleep(0.05)\nprint('idle again')"


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest, lab_server: LabServer) -> str:
    """A kernel of this version of ipykernel, by its name."""
    name = f"ipykernel-{request.param}"
    lab_server.add_kernel(name, python_with(f"ipykernel=={request.param}.*"))
    return name


@pytest.fixture(scope="module")
def classic_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassicServer]:
    """nbclassic, with the kernel that it came with."""
    python = python_with("nbclassic==1.3.*", "ipykernel==6.31.*")
    server = ClassicServer(tmp_path_factory.mktemp("classic"), python)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def classic(
    classic_server: ClassicServer, browser_context: BrowserContext, endpoint: WatchedEndpoint
) -> Iterator[ClassicPage]:
    page = ClassicPage(classic_server, browser_context, cells(endpoint))
    yield page
    page.page.close()
    classic_server.end_kernels()


def cells(endpoint: WatchedEndpoint) -> list[str]:
    endpoint.holding = True
    return [
        f"import rushes\nw = {endpoint.create()})\nw",
        BLOCKING,
        "import ipykernel\nprint(ipykernel.__version__)",
    ]


def check_video_under_a_blocking_cell(page: NotebookPage | ClassicPage, endpoint: WatchedEndpoint) -> None:
    """The video comes and plays while the kernel's main thread is held; after a reload it is there again."""
    go = page.path.with_name("go.txt")
    page.run(0)
    expect(page.card()).to_have_attribute("data-status", "running")
    page.run(1)
    page.wait_until_it_runs(1)
    endpoint.holding = False
    wait_until_it_plays(page.card())
    expect(page.card()).to_have_attribute("data-status", "succeeded")
    expect(page.output(1)).not_to_contain_text("idle again")
    go.touch()
    expect(page.output(1)).to_contain_text("idle again")
    go.unlink()
    page.reload()
    wait_until_it_plays(page.card())
    assert endpoint.asked["file"] == 2


def test_every_kernel_sends_the_video_while_a_cell_blocks_it(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, kernel: str
) -> None:
    notebook = open_notebook(*cells(endpoint), kernel=kernel)
    assert kernel.partition("-")[2] in notebook.run_to_end(2)
    check_video_under_a_blocking_cell(notebook, endpoint)


def test_the_classic_notebook_shows_the_video_while_a_cell_blocks_its_kernel(
    classic: ClassicPage, endpoint: WatchedEndpoint
) -> None:
    check_video_under_a_blocking_cell(classic, endpoint)
