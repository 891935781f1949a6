"""A card without an operation asks for one, and becomes the watch."""

from __future__ import annotations

from pathlib import Path

from endpoint import WatchedEndpoint
from notebook_page import OpenNotebook, wait_until_playable
from playwright.sync_api import expect


def test_a_form_is_filled_in_and_becomes_the_watch(
    open_notebook: OpenNotebook, endpoint: WatchedEndpoint, pictures: Path
) -> None:
    endpoint.holding = True
    name = endpoint.create_operation(seconds=0)
    notebook = open_notebook(
        "import rushes\nw = rushes.OperationWidget()\nw", "print(w.operation_id, len(w.result()))"
    )
    output = notebook.run(0)
    form = output.get_by_role("form", name="Watch a video operation")
    model, operation, key = (form.get_by_label(text) for text in ("Model name", "Operation ID", "API key"))
    expect(model).to_be_visible()
    notebook.screenshot(pictures, "form-light")
    model.fill("veo-3.1-generate-preview")
    operation.fill("not an operation")
    key.fill(endpoint.api_key)
    operation.press("Enter")
    expect(form).to_contain_text("The operation ID has ' ' in it, which none has.")
    expect(operation).to_be_focused()
    expect(operation).to_have_attribute("aria-invalid", "true")
    expect(key).to_have_value("")
    notebook.screenshot(pictures, "form-error-light")
    notebook.set_theme("JupyterLab Dark")
    notebook.screenshot(pictures, "form-error-dark")
    model.fill("")
    operation.fill(f"{endpoint.base_url}/v1beta/{name}")
    operation.press("Enter")  # the kernel has kept the key
    expect(notebook.card()).to_be_focused()
    expect(form).to_be_hidden()
    endpoint.holding = False
    wait_until_playable(notebook.card())
    assert f"{name.rpartition('/')[2]} 1" in notebook.run_to_end(1)
    assert endpoint.api_key not in notebook.page.content()
    assert not notebook.received(endpoint.api_key)
    assert endpoint.api_key not in notebook.save()


def test_a_form_without_a_key_says_where_it_looked(open_notebook: OpenNotebook, pictures: Path) -> None:
    notebook = open_notebook("import rushes\nrushes.OperationWidget()")
    output = notebook.run(0)
    form = output.get_by_role("form")
    form.get_by_label("Model name").fill("veo-3.1-generate-preview")
    form.get_by_label("Operation ID").fill("mg3pt9cbmvr1")
    form.get_by_role("button", name="Watch").click()
    expect(form).to_contain_text("There is no API key. Looked at: GPTPROTO_API_KEY in the environment")
    expect(form.get_by_label("API key")).to_be_focused()
    notebook.screenshot(pictures, "form-key-light")
