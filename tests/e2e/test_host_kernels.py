"""Other kernels: the video comes under a cell that blocks, and after a reload."""

from __future__ import annotations

import pytest
from endpoint import WatchedEndpoint
from environments import python_with
from lab_server import LabServer
from notebook_page import OpenNotebook, wait_until_it_plays
from playwright.sync_api import expect

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


def test_every_kernel_sends_the_video_while_a_cell_blocks_it(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, kernel: str
) -> None:
    endpoint.holding = True
    page = open_notebook(
        f"import rushes\nw = {endpoint.create()})\nw",
        BLOCKING,
        "import ipykernel\nprint(ipykernel.__version__)",
        kernel=kernel,
    )
    assert kernel.partition("-")[2] in page.run_to_end(2)
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
