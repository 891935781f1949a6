"""A text that is cut where it would be too long for its place."""

from __future__ import annotations


def shortened(text: str, longest: int) -> str:
    """The text, at most so many characters of it; an ellipsis says where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
