"""Python environments with other versions of Jupyter in them, made once and kept outside the repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

SOURCE = Path(__file__).parents[2] / "src"
#: What rushes needs to run, as in pyproject.toml.
RUSHES_NEEDS = ("anywidget>=0.11", "ipywidgets>=7.7", "requests", "platformdirs", "filelock")


def python_with(*requirements: str) -> Path:
    """The interpreter of an environment with these packages and what rushes needs; the same one in later runs."""
    wanted = sorted({*requirements, *RUSHES_NEEDS})
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()[:12]
    home = cache() / f"{requirements[0].replace('=', '-').replace('*', 'x')}-py{version}-{digest}"
    python = home / "bin" / "python"
    home.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{home}.lock"):  # two workers may want it
        if not (home / "complete").exists():
            _make(home, wanted)
    return python


def _make(home: Path, wanted: list[str]) -> None:
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", *wanted]
    installed = subprocess.run(pip, capture_output=True, text=True, check=False)
    if installed.returncode:
        raise RuntimeError(f"pip could not install {wanted}:\n{installed.stderr[-2000:]}")
    (home / "complete").touch()


def cache() -> Path:
    """Where what is fetched once is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rushes-tests"
