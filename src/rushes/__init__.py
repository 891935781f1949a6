"""Watch a video generation and play it inside the notebook."""

from __future__ import annotations
