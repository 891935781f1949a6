"""How much longer it usually takes: by what this machine has seen, ticking in a real page."""

from __future__ import annotations

import re
from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import OpenNotebook
from playwright.sync_api import expect

#: Ten earlier operations of the demo's model at this endpoint, as the ledger has them once they were watched.
EARLIER = """
from datetime import datetime, timezone
from rushes.ledger import Ledger
from rushes.operation import Operation
from rushes.data_directory import operation_key
from rushes.reference import Reference

now = datetime.now(timezone.utc)
for number in range(10):
    model, base_url, seconds = "veo-3.1-generate-preview", {base_url!r}, 300.0 + 40 * number
    key = operation_key(base_url, Reference(model, f"earlier{{number}}", None))
    ended = Operation("operations/x", model, key.operation_id, done=True, status="succeeded", create_time=now)
    Ledger().record_start(key, provider="custom", base_url=base_url, label=None, started_at=now)
    Ledger().record_outcome(key, ended, finished_at=now, total_s=seconds, samples=())
"""


def test_the_card_says_how_much_longer_it_usually_takes(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    notebook = open_notebook(
        EARLIER.format(base_url=endpoint.base_url), f"import rushes\n{endpoint.create(seconds=3600)})"
    )
    notebook.run_to_end(0)
    notebook.run(1)
    card = notebook.card(1)
    bar = card.get_by_role("progressbar", name="Progress of the generation")
    usual = re.compile(r"^Usually (\d+ min|\d+ s)( \d+ s)? to \d+ min( \d+ s)? more$")
    expect(bar).to_have_attribute("aria-valuetext", usual)
    expect(card.locator(".rushes-transfer span")).to_have_text(usual)
    shown = bar.evaluate("bar => bar.value")
    assert 0 <= shown < 100
    notebook.wait_until(lambda: bar.evaluate("bar => bar.value") > shown)
    assert card.locator("[role=status]").inner_text() == "", "a tick is not spoken"
    notebook.screenshot(pictures, "time-left-light")
    notebook.set_theme("JupyterLab Dark")
    expect(card.locator(".rushes-transfer span")).to_have_text(usual)
    notebook.screenshot(pictures, "time-left-dark")
