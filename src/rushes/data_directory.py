"""Where rushes keeps things on disk, and what each place is called.

    <data directory>/
        operations/<slug>-<hash>/operation.json     the ledger's entry
                                 sample-1.mp4 ...    its videos
                                 .lock               held while a video is downloaded
        labels/<slug>-<hash>.json                   what `once` submitted under a label
        stars.json                                  the operations that are starred on a board

Few files and no database, so that it works on a network drive mounted into a notebook server too. No
directory is ever renamed or removed, so a lock inside one stays the same lock for everybody.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from rushes.errors import SaveError
from rushes.provider import origin_of
from rushes.reference import Reference

VARIABLE = "RUSHES_DATA_DIR"

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_HASH_LENGTH = 16


@dataclass(frozen=True)
class OperationKey:
    """What tells one operation on disk from every other.

    Attributes:
        origin: scheme, host and port of the endpoint: two endpoints may use the same operation ID.
        model_name: without "models/".
        operation_id: without "operations/".
    """

    origin: str
    model_name: str
    operation_id: str

    @property
    def directory_name(self) -> str:
        """A file name for it, valid on every system and different for different keys."""
        return file_name_for(
            f"{self.model_name}-{self.operation_id}", self.origin, self.model_name, self.operation_id
        )


def operation_key(base_url: str, reference: Reference) -> OperationKey:
    """What an operation of this endpoint is called in the store and in the ledger."""
    return OperationKey(origin_of(base_url), reference.model_name, reference.operation_id)


def data_directory(root: Path | None = None) -> Path:
    """The data directory: `root`, else RUSHES_DATA_DIR, else the system's place for an application's data.

    It is looked up at each use, so that setting the variable in a notebook takes effect at once.
    The system's cache directory would be the wrong place: systems purge it, and these videos were paid for.
    """
    if root is not None:
        return Path(os.path.abspath(root))
    # On Google Colab this variable moves the ledger and the videos to the mounted Drive.
    chosen = os.environ.get(VARIABLE, "").strip()
    if chosen:
        return Path(os.path.abspath(os.path.expanduser(chosen)))
    return Path(platformdirs.user_data_dir("rushes", appauthor=False))


def file_name_for(readable: str, *identity: str) -> str:
    """A file name that tells people what it is (`readable`) and is unique to `identity`.

    Only a-z, 0-9 and "-", at most 73 characters, never empty: so it names no parent or hidden directory and
    no device of Windows, means the same where file names ignore case, and fits Windows' limit on the length
    of a path.
    """
    slug = _NOT_IN_A_SLUG.sub("-", readable.lower())[:56].strip("-")
    # JSON keeps ("ab", "c") and ("a", "bc") apart and escapes what UTF-8 cannot hold (lone surrogates).
    digest = hashlib.sha256(json.dumps(identity).encode("ascii")).hexdigest()[:_HASH_LENGTH]
    return f"{slug}-{digest}" if slug else digest


def make_private(directory: Path, *, root: Path) -> None:
    """Create `directory`, which is `root` or below it, for this user alone (0700 on POSIX).

    What exists is left as it is: a data directory that the user chose keeps the permissions the user gave it.

    Raises:
        OSError: it cannot be created.
    """
    if directory.is_dir():
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    steps = [root]
    for part in directory.relative_to(root).parts:
        steps.append(steps[-1] / part)
    for step in steps:
        step.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def using_data_directory(what: str, root: Path, *, verb: str = "written to") -> Iterator[None]:
    """Turn an OSError into the SaveError that says where, why, and how to choose another place."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SaveError(
            f"{what} could not be {verb} the data directory {root}: {reason}.",
            next_step=f"Make room there, or set {VARIABLE} to a directory that you may read and write.",
        ) from error
