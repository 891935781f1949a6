"""Rushes beside what people use today, in one run."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lab_server import LabServer

from bench.board import measure_board
from bench.browser import Browser
from bench.clips import make_clip
from bench.machine import describe
from bench.many import measure_many
from bench.memory import measure_memory
from bench.playable import measure_playable
from bench.saved import measure_saved
from bench.schedule import measure_schedule
from bench.source import Source
from bench.stand import Stand
from bench.traffic import measure_traffic

#: What needs a page.
_IN_A_PAGE = {
    "playable": measure_playable,
    "saved": measure_saved,
    "memory": measure_memory,
    "traffic": measure_traffic,
    "board": measure_board,
}
#: What needs no page.
_HEADLESS = {"many": measure_many, "schedule": measure_schedule}
_MEGABYTES = (10, 50, 100, 500)


def main() -> None:
    """Measure, and print the tables of README.md."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each time is taken (7)")
    parser.add_argument(
        "--only", choices=[*_IN_A_PAGE, *_HEADLESS], action="append", help="this part alone; may be repeated"
    )
    arguments = parser.parse_args()
    started = time.monotonic()
    names = arguments.only or [*_IN_A_PAGE, *_HEADLESS]
    in_a_page = [name for name in names if name in _IN_A_PAGE]
    if in_a_page:
        with _stand(arguments.rounds) as stand:
            print(describe(stand.browser.version))
            for name in in_a_page:
                print(f"\n{_IN_A_PAGE[name](stand)}", flush=True)
    else:
        print(describe())
    for name in names:
        if name in _HEADLESS:
            print(f"\n{_HEADLESS[name]()}", flush=True)
    print(f"\nTook {time.monotonic() - started:.0f} s.")


@contextlib.contextmanager
def _stand(rounds: int) -> Iterator[Stand]:
    if shutil.which("ffmpeg") is None:
        sys.exit(
            "The clips of the measurements are made by ffmpeg, which is not installed here: apt install ffmpeg."
        )
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


if __name__ == "__main__":
    main()
