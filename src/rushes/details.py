"""What the card shows under Details: made when a page asks for it, so that the snapshot stays small.

`js/src/model.ts` declares the same types; a test compares both. No key, query of an address or video goes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from rushes.bug_report import last_answer, report_on

if TYPE_CHECKING:
    from rushes.watching import Watch


class PollEntry(TypedDict):
    """One poll that came back: when it was sent, how long it took, the HTTP status (None where no answer came), and the
    operation's status or the error's class.
    """

    at_ms: int
    took_ms: int
    status_code: int | None
    outcome: str


class Details(TypedDict):
    """The last polls, oldest first; how many came before them; the last answer; and what `rushes.report()` says."""

    earlier: int
    polls: list[PollEntry]
    answer: str | None
    report: str


def take_details(watch: Watch) -> Details:
    """Describe a watch in detail."""
    state = watch.state
    return Details(
        earlier=state.history.earlier,
        polls=[
            PollEntry(
                at_ms=round(record.sent_at * 1000),
                took_ms=round(record.took_s * 1000),
                status_code=record.status_code,
                outcome=record.outcome,
            )
            for record in state.history.records
        ],
        answer=last_answer(state),
        report=str(report_on(watch)),
    )
