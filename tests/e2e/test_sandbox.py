"""A frame with an origin of its own, as Colab and VS Code put outputs into: no storage, no cookies, no server."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

import rushes
from rushes.embedded.clips import CLIPS
from rushes.snapshot import Caption, Snapshot, take_snapshot
from rushes.transfer import CHUNK_BYTES
from rushes.watch_state import SampleState, WatchState

BUNDLE = Path(rushes.__file__).parent / "static"
# A host of a few lines: the model is there with its state, and answers pulls with the bytes of a clip.
FRAME = """<!doctype html><html><body><style>%(style)s</style><div id="el"></div><script type="module">
const { code, snapshot, clip, size } = JSON.parse(%(given)s);
const bytes = Uint8Array.from(atob(clip), character => character.charCodeAt(0));
const listeners = {};
const signal = new AbortController().signal;
const model = {
    get: name => ({ snapshot, status: snapshot.status })[name],
    on: (name, callback) => (listeners[name] ??= []).push(callback),
    off() {},
    send(request) {
        for (const index of request.chunks ?? []) if (request.type === "pull")
            queueMicrotask(() => listeners["msg:custom"].forEach(callback => callback(
                { type: "chunk", sample: 0, generation: 0, index, count: 1, chunk_bytes: size },
                [new DataView(bytes.slice(index * size, (index + 1) * size).buffer)],
            )));
    },
};
const module = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
const widget = module.default();
widget.initialize({ model, signal });
widget.render({ model, signal, el: document.getElementById("el") });
let storage = "allowed";
try { localStorage.length; } catch { storage = "refused"; }
document.body.dataset.origin = self.origin;
document.body.dataset.storage = storage;
</script></body></html>"""

PLAY = """async video => {
    video.muted = true;
    await video.play();
    while (video.currentTime < 0.2) await new Promise(requestAnimationFrame);
}"""


def snapshot(size: int) -> Snapshot:
    """That of an operation whose video is ready."""
    sample = SampleState(state="ready", bytes_done=size, bytes_total=size)
    state = WatchState(status="succeeded", attempt=1, started_at=0.0, samples=(sample,))
    return take_snapshot(state, Caption("veo-3.1", "op1", "GPTProto"), version=1, now=0.0)


# googlecolab/colabtools, google/colab/output: outputs are frames of another origin. microsoft/vscode,
# src/vs/workbench/contrib/webview/browser/pre/index.html: a web view is one, too.
@pytest.mark.proves("from running to a playing video", "asks no other machine", host="Colab")
@pytest.mark.proves("from running to a playing video", "asks no other machine", host="VS Code")
def test_in_a_sandboxed_frame_without_an_origin_the_video_plays(browser_context: BrowserContext) -> None:
    clip = CLIPS[0].data
    given = {
        "code": (BUNDLE / "widget.js").read_text(encoding="utf-8"),
        "snapshot": snapshot(len(clip)),
        "clip": base64.b64encode(clip).decode("ascii"),
        "size": CHUNK_BYTES,
    }
    style = (BUNDLE / "widget.css").read_text(encoding="utf-8")
    literal = json.dumps(json.dumps(given)).replace("</", "<\\/")
    page = browser_context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content('<iframe sandbox="allow-scripts" width="700" height="800"></iframe>')
    page.locator("iframe").evaluate(
        "(frame, html) => { frame.srcdoc = html; }", FRAME % {"style": style, "given": literal}
    )
    frame = page.frame_locator("iframe")
    expect(frame.locator("body")).to_have_attribute("data-origin", "null")
    expect(frame.locator("body")).to_have_attribute("data-storage", "refused")
    # In the frame itself: what waits in a page does not see into one of another origin.
    frame.locator("section.rushes video:visible").evaluate(PLAY)
    page.close()
    assert [url for url in asked if not url.startswith(("about:", "blob:", "data:"))] == []
