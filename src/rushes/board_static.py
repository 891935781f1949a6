"""What a notebook shows of a board where no kernel runs: a table, and a few pictures. Under 4 kB, pictures aside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from rushes.board_snapshot import BoardSnapshot, Row
from rushes.poster import Poster
from rushes.shortened import shortened
from rushes.stand_in import STATIC_BEGINNING
from rushes.static_view import duration, moment, outcome, public

#: Each is at most 54 kB in the file, and the file has them twice.
MOST_PICTURES = 6
_ROWS_BYTES = 3000
_LONGEST_NAME = 60
_PICTURE = "height:96px;max-width:100%;margin:8px 8px 0 0"


def board_html(snapshot: BoardSnapshot, pictures: Sequence[tuple[int, Poster]] = ()) -> str:
    """The board as HTML without a script.

    Args:
        snapshot: the state.
        pictures: of which items there are some to keep, in the board's order.
    """
    rows = snapshot["rows"]
    table, room = "", _ROWS_BYTES
    shown = 0
    for row in rows:
        line = f"<tr><td>{escape(_name(row))}<td>{escape(_told(row))}"
        room -= len(json.dumps(line))
        if room < 0:
            break
        table += line
        shown += 1
    if shown < len(rows):
        table += f"<tr><td>and {len(rows) - shown} more<td>{_counted(rows[shown:])}"
    images = "".join(
        f'<img alt="{escape(_name(rows[item]), quote=True)}" src="{poster.data_uri}" style="{_PICTURE}">'
        for item, poster in pictures
    )
    return (
        f"{STATIC_BEGINNING}<b>{board_text(snapshot)}</b><table>{table}</table>{_way_on(rows)}{images}</div>"
    )


def board_text(snapshot: BoardSnapshot) -> str:
    """The same in one line, for terminals and diffs."""
    rows = snapshot["rows"]
    many = "1 operation" if len(rows) == 1 else f"{len(rows)} operations"
    return f"{many}: {_counted(rows)}"


def _counted(rows: Iterable[Row]) -> str:
    # "Not finished" would not stay true.
    counts = Counter((outcome(row["status"]) or "Started").lower() for row in rows)
    return ", ".join(f"{count} {words}" for words, count in counts.most_common())


def _name(row: Row) -> str:
    return shortened(public(row["label"] or row["operation_id"]), _LONGEST_NAME)


def _told(row: Row) -> str:
    """What stays true when it is read years later."""
    words = outcome(row["status"])
    if words is None:
        started = row["started_at_ms"]
        return "Re-run the cell" if started is None else f"Started {moment(started)}"
    total, ready = row["total_ms"], row["ready"]
    after = "" if total is None else f" after {duration(total)}"
    return f"{words}{after}, {ready} videos" if ready > 1 else f"{words}{after}"


def _way_on(rows: Iterable[Row]) -> str:
    """What the cell does for whoever runs it again; nothing where all has failed."""
    ready, unfinished = 0, False
    for row in rows:
        ready += row["ready"]
        unfinished = unfinished or outcome(row["status"]) is None or row["status"] in ("stopped", "timed_out")
    wishes = [f"to play the video{'s' if ready > 1 else ''}"] if ready else []
    wishes += ["to watch on"] if unfinished else []
    return f"<div>Re-run the cell {' and '.join(wishes)}.</div>" if wishes else ""
