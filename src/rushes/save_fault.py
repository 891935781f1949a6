"""Why a file could not be written: an OSError told as the `SaveError` that says what to do next."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rushes.errors import SaveError

_FULL = "Free some space there, or choose another place."
_PLACE = "Choose a place that you may write to."
_WORDS: dict[int | None, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", _FULL),
    errno.EDQUOT: ("your quota on this disk is used up", _FULL),
    errno.EFBIG: ("this file system does not take files of this size", "Choose a place on another disk."),
    errno.EROFS: ("this place is read-only", _PLACE),
    errno.EACCES: ("you may not write there", _PLACE),
    errno.EPERM: ("you may not write there", _PLACE),
    errno.ENOENT: ("there is no such directory", "Create the directory first, or choose another place."),
    errno.ENOTDIR: ("a part of the path is a file, not a directory", "Choose another place."),
    errno.EISDIR: ("there is a directory of this name", "Choose another name."),
    errno.ELOOP: ("there is a symbolic link in its place", "Remove the link, or choose another name."),
    errno.ENAMETOOLONG: ("the name is too long for this file system", "Choose a shorter name."),
}


def save_error(error: OSError, path: Path) -> SaveError:
    """The typed error for what the operating system said about `path`."""
    reason, next_step = _WORDS.get(
        error.errno, (error.strerror or type(error).__name__, "Choose another place with save(path).")
    )
    return SaveError(f"{path} could not be written: {reason}.", next_step=next_step)


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Turn an OSError into the `SaveError` that names `path`.

    Raises:
        SaveError: the operating system refused what was done inside.
    """
    try:
        yield
    except OSError as error:
        raise save_error(error, path) from error


__all__ = ["save_error", "saving"]
