"""How much larger the saved notebook is with the video in it."""

from __future__ import annotations

import time

from bench.stand import Stand
from bench.table import table
from bench.ways import EMBED, IPYWIDGETS, RUSHES, WAYS

_MEGABYTES = 10
#: The picture of the video comes a moment after it.
_SETTLING_S = 3.0


def measure_saved(stand: Stand) -> str:
    """Each way in a notebook of its own."""
    grown: dict[str, int] = {}
    for way in (RUSHES, IPYWIDGETS, EMBED):
        notebook = stand.notebook()
        notebook.run("pass")
        source_bytes = len(WAYS[way])
        before = notebook.saved_bytes()
        stand.show(notebook, way, _MEGABYTES)
        time.sleep(_SETTLING_S)
        grown[way] = notebook.saved_bytes() - before - source_bytes
        notebook.close()
    stand.server.end_kernels()
    rows = [(way, f"{size:,}", f"{size / grown[EMBED]:.4f}") for way, size in grown.items()]
    return table(
        f"Bytes in the saved notebook, {_MEGABYTES} MB video", ("way", "bytes", "of Video(embed=True)"), rows
    )
