"""What a watch ends with where rushes itself is at fault, so that nobody waits for ever."""

from __future__ import annotations

from rushes.errors import RushesError


def unforeseen_error(error: Exception) -> RushesError:
    """The error to show for an exception that nobody foresaw; its text may hold anything, so only the log has it."""
    return RushesError(
        f"rushes itself failed ({type(error).__name__}).",
        next_step='Resume or re-run the cell to try again, and report it with the log of logging.getLogger("rushes").',
    )
