"""The hosts that the scenarios of `test_hosts.py` run in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import host
import marimo_page
import voila_page
from classic_page import ClassicPage, ClassicServer
from host import HostPage
from lab_server import LabServer, NotebookSevenServer
from marimo_page import MarimoEditServer, MarimoPage, MarimoServer
from notebook_page import NotebookPage
from notebook_server import NotebookServer
from playwright.sync_api import BrowserContext
from voila_page import VoilaPage, VoilaServer


@dataclass(frozen=True)
class Host:
    """A host at a version.

    Attributes:
        title: its name, and its version where it is not the one of the tests' own environment.
        requirements: the packages of the environment that it runs in; none for the tests' own.
        server, page: what starts it, what opens a notebook in it.
        blocking_cell: what `HostPage.hold_up` makes hold the kernel.
        keeps_kernel: whether a page that is loaded anew finds its kernel again.
        has_dark: whether it has a dark theme.
    """

    title: str
    server: Callable[[Path, Path | None], NotebookServer]
    page: Callable[[Any, BrowserContext, list[str]], HostPage]  # Any: the server that belongs to it
    requirements: tuple[str, ...] = ()
    blocking_cell: str = host.BLOCKING_CELL
    keeps_kernel: bool = True
    has_dark: bool = True

    @property
    def has_smoke(self) -> bool:
        """Whether every run of the tests has a look at it. JupyterLab has whole files of tests."""
        return not self.requirements and self.title != "JupyterLab"


def _voila(title: str, *requirements: str) -> Host:
    return Host(
        title,
        VoilaServer,
        VoilaPage,
        requirements,
        blocking_cell=voila_page.BLOCKING_CELL,
        keeps_kernel=False,
    )


def _marimo(title: str, server: type[MarimoServer], *requirements: str) -> Host:
    return Host(
        title,
        server,
        MarimoPage,
        requirements,
        blocking_cell=marimo_page.BLOCKING_CELL,
        keeps_kernel=server is MarimoEditServer,
    )


# The oldest: JupyterLab 4.0 is the first that the README names. Notebook 7.0, Voilà 0.5.0 and nbclassic 1.0 are those
# made with it. Before 0.23.14 marimo drops whatever a thread sends.
HOSTS = (
    Host("JupyterLab", LabServer, NotebookPage),
    Host("JupyterLab 4.0", LabServer, NotebookPage, ("jupyterlab==4.0.0",)),
    Host("Notebook 7", NotebookSevenServer, NotebookPage),
    Host("Notebook 7.0", NotebookSevenServer, NotebookPage, ("notebook==7.0.0", "jupyterlab==4.0.*")),
    Host("nbclassic", ClassicServer, ClassicPage, has_dark=False),
    Host("nbclassic 1.0", ClassicServer, ClassicPage, ("nbclassic==1.0.0", "ipykernel"), has_dark=False),
    _voila("Voilà"),
    # Beside a newer jupyterlab_widgets it shows no widget at all, whosever it is.
    _voila("Voilà 0.5.0", "voila==0.5.0", "jupyterlab_widgets==3.0.8", "ipykernel"),
    _marimo("marimo run", MarimoServer),
    _marimo("marimo edit", MarimoEditServer),
    _marimo("marimo run 0.23.14", MarimoServer, "marimo==0.23.14"),
    _marimo("marimo edit 0.23.14", MarimoEditServer, "marimo==0.23.14"),
)
