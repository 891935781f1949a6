"""What a bug report needs to know about a watch and where it runs, as text: no key, no signature of an address."""

from __future__ import annotations

import functools
import importlib.metadata
import platform
import time
from collections.abc import Iterator

from rushes.answer_text import answer_text, public_words, visible
from rushes.errors import InvalidInputError
from rushes.host import host_title
from rushes.shortened import shortened
from rushes.shown import public_text, without_home
from rushes.watch_state import WatchState
from rushes.watching import Watch, latest_watch

_PACKAGES = ("rushes", "anywidget", "ipywidgets", "ipykernel", "IPython", "requests")
_TITLE_WIDTH = 12
_LONGEST_WORDS = 4000


class Report(str):
    """A text that a notebook shows as it stands."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def report(widget: object = None) -> Report:
    """What there is to say about a watch in a bug report: a text to read, and then to copy.

    It holds the state and the error, the last polls with their times and HTTP statuses, the last answer, which
    provider was asked and where the key came from, and the versions of what takes part. It holds neither the key nor a
    video, and of addresses no query. The answer is the provider's: read it before you show it to others.

        print(rushes.report(w))

    Args:
        widget: what `watch` returned, or a take of a board; None for the watch that began last in this process.

    Raises:
        InvalidInputError: it is something else.
    """
    watch = latest_watch() if widget is None else getattr(widget, "_watch", None)
    if widget is not None and not isinstance(watch, Watch):
        raise InvalidInputError(
            f"A {type(widget).__name__} is not one watch to report on.",
            next_step="Pass what watch() returned, or one take of a board: report(board[0]).",
        )
    return report_on(watch)


def report_on(watch: Watch | None) -> Report:
    """The report on a watch; on what takes part alone where there is none."""
    lines = [f"rushes report, {_moment(time.time())} UTC", ""]
    if watch is not None and watch.state.status != "idle":
        lines += [*_about(watch), ""]
    lines += [_fact("Host", host_title()), *(_fact(title, version) for title, version in versions())]
    if watch is not None:
        lines += _polls(watch.state)
        answer = last_answer(watch.state)
        if answer is not None:
            lines += ["", "Last answer", answer]
    return Report(without_home(public_text("\n".join(lines))))


def last_answer(state: WatchState) -> str | None:
    """What the endpoint answered last, fit to be shown; None where it has not, or nothing was asked of it."""
    if state.history.refusal is not None:
        return state.history.refusal
    operation = state.operation
    return None if operation is None or not operation.raw else answer_text(operation.raw)


@functools.cache
def versions() -> tuple[tuple[str, str], ...]:
    """What takes part in a card, each with its version."""
    python = f"{platform.python_version()} ({platform.python_implementation()})"
    found = [("Python", python), ("System", platform.platform())]
    for package in _PACKAGES:
        try:
            found.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            found.append((package, "not installed"))
    return tuple(found)


def _about(watch: Watch) -> Iterator[str]:
    state = watch.state
    yield _fact("Operation", watch.reference.name)
    yield _fact("Provider", f"{watch.provider.title}, {watch.provider.base_url}")
    yield _fact("Key", f"from {watch.key_source}" if watch.key_source else "none")
    yield _fact("Status", f"{state.status}, attempt {state.attempt}")
    yield _fact("Began", f"{_moment(state.started_at)} UTC")
    if state.ended_at is not None:
        yield _fact("Ended", f"{_moment(state.ended_at)} UTC")
    if state.retry is not None:
        yield _fact("Retrying", _words(state.retry.reason))
    if watch.notice is not None:
        yield _fact("Notice", watch.notice)
    if state.error is not None:
        yield _fact("Error", _words(f"{type(state.error).__name__}: {state.error}"))
        yield _fact("", state.error.help_url or "")


def _polls(state: WatchState) -> Iterator[str]:
    history = state.history
    if not history.records:
        return
    yield from ("", f"Polls: {state.polls}, times in UTC")
    if history.earlier:
        yield f"({history.earlier} earlier ones are not listed)"
    for record in history.records:
        status_code = "---" if record.status_code is None else str(record.status_code)
        yield f"{_moment(record.sent_at)}  {status_code}  {record.took_s:6.2f} s  {record.outcome}"


def _fact(title: str, text: str) -> str:
    return f"{title:{_TITLE_WIDTH}} {text}".rstrip()


def _words(text: str) -> str:
    """What a server may have said, in one line."""
    return visible(shortened(public_words(" ".join(text.split())), _LONGEST_WORDS))


def _moment(epoch_s: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(epoch_s))


__all__ = ["Report", "last_answer", "report", "report_on", "versions"]
