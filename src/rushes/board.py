"""Many operations in one cell: the board in the notebook, and the Python handle that goes with it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, overload

import traitlets

from rushes.batch import prepare_batch
from rushes.board_page import BoardPage
from rushes.board_snapshot import BoardSnapshot
from rushes.credentials import Secret
from rushes.front_end import front_end_file
from rushes.outputs import NotebookOutputs
from rushes.page_widget import PageWidget
from rushes.picks import save_takes
from rushes.publisher import shared_publisher
from rushes.quiet_comm import keep_keys_out_of_logs
from rushes.stars import Stars, shared_stars
from rushes.static_outputs import StaticOutputs
from rushes.take import Take
from rushes.waiting import wait_for_any
from rushes.watching import Watch, begin_watch
from rushes.widget_comm import WidgetComm


class Board(PageWidget):
    """Several operations side by side: a grid of cards, made by `rushes.watch_all`.

    A sequence of takes, in the order of the call: `len(board)`, `board[0]`, `for take in board`. A take has `label`,
    `model_name`, `operation_id`, `status`, `done`, `operation`, `videos`, `error`, `starred` and `result()`, and always
    says how things stand now.
    """

    _published = ("snapshot",)
    _esm = front_end_file("board.js")
    _css = front_end_file("board.css")
    snapshot = traitlets.Dict(read_only=True).tag(sync=True)
    """Everything the grid shows, as one JSON dict (`rushes.board_snapshot.BoardSnapshot`) that is replaced whole, a few
    times a second at most. Read-only, for the page too. Its observers run on the notifier thread."""

    def __init__(self, watches: Sequence[Watch], stars: Stars, *, poster: bool = True) -> None:
        keep_keys_out_of_logs()
        self._watches = tuple(watches)
        self._takes = tuple(Take(watch, stars) for watch in watches)
        self._outputs = NotebookOutputs()
        self._page: BoardPage = BoardPage(
            WidgetComm(self, self._published),
            list(zip(self._takes, self._watches, strict=True)),
            stars,
            shared_publisher(),
            StaticOutputs(self._outputs, keeps_poster=False),
            keeps_pictures=poster,
        )
        super().__init__()
        self.on_msg(self._on_page_message)
        self._page.open()

    # What it says.

    def __len__(self) -> int:
        return len(self._takes)

    @overload
    def __getitem__(self, index: int) -> Take: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Take, ...]: ...

    def __getitem__(self, index: int | slice) -> Take | tuple[Take, ...]:
        return self._takes[index]

    def __iter__(self) -> Iterator[Take]:
        return iter(self._takes)

    @property
    def done(self) -> bool:
        """Whether all watches have ended, however they ended."""
        return all(take.done for take in self._takes)

    @property
    def succeeded(self) -> tuple[Take, ...]:
        """The takes whose videos are here."""
        return tuple(take for take in self._takes if take.status == "succeeded")

    @property
    def failed(self) -> tuple[Take, ...]:
        """The takes whose watch has ended without a video, whatever the reason; `.error` tells it."""
        return tuple(take for take in self._takes if take.done and take.status != "succeeded")

    @property
    def picks(self) -> tuple[Take, ...]:
        """The starred takes. Stars belong to the operation and outlive page, notebook and kernel."""
        return tuple(take for take in self._takes if take.starred)

    @property
    def rows(self) -> list[dict[str, object]]:
        """One dict for each take, as of now, for `pandas.DataFrame(board.rows)`.

        The keys: label, model_name, operation_id, provider, status, starred, started_at (aware), seconds (that the
        generation took; None while it goes on, and where nobody saw its end), videos (how many are here), path (of the
        first), error (its words).
        """
        return [take.row() for take in self._takes]

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for take in self._takes:
            counts[take.status] = counts.get(take.status, 0) + 1
        told = ", ".join(f"{count} {status}" for status, count in counts.items())
        return f"<Board of {len(self)}: {told}>"

    # What it does.

    def as_completed(self, timeout: float | None = None) -> Iterator[Take]:
        """The takes as their watches end, those that have ended first; shows the board first if no cell has.

        Args:
            timeout: seconds to wait for all of them; None for as long as the watches' own timeout allows.

        Raises:
            TimeoutError: the built-in one; the watches go on.
        """
        self._show_once()
        deadline = None if timeout is None else time.monotonic() + timeout
        pending = [(take, take.future) for take in self._takes]
        while pending:
            left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not wait_for_any([future for _, future in pending], left_s):
                raise TimeoutError(
                    f"{len(pending)} of {len(self)} are not finished after {timeout:g} s; the watches go on."
                )
            # Looked at once: more may end while the caller looks at those that come first.
            ended = [future.done() for _, future in pending]
            yield from (take for (take, _), has_ended in zip(pending, ended, strict=True) if has_ended)
            pending = [one for one, has_ended in zip(pending, ended, strict=True) if not has_ended]

    def wait(self, timeout: float | None = None) -> None:
        """Wait until all watches have ended; what ended a single one is in its `error`.

        Args:
            timeout: seconds to wait; None for as long as the watches' own timeout allows.

        Raises:
            TimeoutError: the built-in one; the watches go on.
        """
        for _ in self.as_completed(timeout):
            pass

    def stop(self) -> None:
        """Stop watching. The generations go on, and may be billed."""
        for watch in self._watches:
            watch.stop()

    def resume(self, *, api_key: str | None = None) -> None:
        """Watch again all that can end differently; no effect on those that run or are final.

        Args:
            api_key: the key to go on with; None looks again where `watch_all` looked.
        """
        secret = Secret.wrap(api_key)
        del api_key  # a verbose traceback prints the locals of every frame
        for watch in self._watches:
            watch.resume(secret)

    def save_picks(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Copy the videos of the starred takes to a folder. No file in it is ever replaced.

        A file is called after its label, else after its operation ID (`storm, take 1.mp4`); further samples get `-2`,
        `-3`. Each file is whole or absent. Starred takes without a video are left out.

        Args:
            folder: made where there is none.

        Returns:
            The files.

        Raises:
            SaveError: a file of that name holds something else, or it cannot be written.
            InvalidInputError: the folder cannot be meant.
        """
        return save_takes(self.picks, folder)

    def close(self) -> None:
        """Take the board out of the page; polling ends, but for what another widget watches too."""
        # ipywidgets also closes a widget whose construction failed half way.
        if "_page" in self.__dict__ and self._page.is_open:
            self._page.close()
            for watch in self._watches:
                watch.close()
        super().close()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "A Board is not pickled: it belongs to the threads and the page of this process. Keep board.rows, or the "
            "names of its operations, and watch them anew."
        )

    # Traits and messages.

    def _on_notifier(self, call: Callable[[], object]) -> None:
        self._watches[0].notify(call)

    @traitlets.default("snapshot")
    def _first_snapshot(self) -> BoardSnapshot:
        return self._page.published


def watch_all(
    operations: Iterable[object],
    *,
    model_name: str | None = None,
    labels: Iterable[str | None] | Mapping[str, str] | None = None,
    provider: str | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
    save_to: str | os.PathLike[str] | None = None,
    timeout: float = 3600.0,
    poster: bool = True,
) -> Board:
    """Watch many generations on one board, and pick the best takes.

    Polling starts here, displayed or not, once every entry has been read. An operation that comes twice is polled once.

    Args:
        operations: a list of what `watch` takes: names, URLs, objects with `.name`, dicts with "name", entries of
            `rushes.recent()`, pairs of a model name and an operation ID; bare operation IDs with `model_name`.
        model_name: the model of the entries that name none.
        labels: a name of your own for each, in the order of the operations; or a dict from operation IDs.
        provider: "gptproto" or "google"; None lets the key or the URL decide.
        api_key: the provider's key; None looks in the environment, then in Colab's secrets.
        base_url: another endpoint that speaks the same contract; it needs its own `api_key`.
        save_to: a directory that gets `{operation_id}.mp4` of each; None keeps the videos in the data directory.
        timeout: seconds awake until a watch gives up on an operation that still runs.
        poster: let the saved notebook keep a few pictures.

    Raises:
        InvalidInputError: an entry, a label or an option that cannot be meant; says which. Nothing was started.
        SaveError: `save_to` cannot be written to. Nothing was started.
    """
    secret = Secret.wrap(api_key)
    del api_key  # a verbose traceback prints the locals of every frame
    prepared = prepare_batch(
        operations,
        model_name=model_name,
        labels=labels,
        provider=provider,
        secret=secret,
        base_url=base_url,
        save_to=save_to,
        timeout=timeout,
    )
    stars = shared_stars()
    stars.load()
    return Board([begin_watch(each) for each in prepared], stars, poster=poster)


__all__ = ["Board", "watch_all"]
