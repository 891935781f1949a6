"""The one JSON trait that a page draws its board from: a small row for each operation.

`js/src/board/board_model.ts` declares the same types; a test compares both. Hosts save it in the notebook: no
key, query of an address or absolute path goes in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypedDict

from rushes.kept_words import kept_words
from rushes.shortened import shortened
from rushes.snapshot import Estimate, clock_of, estimate_of
from rushes.take import Take
from rushes.watch_state import Status, WatchState

_LONGEST_LABEL = 120
_LONGEST_ERROR = 160


class Row(TypedDict):
    """What a grid's card shows of one operation; its whole snapshot travels once the card is opened.

    Times are in epoch milliseconds of the kernel's clock, `bytes_done` and `bytes_total` those of all its videos, the
    total 0 while it is not known. `estimate` is an index into the board's estimates: operations of one model share
    theirs. `pictured` says that the kernel has a picture of the video.
    """

    label: str | None
    model_name: str
    operation_id: str
    provider: str
    status: Status
    started_at_ms: int | None
    total_ms: int | None
    estimate: int | None
    bytes_done: int
    bytes_total: int
    ready: int
    withheld: int
    retrying: bool
    error: str | None
    starred: bool
    pictured: bool


class BoardSnapshot(TypedDict):
    """The whole board. `version` grows with every change; a page ignores an older one. `sent_at_ms` tells the page how
    far its own clock is off; `notice` is something the user should know.
    """

    version: int
    sent_at_ms: int
    notice: str | None
    estimates: list[Estimate]
    rows: list[Row]


def take_board_snapshot(
    takes: Sequence[tuple[Take, WatchState]],
    pictured: Collection[int],
    *,
    notice: str | None,
    version: int,
    now: float,
) -> BoardSnapshot:
    """Describe a board as JSON.

    Args:
        takes: each operation, with its state.
        pictured: indices of those that the kernel has a picture of.
        notice: something the user should know, or None.
        version: greater than that of every snapshot sent before.
        now: epoch seconds at which it is sent.
    """
    estimates: list[Estimate] = []
    rows = []
    for index, (take, state) in enumerate(takes):
        estimate = estimate_of(state)
        if estimate is not None and estimate not in estimates:
            estimates.append(estimate)
        place = None if estimate is None else estimates.index(estimate)
        rows.append(_row(take, state, place, index in pictured, now))
    return BoardSnapshot(
        version=version, sent_at_ms=round(now * 1000), notice=notice, estimates=estimates, rows=rows
    )


def _row(take: Take, state: WatchState, estimate: int | None, pictured: bool, now: float) -> Row:
    clock = clock_of(state, now)
    totals = [sample.bytes_total for sample in state.samples]
    return Row(
        label=None if take.label is None else shortened(take.label, _LONGEST_LABEL),
        model_name=take.model_name,
        operation_id=take.operation_id,
        provider=take.provider.title,
        status=state.status,
        started_at_ms=None if clock is None else clock["started_at_ms"],
        total_ms=None if clock is None else clock["total_ms"],
        estimate=estimate,
        bytes_done=sum(sample.bytes_done for sample in state.samples),
        bytes_total=sum(total for total in totals if total is not None) if None not in totals else 0,
        ready=sum(sample.state == "ready" for sample in state.samples),
        withheld=0 if state.operation is None else state.operation.filtered_count,
        retrying=state.retry is not None,
        error=None if state.error is None else shortened(kept_words(state.error.summary), _LONGEST_ERROR),
        starred=take.starred,
        pictured=pictured,
    )
