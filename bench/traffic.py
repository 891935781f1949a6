"""How long other messages of the notebook wait while a video travels."""

from __future__ import annotations

import json
from bisect import bisect_left
from statistics import median

from bench.link import Link
from bench.stand import Stand
from bench.table import table
from bench.ways import IPYWIDGETS, RUSHES

_MEGABYTES = 100
_MBIT_PER_S = 20
_TICKS = """
class Ticks:
    def __init__(self):
        self.label = ipywidgets.Label("0")
        self.traits, self.lines = [], []
        self.ticking = True
    def run(self):
        # Not printed: what a thread prints goes to whichever cell ran last.
        self.line = display({"text/plain": "<0>"}, raw=True, display_id=True)
        while self.ticking:
            self.traits.append(time.time())
            self.label.value = repr(self.traits[-1])
            if len(self.traits) % 4 == 0:
                self.lines.append(time.time())
                self.line.update({"text/plain": f"<{self.lines[-1]!r}>"}, raw=True)
            time.sleep(0.05)
ticks = Ticks()
display(ticks.label)
thread = threading.Thread(target=ticks.run, daemon=True)
thread.start()
"""
# What counts is when it stands in the page. An observer may be called once for several changes: each entry is the
# newest of them.
_OBSERVE = """(async () => {
    window.seen = { traits: [], lines: [] };
    const output = window.jupyterapp.shell.currentWidget.content.widgets[2].node;
    const find = async (selector) => {
        for (;;) {
            const node = output.querySelector(selector);
            if (node) return node;
            await new Promise(resolve => setTimeout(resolve, 20));
        }
    };
    const note = (list, text) => list.push([Date.now() / 1000, parseFloat(text)]);
    const label = await find('.widget-label');
    new MutationObserver(() => note(seen.traits, label.textContent))
        .observe(label, { childList: true, characterData: true, subtree: true });
    const area = output.querySelector('.jp-OutputArea');
    new MutationObserver(() => {
        const line = area.textContent.match(/.*<([\\d.]+)>/s);
        if (line) note(seen.lines, line[1]);
    }).observe(area, { childList: true, characterData: true, subtree: true });
})()"""


def measure_traffic(stand: Stand) -> str:
    """A widget that changes 20 times a second, and an output 5 times a second, beside each way."""
    rows = []
    with Link(int(stand.server.url.rpartition(":")[2])) as link:
        for mbit_per_s in (None, _MBIT_PER_S):
            measured = {way: _beside(stand, link, way, mbit_per_s) for way in (RUSHES, IPYWIDGETS)}
            usual_s = max(measured[IPYWIDGETS][1])
            for way, (took_s, traits, lines) in measured.items():
                rows.append(
                    (
                        "loopback" if mbit_per_s is None else f"{mbit_per_s} Mbit/s",
                        way,
                        f"{took_s:.1f} s",
                        _delays(traits),
                        _delays(lines),
                        f"{max(traits) / usual_s:.3f}",
                    )
                )
    return table(
        f"Delay of other messages, {_MEGABYTES} MB video",
        (
            *(
                "link",
                "way",
                "playable after",
                "a widget's trait: max (median)",
                "a cell's output: max (median)",
            ),
            "trait's max, of ipywidgets.Video",
        ),
        rows,
    )


def _beside(
    stand: Stand, link: Link, way: str, mbit_per_s: float | None
) -> tuple[float, list[float], list[float]]:
    notebook = stand.notebook(url=link.url)
    notebook.run(_TICKS, cell=2)
    notebook.tab.evaluate(_OBSERVE)
    link.limit(mbit_per_s)
    try:
        number, took_s = stand.show(notebook, way, _MEGABYTES)
        began = stand.source.began[number]
        notebook.wait_for(f"seen.traits.length > 0 && seen.traits.at(-1)[1] > {began + took_s}")
        notebook.wait_for(f"seen.lines.length > 0 && seen.lines.at(-1)[1] > {began + took_s}")
    finally:
        link.limit(None)
    seen = notebook.tab.evaluate("window.seen")
    sent = json.loads(notebook.run("ticks.ticking = False; print([ticks.traits, ticks.lines])"))
    notebook.close()
    stand.server.end_kernels()
    delays = [
        _waits(ticks, observed, began, began + took_s)
        for ticks, observed in zip(sent, (seen["traits"], seen["lines"]), strict=True)
    ]
    return took_s, delays[0], delays[1]


def _waits(ticks: list[float], observed: list[list[float]], begin: float, end: float) -> list[float]:
    """For each tick in this time, the seconds until it, or a later one, stood in the page."""
    newest = [value for _, value in observed]
    return [
        observed[bisect_left(newest, tick)][0] - tick
        for tick in ticks
        if begin <= tick <= end and newest and newest[-1] >= tick
    ]


def _delays(delays: list[float]) -> str:
    return f"{max(delays) * 1000:.0f} ms ({median(delays) * 1000:.0f})" if delays else "none"
