"""What became of the polls of one operation: the last ones one by one, those before as a number."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rushes.errors import APIError, NetworkError, RushesError, UnreadableResponseError
from rushes.operation import Operation

#: A watch of an hour polls about a dozen times; one that never gives up must not grow for ever.
MOST_RECORDS = 50


@dataclass(frozen=True, slots=True)  # a thousand watches have fifty each
class PollRecord:
    """One poll that has come back.

    Attributes:
        sent_at: when it was sent (seconds since the epoch).
        took_s: seconds until its answer was read, or until it was given up.
        status_code: the HTTP status of the answer, None where none came.
        outcome: the operation's status ("running", "succeeded", ...), or the class of the error.
    """

    sent_at: float
    took_s: float
    status_code: int | None
    outcome: str


@dataclass(frozen=True)
class PollHistory:
    """The polls so far.

    Attributes:
        records: the last ones, oldest first.
        earlier: how many there were before those.
        refusal: what the last answer held, fit to be shown, where it was not read as an operation; else None.
    """

    records: tuple[PollRecord, ...] = ()
    earlier: int = 0
    refusal: str | None = None

    def answered(
        self, operation: Operation, status_code: int, *, sent_at: float, took_s: float
    ) -> PollHistory:
        """After a poll that brought an operation."""
        record = PollRecord(sent_at, took_s, status_code, operation.status)
        return replace(self._with(record), refusal=None)

    def failed(self, error: RushesError, *, sent_at: float, took_s: float) -> PollHistory:
        """After a poll that brought an error."""
        status_code = error.status_code if isinstance(error, (APIError, UnreadableResponseError)) else None
        outcome = type(error).__name__
        if isinstance(error, NetworkError):
            outcome = f"{outcome} ({error.kind})"
        return replace(self._with(PollRecord(sent_at, took_s, status_code, outcome)), refusal=error.answer)

    def _with(self, record: PollRecord) -> PollHistory:
        records = (*self.records, record)
        dropped = max(0, len(records) - MOST_RECORDS)
        return replace(self, records=records[dropped:], earlier=self.earlier + dropped)


NO_POLLS = PollHistory()
