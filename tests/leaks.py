"""Secrets that must not turn up anywhere, and a search for them in whatever an exception drags along."""

from __future__ import annotations

import traceback

KEY = "canary-key-5f1d"
SIGNATURE = "canary-signature-88aa"


def traces_in(error: BaseException) -> list[str]:
    """Where a canary shows in an exception: its text, arguments, attributes, chain, and every local of its frames.

    The last is what IPython's verbose traceback prints. Frames of the tests themselves do not count.
    """
    texts: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        texts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if "/tests/" not in frame.f_code.co_filename.replace("\\", "/"):
                where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                texts += [f"{where} {name} = {value!r}" for name, value in frame.f_locals.items()]
        waiting += [one.__cause__, one.__context__]
    return [text for text in texts if KEY in text or SIGNATURE in text]
