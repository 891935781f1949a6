"""What the card tells to somebody who looks closer, and what it hands over for a bug report."""

from __future__ import annotations

import re
from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import expect

# All that a button says from now on.
WORDS_OF_A_BUTTON = """button => {
  const said = [];
  new MutationObserver(() => said.push(button.textContent))
    .observe(button, { childList: true, characterData: true, subtree: true });
  return said;
}"""


def test_an_error_is_explained_and_its_report_is_copied_without_the_key(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    notebook = open_notebook(
        f"import rushes\nw = {endpoint.create(status='http_403')})\nw", "print(rushes.report(w))"
    )
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    card = notebook.card()
    link = card.get_by_role("link", name="More about this error")
    expect(link).to_have_attribute("href", re.compile(r"^https://.*/errors/permission-denied-error/$"))
    expect(link).to_have_attribute("rel", "noopener noreferrer")

    # By keyboard, which the notebook would otherwise take for its own.
    summary = card.locator("summary", has_text="Details")
    summary.focus()
    summary.press("Enter")
    expect(card.get_by_role("table").get_by_role("row").nth(1)).to_contain_text("403")
    expect(card.get_by_role("region", name="Last answer")).to_contain_text("Insufficient balance")
    expect(summary).to_be_focused()
    notebook.screenshot(pictures, "details-light")
    notebook.set_dark()
    notebook.screenshot(pictures, "details-dark")

    copy = card.get_by_role("button", name="Copy report")
    copy.focus()
    said = notebook.page.evaluate_handle(WORDS_OF_A_BUTTON, copy.element_handle())
    copy.press("Enter")
    # The word stands for two seconds only.
    notebook.page.wait_for_function("said => said.includes('Copied')", arg=said)
    copied = notebook.page.evaluate("() => navigator.clipboard.readText()")
    assert "PermissionDeniedError" in copied
    assert re.search(r"^Host +Jupyter$", copied, re.MULTILINE)
    printed = notebook.run_to_end(1)
    # All but the moment that it was made at.
    assert [line.rstrip() for line in printed.strip().splitlines()[1:]] == copied.splitlines()[1:]
    assert endpoint.api_key not in copied
    told = [frame for frame in notebook.frames if b'"type": "details"' in frame]
    assert told
    assert not [frame for frame in told if endpoint.api_key.encode() in frame]


def test_an_end_that_nobody_sees_is_marked_in_the_title_of_the_tab(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint
) -> None:
    endpoint.holding = True
    notebook = open_notebook(f"import rushes\n{endpoint.create(status='empty')})")
    notebook.run(0)
    page, card = notebook.page, notebook.card()
    expect(card).to_have_attribute("data-status", "running")
    before = page.title()
    _set_hidden(notebook, True)
    endpoint.holding = False
    expect(page).to_have_title(f"✗ {before}")
    expect(card).to_have_attribute("data-status", "empty")
    _set_hidden(notebook, False)
    expect(page).to_have_title(before)


def _set_hidden(notebook: NotebookPage, hidden: bool) -> None:
    """As the browser tells a page whose tab is left, or come back to; a browser without windows hides none."""
    notebook.page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )
