"""What every measurement stands on: a JupyterLab, a browser, an endpoint."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from lab_server import LabServer

from bench.browser import Browser
from bench.notebook import Notebook
from bench.source import Source
from bench.ways import CARD_IS_SHOWN, CLEAN_UP, RUSHES, SETUP, WAYS


@dataclass
class Stand:
    """The parts, and how a video is shown with them.

    Attributes:
        rounds: how often each time is taken.
    """

    server: LabServer
    browser: Browser
    source: Source
    rounds: int
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def notebook(self, *, url: str | None = None) -> Notebook:
        """A notebook whose kernel has imported everything."""
        notebook = Notebook(self.server, self.browser, url=url)
        notebook.run(SETUP.format(source=self.source.url), cell=1)
        return notebook

    def next_file(self, megabytes: int, rate: int = 0) -> tuple[int, str]:
        """The number and the name of a file that nobody has asked for yet."""
        number = next(self._numbers)
        return number, f"{number}-{megabytes}-{rate}"

    def show(self, notebook: Notebook, way: str, megabytes: int, rate: int = 0) -> tuple[int, float]:
        """Show a video in a cell, and wait until it can be played.

        The card of rushes is in the page before, as it is while a generation runs.

        Returns:
            The file's number, and seconds from its request at the source until the video was playable.
        """
        number, name = self.next_file(megabytes, rate)
        if way == RUSHES:
            self.source.finished.clear()
        notebook.start(WAYS[way].format(name=name))
        if way == RUSHES:
            notebook.wait_for(CARD_IS_SHOWN)
            self.source.finished.set()
        return number, notebook.playable_at() - self.source.began[number]

    def clean_up(self, notebook: Notebook) -> None:
        """Take the video out of page and kernel."""
        notebook.run(CLEAN_UP)
