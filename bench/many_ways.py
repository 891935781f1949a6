"""The ways to watch many operations at once that are compared. Each runs in a kernel of its own."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import psutil

MODEL = "veo-3.1-generate-preview"
#: What rushes' budget comes to for 1,000 operations, so that all send the same number of requests.
INTERVAL_S = 20.0
Dues = dict[str, list[float]]


def with_rushes(url: str, names: list[str], dues: Dues) -> None:
    """Headless watches, as the board and the cards have them."""
    from rushes.watching import Watch, open_watch

    def note(name: str, watch: Watch) -> Callable[[], None]:
        seen = 0

        def changed() -> None:
            # Its first wish counts, not what the budget makes of it.
            nonlocal seen
            state = watch.state
            if state.due_at is not None and state.polls > seen:
                seen = state.polls
                dues[name].append(state.due_at)

        return changed

    for name in names:
        watch = open_watch(MODEL, name, base_url=url, api_key="bench")
        dues[name].append(time.monotonic())
        watch.subscribe(note(name, watch))
        _kept.append(watch)


def with_requests(url: str, names: list[str], dues: Dues) -> None:
    """A thread for each operation, in it the loop of the documentation's examples."""
    import requests

    def poll(name: str) -> bool:
        path = f"/v1beta/models/{MODEL}/operations/{name}"
        answer = requests.get(url + path, headers={"x-goog-api-key": "bench"}, timeout=60)
        return bool(answer.json().get("done"))

    _threads(names, dues, poll)


def with_google_genai(url: str, names: list[str], dues: Dues) -> None:
    """A thread for each operation, one client for all."""
    from google import genai
    from google.genai import types

    client = genai.Client(api_key="bench", http_options={"base_url": url})
    operations = {
        name: types.GenerateVideosOperation(name=f"models/{MODEL}/operations/{name}") for name in names
    }

    def poll(name: str) -> bool:
        return bool(client.operations.get(operations[name]).done)

    _threads(names, dues, poll)


WAYS = {
    "rushes": with_rushes,
    "a thread each, `requests`": with_requests,
    "a thread each, `google-genai`": with_google_genai,
}


def run(way: str, url: str, count: int, seconds: float) -> dict[str, object]:
    """Begin to watch `count` operations in this process, and look at it for so many seconds.

    Returns:
        How long it took to begin, threads, share of a core, bytes for each operation, and when each poll was due.
    """
    process = psutil.Process()
    names = [f"op-{number:04}" for number in range(count)]
    dues: Dues = {name: [] for name in names}
    WAYS[way](url, ["warm-up"], {"warm-up": []})
    time.sleep(0.5)
    gc.collect()
    before = process.memory_info().rss
    began = time.monotonic()
    WAYS[way](url, names, dues)
    opened_s = time.monotonic() - began
    time.sleep(3.0)
    used, since = _cpu_s(process), time.monotonic()
    time.sleep(seconds)
    cpu = (_cpu_s(process) - used) / (time.monotonic() - since)
    return {
        "opened_s": opened_s,
        "threads": process.num_threads(),
        "cpu": cpu,
        "bytes_each": (process.memory_info().rss - before) / count,
        "from": since,
        "until": time.monotonic(),
        "dues": dues,
    }


def _threads(names: list[str], dues: Dues, poll: Callable[[str], bool]) -> None:
    def loop(name: str) -> None:
        due = time.monotonic()
        while True:
            dues[name].append(due)
            try:
                if poll(name):
                    return
            except Exception as error:  # noqa: BLE001  a loop of 1,000 in the same instant may fail; it goes on
                print(f"{name}: {type(error).__name__}", flush=True)
            time.sleep(INTERVAL_S)
            due = time.monotonic()

    for name in names:
        threading.Thread(target=loop, args=(name,), daemon=True).start()


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


_kept: list[object] = []
