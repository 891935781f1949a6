"""Waiting for a watch in a cell, so that Ctrl-C and a deadline of the caller's own always get through."""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Sequence
from typing import TypeVar

#: Python on Windows handles Ctrl-C between two waits, not during one.
_SLICE_S = 0.2

T = TypeVar("T")


def wait_for(future: concurrent.futures.Future[T], timeout_s: float | None, subject: str) -> None:
    """Wait until `future` is done, without raising what it holds.

    Args:
        future: what to wait for.
        timeout_s: seconds; None for no limit.
        subject: what the error names.

    Raises:
        TimeoutError: the built-in one; nothing else ends by it.
    """
    if not wait_for_any([future], timeout_s):
        raise TimeoutError(f"{subject} is not finished after {timeout_s:g} s; the watch goes on.")


def wait_for_any(futures: Sequence[concurrent.futures.Future[T]], timeout_s: float | None) -> bool:
    """Wait until one of the futures is done, without raising what it holds; False if none is after `timeout_s` seconds
    (None for no limit).
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        left_s = _SLICE_S if deadline is None else min(_SLICE_S, deadline - time.monotonic())
        first = concurrent.futures.FIRST_COMPLETED
        if concurrent.futures.wait(futures, timeout=max(0.0, left_s), return_when=first).done:
            return True
        if deadline is not None and time.monotonic() >= deadline:
            return False
