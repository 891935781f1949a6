"""When the static form of a widget is renewed in the outputs that show it.

JupyterLab draws the live card anew when its output is renewed. So that happens rarely: when the watch has ended, when
the poster has come, and when a video was saved beside the notebook; and never while a video plays. What stands in for a
card disturbs nobody: it is there from the beginning where a page has been heard, elsewhere once the watch has ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from rushes.poster import Poster

#: A page whose video plays says so every 4 s (`js/src/playing.ts`). One that says nothing for so long has stopped, or
#: is gone.
PLAYING_LEASE_S = 10.0

#: What a page sent while a cell was running comes all at once after it, the poster before the word that it plays.
_SETTLING_S = 0.1

#: A page that has the video sends the picture soon: one renewal for both, after the video has become playable.
_POSTER_PATIENCE_S = 1.0

#: A page that is heard draws its card within this time. What stands in for one would show for a moment before.
_DRAWING_S = 1.0

_RETRY_S = 1.0


class Outputs(Protocol):
    """The outputs of the notebook that show the widget."""

    @property
    def any(self) -> bool:
        """Whether there are any."""

    def outdated(self, html: str) -> bool:
        """Whether any of them shows something else."""

    def renew(self, html: str, text: str) -> bool:
        """Put this beside the card in all of them; False where that is not possible now."""

    def stand_in(self, html: str) -> bool:
        """Put this behind the card, hidden while there is one: that disturbs nobody. False where that is not possible
        now.
        """


class StaticOutputs:
    """Decides what is kept for readers without a kernel, and when it is sent.

    Args:
        outputs: where it is shown.
        keeps_poster: whether a picture of the video may be in it.
        clock: monotonic, in seconds.

    Attributes:
        has_page: whether a page that shows the outputs has been heard of. A headless run has none: what it saves needs
            something that stands in for a card, but only once that has ended.
    """

    def __init__(
        self, outputs: Outputs, *, keeps_poster: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._outputs = outputs
        self._keeps_poster = keeps_poster
        self._clock = clock
        self._lock = threading.Lock()
        self._poster: Poster | None = None
        self._poster_is_out = False
        self.has_page = False
        self._quiet_until = float("-inf")
        self._poster_awaited_until: float | None = None
        self._drawn_at: float | None = None

    @property
    def poster(self) -> Poster | None:
        """The picture, once a page has sent it."""
        return self._poster

    @property
    def wants_poster(self) -> bool:
        """Whether a page that has the video should send a picture of it. Until that is in the outputs."""
        return self._keeps_poster and self._outputs.any and not self._poster_is_out

    # Any thread.

    def take_poster(self, poster: Poster) -> None:
        """A page sent a picture; the first one stays."""
        with self._lock:
            if self._keeps_poster and self._poster is None:
                self._poster = poster
                self._quiet_until = max(self._quiet_until, self._clock() + _SETTLING_S)

    def video_plays(self) -> None:
        """A page said that a video plays in it."""
        with self._lock:
            self._quiet_until = self._clock() + PLAYING_LEASE_S

    # The publisher's thread.

    def stand_in(self, make_html: Callable[[], str]) -> float | None:
        """While the watch runs, put what stands in for the card behind it: a notebook may be saved at any time. It is
        made when it is time for that.

        Returns:
            As `renew`.
        """
        if not self.has_page:
            return None
        if self._drawn_at is None:
            self._drawn_at = self._clock() + _DRAWING_S
        wait_s = self._drawn_at - self._clock()
        if wait_s > 0:
            return wait_s
        return None if self._outputs.stand_in(make_html()) else _RETRY_S

    def renew(self, html: str, text: str) -> float | None:
        """Bring the outputs up to date, or wait for a moment when that disturbs nobody.

        Returns:
            Seconds until the next try, None where there is nothing left to do.
        """
        has_poster = self._poster is not None
        if self.has_page and self.wants_poster and not has_poster:
            if self._poster_awaited_until is None:
                self._poster_awaited_until = self._clock() + _POSTER_PATIENCE_S
            wait_s = self._poster_awaited_until - self._clock()
            if wait_s > 0:
                return wait_s
        self._outputs.stand_in(html)
        if self._outputs.outdated(html):
            wait_s = self._quiet_until - self._clock()
            if wait_s > 0:
                return wait_s
            if not self._outputs.renew(html, text):
                return _RETRY_S
        self._poster_is_out = self._poster_is_out or has_poster
        return None
