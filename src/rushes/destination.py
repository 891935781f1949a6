"""Where a video goes: the file that `save_to` means, whether it can be written, a copy whole or absent."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from pathlib import Path

from rushes.errors import InvalidInputError, SaveError
from rushes.save_fault import saving

_COPY_BYTES = 1 << 20
#: What a download in progress is called beside its destination, and the note about it.
PART_SUFFIX = ".part"
NOTE_SUFFIX = ".part.json"
_SEPARATORS = ("/", os.sep)
# Every common file system ends at 255 (bytes on Linux, UTF-16 units on Windows and macOS).
_MAX_NAME_BYTES = 255
_MAX_STEM_BYTES = 200
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: refused in names, and names of devices.
_WINDOWS_CHARACTERS = re.compile(r'[<>:"/\\|?*]')
_WINDOWS_DEVICES = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE
)


def resolve_destination(
    save_to: str | os.PathLike[str], operation_id: str, sample: int, samples: int
) -> Path:
    """The file that sample `sample` (0-based) of `samples` goes to.

    An existing directory, or a path that ends in a slash, gets `{operation_id}.mp4`; anything else is the
    file's own name. Further samples get `-2`, `-3` before the suffix. `~` is the home directory. The path
    comes back absolute: a notebook that changes its working directory while a video is made must not move it.

    Raises:
        InvalidInputError: `save_to` is empty or not a path, or there is no such sample.
    """
    if not 0 <= sample < samples:
        raise InvalidInputError(f"There is no sample {sample} among {samples}.")
    path = Path(os.path.abspath(os.path.expanduser(_path_text(save_to))))
    if means_directory(save_to):
        path = path / f"{safe_file_stem(operation_id)}.mp4"
    return path if sample == 0 else path.with_name(f"{path.stem}-{sample + 1}{path.suffix}")


def means_directory(path: str | os.PathLike[str]) -> bool:
    """Whether a path means a directory to put a file in: an existing one, or one that ends in a slash.

    Raises:
        InvalidInputError: it is empty or not a path.
    """
    text = _path_text(path)
    # Not Path.is_dir, which lets out what the system says about a name that is too long.
    return text.endswith(_SEPARATORS) or os.path.isdir(os.path.expanduser(text))


def safe_file_stem(text: str) -> str:
    """A file name without suffix that says `text` and is valid on Linux, macOS and Windows.

    It never names a parent, a hidden file, a device, or anything outside its directory.
    """
    text = unicodedata.normalize("NFC", text)
    # Cc and Cf: control characters, and marks that turn the direction of what is read. Cs cannot be encoded.
    text = "".join("_" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter for letter in text)
    text = _WINDOWS_CHARACTERS.sub("_", text)
    text = text.encode("utf-8")[:_MAX_STEM_BYTES].decode("utf-8", "ignore").strip(" .")
    return f"_{text}" if _WINDOWS_DEVICES.match(text) else text or "video"


def check_destination(path: str | os.PathLike[str]) -> None:
    """Find out before a wait of minutes that a video could not be written to `path` afterwards.

    Raises:
        InvalidInputError: the name cannot be a file's name on this system.
        SaveError: there is no such directory, it cannot be written, or a directory has this name.
    """
    target = Path(os.path.abspath(os.path.expanduser(_path_text(path))))
    _check_name(target.name)
    parent = target.parent
    if not os.path.isdir(parent):
        raise SaveError(
            f"There is no directory {parent} to save {target.name} in.",
            next_step=f"Create it first: os.makedirs({str(parent)!r}).",
        )
    if os.path.isdir(target):
        raise SaveError(
            f"{target} is a directory.",
            next_step="Add a file name, or end the path with a slash to name the video after its operation.",
        )
    # Permissions alone do not tell: root, network drives and Windows answer differently from what they do.
    with saving(target), tempfile.TemporaryFile(dir=parent, prefix=".rushes-"):
        pass


def export(source: Path, destination: Path, *, overwrite: bool = False) -> Path:
    """Copy a finished file so that the destination is whole or absent at any time.

    The same bytes in its place are left as they are.

    Args:
        source: a finished file.
        destination: the file to make; its directory must exist.
        overwrite: whether other bytes in its place may be replaced.

    Returns:
        The destination, absolute.

    Raises:
        SaveError: it cannot be written, or other bytes are in its place.
    """
    source = Path(source)
    destination = Path(os.path.abspath(os.path.expanduser(_path_text(destination))))
    if not source.is_file():
        raise SaveError(
            f"The video is no longer at {source}.", next_step="Watch the operation again to fetch it anew."
        )
    check_destination(destination)
    if _is_there(source, destination, overwrite=overwrite):
        return destination
    draft = destination.with_name(f".rushes-{secrets.token_hex(8)}{PART_SUFFIX}")
    try:
        with saving(destination):
            with open(source, "rb") as reader, open(draft, "xb") as writer:
                shutil.copyfileobj(reader, writer, _COPY_BYTES)
                writer.flush()
                os.fsync(writer.fileno())
            # Once more: on a slow drive the copy takes a while, and another cell may save there too.
            if not _is_there(source, destination, overwrite=overwrite):
                os.replace(draft, destination)
                sync_directory(destination.parent)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return destination


def _is_there(source: Path, destination: Path, *, overwrite: bool) -> bool:
    """Whether the bytes are in the place already; refuses others that may not be replaced."""
    if not destination.exists():
        return False
    if same_bytes(source, destination):
        return True
    if not overwrite:
        raise would_overwrite(destination)
    return False


def would_overwrite(destination: Path) -> SaveError:
    """The error for another file in the destination's place."""
    return SaveError(
        f"{destination} exists and holds something else; it was left as it is.",
        next_step="Choose another name, or remove the file; save() takes overwrite=True.",
    )


def same_bytes(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes.

    Raises:
        SaveError: one of them cannot be read.
    """
    with saving(other):
        if one.stat().st_size != other.stat().st_size:
            return False
        with open(one, "rb") as first, open(other, "rb") as second:
            while piece := first.read(_COPY_BYTES):
                if piece != second.read(_COPY_BYTES):
                    return False
        return True


def sync_directory(directory: Path) -> None:
    """Have the directory's entries on disk, so that a new name survives a power cut.

    Where the system knows how: Windows does not need it, and a file system without it is let be.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _path_text(path: str | os.PathLike[str]) -> str:
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError(
            "The place to save to is empty or not a path.",
            next_step='Pass a path such as "takes/" or "clip.mp4".',
        )
    return text


def _check_name(name: str, *, windows: bool = os.name == "nt") -> None:
    trouble = ""
    if not name:
        trouble = "has no file name"
    elif any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        trouble = "has control characters in it"
    elif len((name + NOTE_SUFFIX).encode("utf-8")) > _MAX_NAME_BYTES:
        trouble = f"is longer than {_MAX_NAME_BYTES - len(NOTE_SUFFIX)} bytes"
    elif windows and (_WINDOWS_CHARACTERS.search(name) or _WINDOWS_DEVICES.match(name) or name[-1] in " ."):
        trouble = "cannot be a file name on Windows"
    if trouble:
        raise InvalidInputError(
            f"The place to save to {trouble}: {name[:80]!r}.", next_step='Choose a name such as "clip.mp4".'
        )


__all__ = [
    "NOTE_SUFFIX",
    "PART_SUFFIX",
    "check_destination",
    "export",
    "means_directory",
    "resolve_destination",
    "safe_file_stem",
    "same_bytes",
    "sync_directory",
    "would_overwrite",
]
