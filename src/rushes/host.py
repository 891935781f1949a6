"""Where the notebook runs: machines that are gone soon after it is closed, and what a card says on them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from rushes.watch_state import SampleState

# Kaggle first: its image is made from Colab's (Kaggle/docker-python), whose variables it may inherit. Binder's is set
# by BinderHub for every server that it starts (jupyterhub/binderhub, binderhub/binderspawner_mixin.py).
_VARIABLES = (
    ("Kaggle", "KAGGLE_KERNEL_RUN_TYPE"),
    ("Google Colab", "COLAB_RELEASE_TAG"),
    ("Binder", "BINDER_LAUNCH_HOST"),
)
# Of hosts whose machines last. Set by Voila for each kernel (voila/handler.py), and by VS Code for what it starts.
_HOST_VARIABLES = (("Voila", "VOILA_REQUEST_URL"), ("VS Code", "VSCODE_PID"))
#: Where Colab mounts Google Drive; what is kept there outlives the machine.
_LASTING = Path("/content/drive")


def temporary_machine(environment: Mapping[str, str] = os.environ) -> str | None:
    """The name of the service whose temporary machine this is, or None."""
    return next((title for title, variable in _VARIABLES if environment.get(variable)), None)


def host_title(
    environment: Mapping[str, str] = os.environ, modules: Mapping[str, object] = sys.modules
) -> str:
    """What shows the notebook, as far as the kernel can tell."""
    named = next((title for title, variable in _HOST_VARIABLES if environment.get(variable)), None)
    title = temporary_machine(environment) or named
    if title is not None:
        return title
    get_shell = getattr(modules.get("IPython"), "get_ipython", None)
    shell = None if get_shell is None else get_shell()
    if getattr(shell, "kernel", None) is not None:
        return "Jupyter"
    # It can say whether this is a notebook of its own, but in the thread of the cells alone.
    if "marimo" in modules:
        return "marimo"
    return "Python" if shell is None else "IPython"


class SavedVideos:
    """The videos that a person has saved somewhere. Safe to use from any thread.

    A video is known by its file in the data directory, so that every widget of one operation knows about it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: set[Path] = set()

    def add(self, path: Path) -> None:
        """A person has saved this one."""
        with self._lock:
            self._paths.add(path)

    def has(self, sample: SampleState) -> bool:
        """Whether this video is somewhere else than in a place that goes with the machine."""
        path = sample.path
        if sample.saved_to is not None or (path is not None and path.is_relative_to(_LASTING)):
            return True
        with self._lock:
            return path in self._paths


def save_notice(
    samples: Iterable[SampleState], saved: SavedVideos, environment: Mapping[str, str] = os.environ
) -> str | None:
    """What a card says on a temporary machine until its videos are saved; None where there is nothing to say."""
    if temporary_machine(environment) is None:
        return None
    unsaved = [sample for sample in samples if sample.state == "ready" and not saved.has(sample)]
    if not unsaved:
        return None
    return f"temporary machine: save {'this video' if len(unsaved) == 1 else 'these videos'}"


_shared = SavedVideos()


def shared_saved_videos() -> SavedVideos:
    """Those of this process."""
    return _shared
