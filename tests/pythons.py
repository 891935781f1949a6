"""Other Pythons of this machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def find_python(version: str) -> str | None:
    """A Python of this version that can make environments; None where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)
    for candidate in [f"python{version}", *map(str, found)]:
        check = [candidate, "-c", "import sys, venv, ensurepip; print(sys.executable)"]
        try:
            return subprocess.run(check, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            continue  # a version manager's shim is there even where that version is not
    return None
