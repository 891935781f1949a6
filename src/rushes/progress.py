"""The percentage that an answer's `metadata` may carry."""

from __future__ import annotations

from collections.abc import Mapping

#: No video endpoint documents one. Google's Speech API does, as `progressPercent`, and clients of video endpoints look
#: for it under these names.
_FIELDS = ("progressPercent", "progressPercentage", "progress_percent", "progress_percentage")


def read_percent(metadata: Mapping[str, object]) -> float | None:
    """The percentage, above 0 and at most 100, or None. One that stays at 0 all the while says nothing."""
    for field in _FIELDS:
        percent = _number(metadata.get(field))
        if percent is not None and 0.0 < percent <= 100.0:
            return percent
    return None


def _number(value: object) -> float | None:
    """A number, or one that stands in a string, with or without a percent sign."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value.strip().removesuffix("%") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
