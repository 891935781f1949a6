"""From the request for the finished file to a video that can be played."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from statistics import median

from bench.notebook import Notebook
from bench.stand import Stand
from bench.table import table
from bench.ways import EMBED, FETCH, FLOOR, IPYWIDGETS, OPENED_LATE, RUSHES

_RATE = 5
_CASES = ((10, 0), (50, 0), (10, _RATE), (50, _RATE))
_DOWNLOAD = "download alone"

Times = dict[str, list[float]]


def measure_playable(stand: Stand) -> str:
    """Each way in turn, `rounds` times, in another order each time: what one leaves behind for the page's garbage
    collector is not always paid for by the same next one.
    """
    notebook = stand.notebook()
    shuffled = random.Random(0)
    measured: dict[tuple[int, int], Times] = {}
    for megabytes, rate in _CASES:
        times = measured[megabytes, rate] = defaultdict(list)
        ways = [RUSHES, IPYWIDGETS, EMBED] if rate else [RUSHES, OPENED_LATE, IPYWIDGETS, EMBED, FLOOR]
        for turn in range(stand.rounds + 1):
            shuffled.shuffle(ways)
            for way in ways:
                if way == FLOOR:
                    number, took_s = _fetch(stand, notebook, megabytes)
                else:
                    number, took_s = stand.show(notebook, way, megabytes, rate)
                    stand.clean_up(notebook)
                if not turn and not rate:
                    continue  # the first of each is only to warm up
                times[way].append(took_s)
                if way == IPYWIDGETS:
                    times[_DOWNLOAD].append(_downloaded_at(notebook, number) - stand.source.began[number])
            if rate and turn + 1 == stand.rounds:
                break
    notebook.close()
    return "\n\n".join((_fast_table(measured), _slow_table(measured)))


def _downloaded_at(notebook: Notebook, number: int) -> float:
    at: float = json.loads(notebook.run(f"print(downloaded[{number}])", cell=2))
    return at


def _fetch(stand: Stand, notebook: Notebook, megabytes: int) -> tuple[int, float]:
    number, name = stand.next_file(megabytes)
    notebook.tab.evaluate(FETCH.format(url=f"{stand.source.url}/files/{name}"))
    return number, notebook.playable_at() - stand.source.began[number]


def _fast_table(measured: dict[tuple[int, int], Times]) -> str:
    rows = []
    for megabytes, rate in _CASES:
        if rate:
            continue
        times = measured[megabytes, rate]
        for way in (RUSHES, OPENED_LATE, IPYWIDGETS, EMBED, FLOOR):
            own = median(times[way])
            rows.append(
                (
                    f"{megabytes} MB",
                    way,
                    _seconds(times[way]),
                    f"{own / median(times[IPYWIDGETS]):.2f}",
                    f"{own / median(times[FLOOR]):.1f}",
                )
            )
    return table(
        "Fast source", ("file", "way", "median (range)", "of ipywidgets.Video", "of the floor"), rows
    )


def _slow_table(measured: dict[tuple[int, int], Times]) -> str:
    rows = []
    for megabytes, rate in _CASES:
        if not rate:
            continue
        times = measured[megabytes, rate]
        for way in (RUSHES, IPYWIDGETS, EMBED, _DOWNLOAD):
            ratio = median(times[way]) / median(times[_DOWNLOAD])
            rows.append((f"{megabytes} MB", way, _seconds(times[way]), f"{ratio:.2f}"))
    return table(f"Source of {_RATE} MB/s", ("file", "way", "median (range)", "of the download alone"), rows)


def _seconds(times: list[float]) -> str:
    return f"{median(times):.2f} s ({min(times):.2f} to {max(times):.2f})"
