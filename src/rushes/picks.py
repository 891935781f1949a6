"""The videos of the starred takes, copied to a folder under names that people read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rushes.destination import export, resolve_destination, safe_file_stem, same_bytes
from rushes.errors import InvalidInputError, SaveError
from rushes.save_fault import saving
from rushes.take import Take


def save_takes(takes: Iterable[Take], folder: str | os.PathLike[str]) -> list[Path]:
    """Copy the videos of these takes, each file whole or absent; none where one of them would replace another file.

    A file is called after the label, else after the operation ID; with the operation ID besides where two takes would
    have the same name.

    Args:
        takes: those without a video are left out; one that comes twice is copied once.
        folder: made where there is none.

    Returns:
        The files, in the order of the takes.

    Raises:
        SaveError: a file of that name holds something else, or it cannot be written.
        InvalidInputError: the folder cannot be meant.
    """
    root = _folder(folder)
    unique = {take.key: take for take in takes if take.files}
    copies = _named(list(unique.values()), root)
    for source, target in copies:
        if target.exists() and not (target.is_file() and same_bytes(source, target)):
            raise SaveError(
                f"{target} exists and holds something else; nothing was copied.",
                next_step="Choose another folder, or move that file away.",
            )
    with saving(root):
        root.mkdir(parents=True, exist_ok=True)
    return [export(source, target) for source, target in copies]


def _named(takes: list[Take], root: Path) -> list[tuple[Path, Path]]:
    """Each file, and where it goes."""
    plain = [_targets(take, root, take.label or take.operation_id) for take in takes]
    # Without regard to case, as on Windows and macOS.
    uses = Counter(str(target).casefold() for targets in plain for target in targets)
    copies: list[tuple[Path, Path]] = []
    for take, targets in zip(takes, plain, strict=True):
        if any(uses[str(target).casefold()] > 1 for target in targets):
            targets = _targets(take, root, f"{take.label or take.model_name} {take.operation_id}")
        copies += zip(take.files, targets, strict=True)
    return copies


def _targets(take: Take, root: Path, name: str) -> list[Path]:
    files = take.files
    stem = safe_file_stem(name)
    return [
        resolve_destination(root / f"{stem}{file.suffix or '.mp4'}", take.operation_id, number, len(files))
        for number, file in enumerate(files)
    ]


def _folder(folder: str | os.PathLike[str]) -> Path:
    text = os.fspath(folder) if isinstance(folder, (str, os.PathLike)) else None
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError(
            "The folder to save to is empty or not a path.", next_step='Pass a folder such as "picks/".'
        )
    return Path(os.path.abspath(os.path.expanduser(text)))
