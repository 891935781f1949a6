"""Where the notebook runs, and which machines are gone soon after it is closed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

# Kaggle first: its image is made from Colab's (Kaggle/docker-python), whose variables it may inherit. Binder's is set
# by BinderHub for every server that it starts (jupyterhub/binderhub, binderhub/binderspawner_mixin.py).
_VARIABLES = (
    ("Kaggle", "KAGGLE_KERNEL_RUN_TYPE"),
    ("Google Colab", "COLAB_RELEASE_TAG"),
    ("Binder", "BINDER_LAUNCH_HOST"),
)
# Of hosts whose machines last. Set by Voila for each kernel (voila/handler.py), and by VS Code for what it starts.
_HOST_VARIABLES = (("Voila", "VOILA_REQUEST_URL"), ("VS Code", "VSCODE_PID"))


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
