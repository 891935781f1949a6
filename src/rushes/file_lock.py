"""An exclusive lock on an open file, which the system gives up when its holder dies.

`filelock` locks a file made for the purpose, which stays for ever; beside a user's video that would be
litter.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    # Locks of Windows keep others from reading what is locked: a byte that no video reaches.
    _LOCKED_BYTE = 1 << 62

    def try_lock(descriptor: int) -> bool:
        """Take the lock unless somebody holds it. Closing the descriptor releases it."""
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        try:
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Take the lock unless somebody holds it. Closing the descriptor releases it.

        A file system without locks (some network drives) counts as free: better no protection than no video.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


def open_for_lock(path: Path) -> int:
    """Open `path` for reading and writing, created where it is missing, never through a symbolic link.

    Raises:
        OSError: it cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags | getattr(os, "O_CLOEXEC", 0), 0o666)


def still_names(path: Path, descriptor: int) -> bool:
    """Whether `path` is still the open file: its last holder may have renamed or removed it."""
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except OSError:
        return False


__all__ = ["open_for_lock", "still_names", "try_lock"]
