"""Pages come and go, kernels are busy: the video is there, from the kernel's file, without another download."""

from __future__ import annotations

from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook, wait_until_it_plays, wait_until_playable
from playwright.sync_api import Locator, Page, expect
from timing import wait_until

# Blocks the kernel's main thread until a test says so by making the file.
BUSY = "import pathlib, time\nwhile not pathlib.Path('go.txt').exists():\n    time.sleep(0.05)\nprint('idle again')"


def end_what_blocks(notebook: NotebookPage, output: Locator) -> None:
    """The cell with `BUSY`, which has to run until now."""
    assert "idle again" not in output.inner_text()
    go = notebook.path.with_name("go.txt")
    go.touch()
    expect(output).to_contain_text("idle again")
    go.unlink()


def test_after_a_reload_the_video_is_there_without_another_download(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    notebook = open_notebook(f"import rushes\nw = {endpoint.create()})\nw")
    notebook.run(0)
    wait_until_playable(notebook.card())
    asked = dict(endpoint.asked)
    notebook.reload()
    wait_until_it_plays(notebook.card())
    assert dict(endpoint.asked) == asked


def test_a_reload_while_it_runs_goes_on_where_it_stands(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    notebook = open_notebook(f"import rushes\n{endpoint.create()})")
    notebook.run(0)
    expect(notebook.card()).to_have_attribute("data-status", "running")
    notebook.reload()
    expect(notebook.card()).to_have_attribute("data-status", "running")
    endpoint.holding = False
    wait_until_playable(notebook.card())


def test_the_same_operation_in_another_cell_or_after_a_restart_is_not_downloaded_again(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    line = f"import rushes\n{endpoint.create()})"
    notebook = open_notebook(line, line, "import os\nos._exit(0)")
    notebook.run(0)
    wait_until_playable(notebook.card(0))
    asked = dict(endpoint.asked)
    notebook.run(1)
    wait_until_playable(notebook.card(1))
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    notebook.wait_for_kernel()
    notebook.run(1)
    wait_until_it_plays(notebook.card(1))
    assert dict(endpoint.asked) == asked


def test_two_views_of_one_model_share_one_video(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("import rushes\nw = rushes.demo(seconds=2)\nw", "w", "len(w.result())")
    notebook.run(0)
    notebook.run(1)
    for card in (notebook.card(0), notebook.card(1)):
        wait_until_it_plays(card)
    sources = {notebook.card(cell).locator("video:visible").get_attribute("src") for cell in (0, 1)}
    assert len(sources) == 1
    notebook.page.evaluate(
        "() => { const { shell, commands } = window.jupyterapp;"
        " shell.currentWidget.content.activeCellIndex = 0; return commands.execute('notebook:clear-cell-output'); }"
    )
    expect(notebook.card(0)).to_have_count(0)
    wait_until_it_plays(notebook.card(1))


def test_under_a_busy_kernel_the_video_arrives_and_plays(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    notebook = open_notebook(f"import rushes\n{endpoint.create()})", BUSY)
    notebook.run(0)
    expect(notebook.card()).to_have_attribute("data-status", "running")
    output = notebook.run(1)
    expect(notebook.prompt(1)).to_have_text("[*]:")
    endpoint.holding = False
    wait_until_it_plays(notebook.card())
    expect(notebook.card()).to_have_attribute("data-status", "succeeded")
    end_what_blocks(notebook, output)


def test_a_kept_video_plays_under_the_very_cell_that_shows_it_and_blocks(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    line = f"{endpoint.create()})"
    notebook = open_notebook(
        f"import rushes\n{line}", f"from IPython.display import display\ndisplay({line})\n{BUSY}"
    )
    notebook.run(0)
    wait_until_playable(notebook.card())
    output = notebook.run(1)
    wait_until_it_plays(notebook.card(1))
    end_what_blocks(notebook, output)


def test_after_a_reload_the_video_plays_under_the_very_cell_that_shows_it_anew_and_blocks(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    notebook = open_notebook(
        f"import rushes\nw = {endpoint.create()})\nw",
        f"from IPython.display import display\ndisplay(w)\n{BUSY}",
    )
    notebook.run(0)
    wait_until_playable(notebook.card())
    notebook.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    expect(notebook.card()).to_have_count(0)
    notebook.reload()
    output = notebook.run(1)
    wait_until_it_plays(notebook.card(1))
    end_what_blocks(notebook, output)


def as_a_person_closes(page: Page) -> None:
    """With what a page does when it goes; Playwright's own way may leave that out."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.close(run_before_unload=True)


def test_a_tab_that_is_closed_is_sent_nothing_more_and_another_still_is(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    notebook = open_notebook(
        f"import rushes\nw = {endpoint.create()})\nw",
        "import pathlib, threading, time\ndef told(condition, name):\n    while not condition(): time.sleep(0.02)\n"
        "    pathlib.Path(name).touch()\ndef tell():\n    told(lambda: len(w._page._pages) == 2, 'both.txt')\n"
        "    told(lambda: not w._page.pushes, 'nobody.txt')\nthreading.Thread(target=tell, daemon=True).start()",
    )
    notebook.run(0)
    notebook.run_to_end(1)
    other = notebook.in_another_tab()
    other.wait_until((notebook.path.parent / "both.txt").exists)
    as_a_person_closes(notebook.page)
    asked = endpoint.asked["poll"]
    other.wait_until(lambda: endpoint.asked["poll"] > asked)
    assert not (notebook.path.parent / "nobody.txt").exists()
    as_a_person_closes(other.page)
    wait_until((notebook.path.parent / "nobody.txt").exists, "the kernel still believes that a page shows it")


def test_closing_takes_the_card_away(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("import rushes\nw = rushes.demo(seconds=60)\nw", "w.close()")
    notebook.run(0)
    expect(notebook.card()).to_have_count(1)
    notebook.run_to_end(1)
    expect(notebook.card()).to_have_count(0)
