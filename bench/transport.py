"""How a finished video gets into a cell: rushes beside what people use today, in one run."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lab_server import LabServer

from bench.browser import Browser
from bench.clips import make_clip
from bench.machine import describe
from bench.memory import measure_memory
from bench.playable import measure_playable
from bench.saved import measure_saved
from bench.source import Source
from bench.stand import Stand
from bench.traffic import measure_traffic

_PARTS = {
    "playable": measure_playable,
    "saved": measure_saved,
    "memory": measure_memory,
    "traffic": measure_traffic,
}
_MEGABYTES = (10, 50, 100, 500)


def main() -> None:
    """Measure, and print the tables of README.md."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each time is taken (7)")
    parser.add_argument("--only", choices=_PARTS, action="append", help="this part alone; may be repeated")
    arguments = parser.parse_args()
    started = time.monotonic()
    with _stand(arguments.rounds) as stand:
        print(describe(stand.browser.version))
        for name in arguments.only or _PARTS:
            print(f"\n{_PARTS[name](stand)}", flush=True)
    print(f"\nTook {time.monotonic() - started:.0f} s.")


@contextlib.contextmanager
def _stand(rounds: int) -> Iterator[Stand]:
    with tempfile.TemporaryDirectory() as home:
        directory = Path(home)
        clips = {megabytes: make_clip(directory, megabytes) for megabytes in _MEGABYTES}
        server = LabServer(directory / "lab")
        server.start()
        try:
            with Source(clips) as source, Browser() as browser:
                yield Stand(server, browser, source, rounds)
        finally:
            server.stop()
