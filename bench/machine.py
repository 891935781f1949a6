"""What the measurements ran on, without a name that tells where."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import version

import psutil

_PACKAGES = (
    "anywidget",
    "google-api-core",
    "google-genai",
    "ipykernel",
    "ipywidgets",
    "jupyterlab",
    "jupyter_server",
    "numpy",
    "requests",
)


def describe(browser: str | None = None) -> str:
    """Machine, versions, date, and how busy it was."""
    memory = psutil.virtual_memory().total / 2**30
    software = [f"{name} {version(name)}" for name in _PACKAGES] + ([browser] if browser else [])
    return (
        f"{datetime.now(timezone.utc):%Y-%m-%d}: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"load {os.getloadavg()[0]:.1f} at the start; Python {platform.python_version()}, {', '.join(software)}."
    )
