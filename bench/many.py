"""1,000 operations watched at once by one kernel: rushes beside a thread for each, in one run."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from bench.many_ways import WAYS
from bench.table import table
from rushes.rate_budget import BURST_S, FULL_RATE_PER_S

_OPERATIONS = 1_000
_LATENCY_S = 0.1
_LOOK_S = 20.0
_ROOT = str(Path(__file__).parents[1])

_RUN = """
import json, sys
sys.path.insert(0, {root!r})
from bench.many_ways import run
with open({result!r}, "w") as file:
    json.dump(run({way!r}, {url!r}, {count}, {seconds}), file)
"""


def measure_many() -> str:
    """Each way in a kernel of its own, at an endpoint of its own."""
    rows = [_measured(way) for way in WAYS]
    own = rows[0]
    lines = [
        (
            row["way"],
            f"{row['threads']:.0f}",
            f"{row['cpu']:.2f}",
            f"{row['bytes_each'] / 1_000:.0f} kB",
            f"{row['opened_s']:.1f} s",
            f"{row['per_second']:.0f}",
            f"{row['connections']:.0f}",
            f"{row['behind_s']:.2f} s",
        )
        for row in rows
    ]
    ratios = "\n".join(
        f"Beside {row['way']}, rushes takes {_times(own['threads'] / row['threads'])} the threads, "
        f"{_times(own['cpu'] / row['cpu'])} the CPU time and "
        f"{_times(own['bytes_each'] / row['bytes_each'])} the memory."
        for row in rows[1:]
    )
    return (
        table(
            f"{_OPERATIONS:,} running operations in one kernel, {_LATENCY_S * 1_000:.0f} ms latency",
            (
                "way",
                "threads",
                "cores",
                "memory each",
                "begun in",
                "polls/s",
                "connections",
                "behind (99 %)",
            ),
            lines,
        )
        + f"\n\n{ratios}"
    )


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio >= 1 else f"1/{1 / ratio:.{0 if ratio < 0.1 else 1}f} of"


def _measured(way: str) -> dict[str, Any]:  # Any: numbers, and the way's name
    with tempfile.TemporaryDirectory() as home, _endpoint() as url:
        result = Path(home) / "result.json"
        manager, client = start_new_kernel(
            env={**os.environ, "RUSHES_DATA_DIR": home}, stderr=subprocess.DEVNULL
        )
        try:
            reply = client.execute_interactive(
                _RUN.format(
                    root=_ROOT, result=str(result), way=way, url=url, count=_OPERATIONS, seconds=_LOOK_S
                ),
                timeout=300,
                output_hook=lambda message: None,
            )
            assert reply["content"]["status"] == "ok", reply["content"]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        seen = json.loads(result.read_text())
        with urllib.request.urlopen(f"{url}/log") as answer:
            log = json.load(answer)
    sent = [(at, name) for at, name in log["polls"] if name in seen["dues"]]
    looked_at = [at for at, _ in sent if seen["from"] <= at < seen["until"]]
    behind = _behind_budget(sent, seen) if way == "rushes" else _behind_due(sent, seen)
    return {
        **seen,
        "way": way,
        "per_second": len(looked_at) / (seen["until"] - seen["from"]),
        "connections": log["connections"],
        "behind_s": behind,
    }


def _behind_budget(sent: list[tuple[float, str]], seen: dict[str, Any]) -> float:
    """How far the n-th poll that came in is behind the n-th that an ideal budget lets out, at the 99th percentile.

    The ideal one sends whatever is due the moment that there is a token for it.
    """
    dues = sorted(due for times in seen["dues"].values() for due in times)
    tokens, filled_at = FULL_RATE_PER_S * BURST_S, dues[0]
    behind = []
    for due, (came_at, _) in zip(dues, sent, strict=False):
        at = max(due, filled_at)
        tokens = min(FULL_RATE_PER_S * BURST_S, tokens + (at - filled_at) * FULL_RATE_PER_S)
        at, tokens = (at, tokens) if tokens >= 1 else (at + (1 - tokens) / FULL_RATE_PER_S, 1.0)
        tokens, filled_at = tokens - 1, at
        behind.append((came_at, came_at - at))
    return _percentile(behind, seen)


def _behind_due(sent: list[tuple[float, str]], seen: dict[str, Any]) -> float:
    """How far each poll came in after its loop had begun to send it, at the 99th percentile."""
    counts: dict[str, int] = {}
    behind = []
    for came_at, name in sent:
        index = counts[name] = counts.get(name, -1) + 1
        behind.append((came_at, came_at - seen["dues"][name][index]))
    return _percentile(behind, seen)


def _percentile(behind: list[tuple[float, float]], seen: dict[str, Any]) -> float:
    late = sorted(seconds for at, seconds in behind if at < seen["until"])
    return late[int(len(late) * 0.99)]


@contextlib.contextmanager
def _endpoint() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.slow_endpoint", str(_LATENCY_S)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
