"""A board of a hundred takes while it is scrolled: tasks that hold up the page, and the videos in it."""

from __future__ import annotations

from statistics import median
from typing import Any

from bench.stand import Stand
from bench.table import table

_TAKES = 100
_BOARD = """
endpoint = rushes.demo_endpoint(seconds=0.2).start()
board = rushes.watch_all(
    [endpoint.create_operation() for _ in range({takes})], base_url=endpoint.base_url, api_key=endpoint.api_key
)
board
"""
_ENDED = "document.querySelector('.rushes-board .rushes-headline')?.textContent === 'All {takes} finished'"
# A picture is made for a card that stays in view: a screenful at a time, then.
_NEXT_SCREEN = "document.querySelector('.rushes-grid').scrollTop = {screen} * {height}"
_HEIGHT = "document.querySelector('.rushes-grid').clientHeight"
_SCREENS = "Math.ceil(document.querySelector('.rushes-grid').scrollHeight / {height})"
_PICTURED = """(() => {
    const grid = document.querySelector('.rushes-grid');
    grid.scrollIntoView();
    const place = grid.getBoundingClientRect();
    const top = Math.max(0, place.top), bottom = Math.min(innerHeight, place.bottom);
    return [...document.querySelectorAll('.rushes-tile')].every(tile => {
        const place = tile.getBoundingClientRect();
        return place.bottom <= top || place.top >= bottom || tile.querySelector('img').src;
    });
})()"""
# From top to bottom and back, a little with each frame. A long task is one of more than 50 ms.
_SCROLL = """(async () => {
    const grid = document.querySelector('.rushes-grid');
    grid.scrollIntoView();
    const tasks = [], frames = [];
    let videos = 0;
    const observer = new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => entry.duration)));
    observer.observe({ type: 'longtask' });
    const steps = 240, way = grid.scrollHeight - grid.clientHeight;
    let last = performance.now();
    for (let step = 0; step <= 2 * steps; step++) {
        grid.scrollTop = way * (1 - Math.abs(1 - step / steps));
        await new Promise(requestAnimationFrame);
        frames.push(performance.now() - last);
        last = performance.now();
        videos = Math.max(videos, document.querySelectorAll('.rushes-board video').length);
    }
    await new Promise(resolve => setTimeout(resolve, 300));
    observer.disconnect();
    return { tasks, frames, videos, nodes: document.querySelectorAll('.rushes-board *').length };
})()"""


def measure_board(stand: Stand) -> str:
    """Scroll while pictures are made, and once all are there."""
    notebook = stand.notebook()
    notebook.start(_BOARD.format(takes=_TAKES))
    notebook.wait_for(_ENDED.format(takes=_TAKES))
    first = [notebook.tab.evaluate(_SCROLL)]
    height = notebook.tab.evaluate(_HEIGHT)
    for screen in range(notebook.tab.evaluate(_SCREENS.format(height=height))):
        notebook.tab.evaluate(_NEXT_SCREEN.format(screen=screen, height=height))
        notebook.wait_for(_PICTURED)
    later = [notebook.tab.evaluate(_SCROLL) for _ in range(stand.rounds)]
    notebook.close()
    rows = [_row("while pictures are made", first), _row("with all pictures", later)]
    columns = ("scrolled", "rounds", "long tasks", "longest", "frame, median (99 %)", "videos", "nodes")
    return table(f"A board of {_TAKES} takes", columns, rows)


def _row(name: str, rounds: list[dict[str, Any]]) -> tuple[str, ...]:
    tasks = [task for each in rounds for task in each["tasks"]]
    frames = sorted(frame for each in rounds for frame in each["frames"])
    return (
        name,
        str(len(rounds)),
        str(len(tasks)),
        f"{max(tasks):.0f} ms" if tasks else "none",
        f"{median(frames):.0f} ms ({frames[int(len(frames) * 0.99)]:.0f} ms)",
        str(max(each["videos"] for each in rounds)),
        str(max(each["nodes"] for each in rounds)),
    )
