"""The card in the notebook, and the Python handle that goes with it.

The widget speaks no HTTP: a `Watch` polls and downloads in its own threads, and the publisher's thread
carries the state and the video's bytes to the page.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import traitlets

from rushes.credentials import Secret
from rushes.destination import export, means_directory, resolve_destination
from rushes.errors import InvalidInputError, RushesError
from rushes.front_end import front_end_file
from rushes.operation import Operation
from rushes.outputs import NotebookOutputs, notebook_directory
from rushes.page import WatchPage
from rushes.page_widget import PageWidget
from rushes.publisher import shared_publisher
from rushes.quiet_comm import keep_keys_out_of_logs
from rushes.snapshot import Snapshot
from rushes.static_outputs import StaticOutputs
from rushes.video import Video
from rushes.waiting import wait_for
from rushes.watching import idle_watch, open_watch
from rushes.widget_comm import WidgetComm

if TYPE_CHECKING:
    from rushes.watching import Watch

#: How long a caller waits for the traits to say what the watch already says.
_PUBLICATION_LIMIT_S = 1.0


class OperationWidget(PageWidget):
    """One video generation: its state while it runs, then the video. Made by `rushes.watch`.

    `OperationWidget()` is a card with a form for the model name, the operation ID and the key: idle, with no name
    and no ID, until somebody fills it in.
    """

    _published = ("snapshot", "status")
    _esm = front_end_file("widget.js")
    _css = front_end_file("widget.css")
    snapshot = traitlets.Dict(read_only=True).tag(sync=True)
    """Everything the card shows, as one JSON dict (`rushes.snapshot.Snapshot`) that is replaced whole at
    every change. Read-only, for the page too. Its observers run on the notifier thread.
    """

    status = traitlets.Unicode(read_only=True).tag(sync=True)
    """"idle", "running", "downloading", "succeeded", "filtered", "empty", "failed", "stopped" or "timed_out".
    Read-only, for the page too; set after `snapshot`. Its observers run on the notifier thread."""

    def __init__(
        self,
        watch: Watch | None = None,
        *,
        autoplay: bool = False,
        loop: bool = False,
        poster: bool = True,
    ) -> None:
        keep_keys_out_of_logs()
        self._watch = watch = idle_watch() if watch is None else watch
        self._outputs = NotebookOutputs()
        self._page: WatchPage = WatchPage(
            WidgetComm(self, self._published),
            watch,
            shared_publisher(),
            StaticOutputs(self._outputs, keeps_poster=poster),
            directory=notebook_directory(),
            autoplay=autoplay,
            loop=loop,
        )
        super().__init__()
        self.on_msg(self._on_page_message)
        self._page.open()

    # What it says.

    @property
    def model_name(self) -> str:
        """The model, as given; "" while idle."""
        return self._watch.reference.model_name

    @property
    def operation_id(self) -> str:
        """The operation ID, as given; "" while idle."""
        return self._watch.reference.operation_id

    @property
    def done(self) -> bool:
        """Whether the watch has ended, however it ended; `status` is final then."""
        return self._watch.state.done and self._page.is_current

    @property
    def operation(self) -> Operation | None:
        """What the endpoint answered last; None before its first answer."""
        return self._watch.state.operation

    @property
    def videos(self) -> tuple[Video, ...]:
        """The videos, with `.path` once they are downloaded; empty before that."""
        return self._watch.state.videos

    @property
    def error(self) -> RushesError | None:
        """Why there is no video; None while the watch runs and after success."""
        return self._watch.state.error

    def __repr__(self) -> str:
        state = self._watch.state
        if state.status == "idle":
            return "<OperationWidget: idle>"
        told = [state.status, f"{state.polls} poll{'' if state.polls == 1 else 's'}"]
        if state.videos:
            told.append(f"{len(state.videos)} video{'' if len(state.videos) == 1 else 's'}")
        if state.error is not None:
            told.append(type(state.error).__name__)
        return f"<OperationWidget {self.model_name} {self.operation_id}: {', '.join(told)}>"

    # What it does.

    def result(self, timeout: float | None = None) -> tuple[Video, ...]:
        """Wait for the videos; show the card first if no cell has.

        Args:
            timeout: seconds to wait; None for as long as the watch's own timeout allows.

        Raises:
            TimeoutError: the built-in one; the watch goes on.
            InvalidInputError: nothing is watched yet: the form is still to be filled in.
            RushesError: what ended the watch without a video.
        """
        error = (future := self._finished(timeout)).exception()
        if error is not None:
            raise error.with_traceback(None)  # or each call would add its frames to those of the last
        return future.result()

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait as `result` does, and return the error instead of raising it; None after success.

        Raises:
            TimeoutError: the built-in one; the watch goes on.
            InvalidInputError: nothing is watched yet.
        """
        return self._finished(timeout).exception()

    def add_done_callback(self, fn: Callable[[OperationWidget], object]) -> None:
        """Call `fn(widget)` when the watch ends, or soon if it has.

        It runs on the notifier thread, one callback after the other; what it raises is logged.
        """

        def notify(_: Watch) -> None:
            self._page.settle(_PUBLICATION_LIMIT_S)
            fn(self)

        self._watch.add_done_callback(notify)

    def __await__(
        self,
    ) -> Generator[Any, None, tuple[Video, ...]]:  # Any: whatever asyncio's own futures yield
        """Await what `result` returns. Cancelling the task that waits never ends the watch.

        With ipykernel 6 the card's buttons are answered only after the cell that awaits.
        """
        self._require_operation()
        self._show_once()
        return self._awaited(self._watch.future).__await__()

    def stop(self) -> None:
        """Stop watching. The generation goes on, and may be billed."""
        self._watch.stop()

    def resume(self, *, api_key: str | None = None) -> None:
        """Watch again, as a new attempt with a new timeout; no effect while it runs, once the outcome is final
        or after `close`.

        Args:
            api_key: the key to go on with; None looks again where `watch` looked.
        """
        secret = Secret.wrap(api_key)
        del api_key  # a verbose traceback prints the locals of every frame
        self._watch.resume(secret)

    def save(self, path: str | os.PathLike[str], *, sample: int = 0, overwrite: bool = False) -> Path:
        """Copy a finished video to a file, whole or not at all.

        Args:
            path: a file; or a directory (an existing one, or with a trailing slash), which gets
                `{operation_id}.mp4`.
            sample: which of the videos, from 0.
            overwrite: replace a file that has other bytes in it.

        Returns:
            The file.

        Raises:
            SaveError: the videos are not here yet, the file exists with other bytes, or it cannot be written.
            InvalidInputError: there is no such sample, or the path cannot be meant.
            RushesError: what ended the watch without a video.
        """
        source = self._watch.state.file_of(sample)
        number, count = (sample, len(self._watch.state.samples)) if means_directory(path) else (0, 1)
        saved = export(
            source, resolve_destination(path, self.operation_id, number, count), overwrite=overwrite
        )
        self._page.video_saved(source)
        return saved

    def close(self) -> None:
        """Take the card out of the page; polling ends unless another widget watches the same operation."""
        # ipywidgets also closes a widget whose construction failed half way.
        if "_page" in self.__dict__ and self._page.is_open:
            self._page.close()
            self._watch.close()
        super().close()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "An OperationWidget is not pickled: it belongs to the threads and the page of this process. Keep "
            "the paths of its videos, or watch the operation anew: "
            f"watch({self.model_name!r}, {self.operation_id!r})."
        )

    # Waiting.

    def _require_operation(self) -> None:
        # Waiting would hold up the very kernel that the form's message has to reach.
        if self._watch.state.status == "idle":
            raise InvalidInputError(
                "Nothing is watched yet.",
                next_step="Fill in the card's form, then ask in another cell; or use add_done_callback().",
            )

    def _finished(self, timeout_s: float | None) -> concurrent.futures.Future[tuple[Video, ...]]:
        self._require_operation()
        self._show_once()
        future = self._watch.future
        wait_for(future, timeout_s, self.operation_id)
        self._page.settle(_PUBLICATION_LIMIT_S)
        return future

    async def _awaited(self, future: concurrent.futures.Future[tuple[Video, ...]]) -> tuple[Video, ...]:
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        finally:
            if future.done():
                await asyncio.to_thread(self._page.settle, _PUBLICATION_LIMIT_S)

    # Traits and messages.

    def _on_notifier(self, call: Callable[[], object]) -> None:
        self._watch.notify(call)

    @traitlets.default("snapshot")
    def _first_snapshot(self) -> Snapshot:
        return self._page.published

    @traitlets.default("status")
    def _first_status(self) -> str:
        return self._page.published["status"]


