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
    rows = []
    for way in (RUSHES, IPYWIDGETS, EMBED):
        notebook = stand.notebook()
        notebook.run("pass")
        source_bytes = len(WAYS[way])
        before = notebook.saved_bytes()
        stand.show(notebook, way, _MEGABYTES)
        time.sleep(_SETTLING_S)
        rows.append((way, f"{notebook.saved_bytes() - before - source_bytes:,}"))
        notebook.close()
    stand.server.end_kernels()
    return table(f"Bytes in the saved notebook, {_MEGABYTES} MB video", ("way", "bytes"), rows)
