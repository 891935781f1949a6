"""Submitting once: an operation per label, however often the cell runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rushes.data_directory import data_directory, file_name_for, make_private, using_data_directory
from rushes.errors import InvalidInputError, SaveError
from rushes.private_json import load_json, write_json
from rushes.process_lock import ProcessLock
from rushes.submission import name_of_submitted

Submit = Callable[[], Any]  # Any: what a client library returns

_LONGEST_LABEL = 200
_SUBMIT_TIMEOUT_S = 600.0


class OperationName(str):
    """The name of an operation that `once` submitted, or had submitted before. A str for every purpose.

    Attributes:
        label: the label it was submitted under.
        submitted_at: when; aware.
        reused: whether it was there already, so that nothing was submitted this time.
    """

    label: str
    submitted_at: datetime
    reused: bool

    def __new__(cls, name: str, label: str, submitted_at: datetime, reused: bool) -> OperationName:
        self = super().__new__(cls, name)
        self.label = label
        self.submitted_at = submitted_at
        self.reused = reused
        return self

    def __getnewargs__(self) -> tuple[str, str, datetime, bool]:  # type: ignore[override]  # more than str's one
        return str(self), self.label, self.submitted_at, self.reused


class Labels:
    """Which operation was submitted under which label, on disk. Safe for several threads and processes.

    Args:
        root: where to keep everything; None for the data directory, looked up at each use.
        now: the clock.
        timeout_s: how long to wait for another thread or kernel that is submitting under the same label.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        timeout_s: float = _SUBMIT_TIMEOUT_S,
    ) -> None:
        self._root = root
        self._now = now
        self._timeout_s = timeout_s

    def get(self, label: str) -> OperationName | None:
        """The operation under this label, or None; a torn file counts as none.

        Raises:
            InvalidInputError: it is no label.
            SaveError: there is a file that cannot be read now. Taking that for none would submit, and cost,
                once more.
        """
        _check_label(label)
        with using_data_directory("The label", data_directory(self._root), verb="read from"):
            value = load_json(self._path(label, ".json")) or {}
        name, submitted_at = value.get("name"), value.get("submitted_at")
        if value.get("label") != label or not isinstance(name, str) or not isinstance(submitted_at, str):
            return None
        try:
            time = datetime.fromisoformat(submitted_at)
        except ValueError:
            return None
        return OperationName(name, label, time if time.tzinfo else time.replace(tzinfo=timezone.utc), True)

    def once(self, label: str, submit: Submit) -> OperationName:
        """The operation under this label; calls `submit()` only where there is none. See `rushes.once`."""
        known = self.get(label)
        if known is not None:
            return known
        root = data_directory(self._root)
        path = self._path(label, ".json")
        lock = ProcessLock(self._path(label, ".lock"), root=root)
        if not lock.acquire(self._timeout_s):
            raise SaveError(
                f"Another cell or kernel has been submitting under {label!r} for {self._timeout_s:.0f} s.",
                next_step="Interrupt it, or use another label. Nothing was submitted here.",
            )
        try:
            known = self.get(label)
            if known is not None:
                return known
            # Tried before anything is submitted: the next run pays again for what cannot be written down.
            with using_data_directory("The label", root):
                make_private(path.parent, root=root)
                write_json(path, {"version": 1, "label": label})
            try:
                name = name_of_submitted(submit())
            except BaseException:
                with suppress(OSError):
                    path.unlink()
                raise
            submitted_at = self._now()
            self._record(path, label, name, submitted_at)
            return OperationName(name, label, submitted_at, False)
        finally:
            lock.release()

    def forget(self, label: str) -> bool:
        """Forget what was submitted under this label, so that `once` submits again.

        The operation itself goes on, and stays in the ledger if it was watched.

        Returns:
            Whether there was anything to forget.

        Raises:
            InvalidInputError: it is no label.
            SaveError: the file cannot be removed.
        """
        known = self.get(label) is not None
        with using_data_directory("The label", data_directory(self._root)):
            self._path(label, ".json").unlink(missing_ok=True)
        return known

    def _path(self, label: str, suffix: str) -> Path:
        return data_directory(self._root) / "labels" / (file_name_for(label, label) + suffix)

    def _record(self, path: Path, label: str, name: str, submitted_at: datetime) -> None:
        trouble = ""
        content = {"version": 1, "label": label, "name": name, "submitted_at": submitted_at.isoformat()}
        try:
            try:
                write_json(path, content)
            except KeyboardInterrupt:
                write_json(path, content)  # or the next run would submit, and pay, once more
                raise
        except OSError as error:
            trouble = error.strerror or type(error).__name__
        if trouble:
            raise SaveError(
                f"Submitted as {name}, but that could not be written down: {trouble}.",
                next_step="Keep this name and watch it: running this cell again would submit again.",
            )


def once(label: str, submit: Submit) -> OperationName:
    """Submit a generation once, however often the cell runs; return the operation's name.

    The first call with a label calls `submit()` and writes the operation's name down in the data directory.
    Every later one, after a restart of the kernel too, returns that name and calls nothing; of several at the
    same time one submits and the others wait for it. What is written down is the label, the name and the
    time.

    If `submit()` raises, the exception passes unchanged and nothing is written down, so the next run submits
    again. That is also so when the kernel is killed while `submit()` runs: the endpoint may have accepted
    that request. `rushes.forget(label)` makes room for a new generation under an old label; so does a
    new label.

    Args:
        label: what to call it, 1 to 200 characters, as in "fox at dawn, take 2".
        submit: sends the request, with a time limit of its own. It may return the operation's name, a dict
            with "name", an object with `.name` (as Google's SDK does), or a response with `.json()` (as
            `requests` does).

    Returns:
        The name as the endpoint gave it, a str with `.label`, `.submitted_at` and `.reused`.

    Raises:
        InvalidInputError: no label; or what `submit()` returned names no operation.
        APIError: `submit()` returned a response with an error in it. Nothing was written down.
        UnreadableResponseError: `submit()` returned a response that is not JSON. Nothing was written down.
        SaveError: the data directory cannot be written (nothing was submitted then), or could not be in the
            end (the message holds the name then).
    """
    return Labels().once(label, submit)


def forget(label: str) -> bool:
    """Forget what `once` submitted under this label, so that it submits again.

    Returns:
        Whether there was anything to forget.

    Raises:
        InvalidInputError: it is no label.
        SaveError: the file cannot be removed.
    """
    return Labels().forget(label)


def _check_label(label: object) -> None:
    if not isinstance(label, str) or not label:
        found = "empty" if isinstance(label, str) else f"a {type(label).__name__}"
        raise InvalidInputError(
            f"The label is {found}.", next_step='Name the generation, as in once("fox, take 1", submit).'
        )
    if len(label) > _LONGEST_LABEL:
        raise InvalidInputError(
            f"The label has {len(label):,} characters.", next_step=f"Use at most {_LONGEST_LABEL}."
        )