def watch(
    model_name: object,
    operation_id: object = None,
    *,
    provider: str | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
    save_to: str | os.PathLike[str] | None = None,
    timeout: float | None = 3600.0,
    autoplay: bool = False,
    loop: bool = False,
    label: str | None = None,
    poster: bool = True,
) -> OperationWidget:
    """Watch a video generation, and show it in the cell: its state while it runs, then the video itself.

    Polling starts here, displayed or not. A missing or refused key does not raise: the card asks for one, and
    `error` says where was looked.

    Args:
        model_name: a model name; or, alone, an operation: "models/M/operations/X", a URL, an object with
            `.name`, a dict with "name".
        operation_id: an operation ID, or any of those in its place.
        provider: "gptproto" or "google"; None lets the key or the URL decide.
        api_key: the provider's key; None looks in the environment, then in Colab's secrets.
        base_url: another endpoint that speaks the same contract; it needs its own `api_key`.
        save_to: a file, or a directory that gets `{operation_id}.mp4`; None keeps the videos in the data
            directory.
        timeout: seconds awake until the watch gives up on an operation that still runs; None for no limit.
        autoplay: play as soon as the video is there, without sound (browsers allow no other).
        loop: play again and again.
        label: a name of your own, for the card and for `rushes.recent()`.
        poster: let the saved notebook keep a picture of the video.

    Raises:
        InvalidInputError: a name, ID, URL or path that cannot be meant.
        SaveError: `save_to` cannot be written to, or holds another file.
    """
    secret = Secret.wrap(api_key)
    del api_key  # a verbose traceback prints the locals of every frame
    opened = open_watch(
        model_name,
        operation_id,
        provider=provider,
        api_key=secret,
        base_url=base_url,
        save_to=save_to,
        timeout=timeout,
        label=label,
    )
    return OperationWidget(opened, autoplay=autoplay, loop=loop, poster=poster)
