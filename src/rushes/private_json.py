"""A small JSON file that is whole or absent, and readable by its owner alone."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from rushes.destination import sync_directory

_LARGEST_BYTES = 1 << 20
# Windows refuses to replace or open a file for the moment that another process, or a virus scanner, has it
# open.
_WINDOWS_RETRY_DELAYS_S = (0.01, 0.02, 0.05, 0.1, 0.2)
#: What fsync answers on file systems that have none (network and FUSE mounts).
_NO_FSYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})

T = TypeVar("T")


def read_json(path: Path) -> dict[str, object] | None:
    """The object in the file; None where there is no whole JSON object in it, or it cannot be read."""
    try:
        return load_json(path)
    except OSError:
        return None


def load_json(path: Path) -> dict[str, object] | None:
    """The object in the file; None where there is no file, or no whole JSON object in it.

    Raises:
        OSError: there is a file, but it cannot be read.
    """
    try:
        with _despite_windows(lambda: path.open("rb")) as file:
            content = file.read(_LARGEST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if len(content) > _LARGEST_BYTES:
        return None
    try:
        value = json.loads(content)
    # ValueError: not JSON, not UTF-8, or a number of absurd length; RecursionError: brackets nested without
    # end.
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write_json(
    path: Path, value: Mapping[str, object], *, modified_at: float | None = None, durable: bool = True
) -> None:
    """Replace the file in one step: a reader sees the old content or the new, even after a power cut.

    Args:
        path: its directory must exist.
        value: what to write.
        modified_at: epoch seconds to give the file as its time of modification.
        durable: wait until the disk has it. Otherwise a power cut may leave no whole file; for what is new and not
            worth the wait.

    Raises:
        OSError: it could not be written; the old file is still there.
    """
    content = json.dumps(value, indent=1, allow_nan=False).encode("ascii")
    # mkstemp creates the file with mode 0600.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                _fsync(file.fileno())
        if modified_at is not None:
            os.utime(temporary, (modified_at, modified_at))
        _despite_windows(lambda: os.replace(temporary, path))
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(path.parent)


def _despite_windows(action: Callable[[], T]) -> T:
    if os.name == "nt":
        for delay_s in _WINDOWS_RETRY_DELAYS_S:
            with suppress(PermissionError):
                return action()
            time.sleep(delay_s)
    return action()


def _fsync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
