"""Which file the bytes are sent from, while files come, move, change and go."""

from __future__ import annotations

import errno
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from recorded_page import RecordedPage, clip, outbox_for, pull, received, run_out

from rushes.messages import Reply
from rushes.publisher import Publisher
from rushes.transfer import CHUNK_BYTES, ChunkedFile

pytest_plugins = ("publisher_fixtures",)


def test_a_file_that_is_gone_is_no_end_of_the_others(publisher: Publisher, tmp_path: Path) -> None:
    gone, whole = RecordedPage(), RecordedPage()
    for name, page in (("gone", gone), ("whole", whole)):
        outbox_for(publisher, page).offer(clip(tmp_path / f"{name}.mp4", 2), push=True)
    (tmp_path / "gone.mp4").unlink()
    assert run_out(publisher, 0.0) is None
    assert (gone.log, whole.log) == ([], ["chunk 0", "chunk 1"])


def test_a_file_that_is_gone_is_told_each_time_a_page_asks_for_it(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "gone.mp4", 3), push=False)
    (tmp_path / "gone.mp4").unlink()
    for _ in range(2):
        outbox.pull(pull(0, 1, 2))
        assert run_out(publisher, 0.0) is None
    assert page.log == ["missing gone.mp4", "missing gone.mp4"]


def test_a_whole_file_that_became_shorter_is_told_to_a_page_that_asks_for_it(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    file = clip(tmp_path / "cut.mp4", 2)
    outbox.offer(file, push=False)
    os.truncate(file.path, 1000)
    outbox.pull(pull(0, 1))
    assert run_out(publisher, 0.0) is None
    assert page.log == ["missing cut.mp4"]


def refuse(number: int, monkeypatch: pytest.MonkeyPatch, **attributes: int) -> None:
    """No file can be opened, for this reason."""

    def refused(*args: object, **kwargs: object) -> NoReturn:
        error = OSError(number, os.strerror(number))
        vars(error).update(attributes)
        raise error

    monkeypatch.setattr(Path, "open", refused)


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_a_whole_file_that_cannot_be_read_is_told_to_a_page_that_asks_for_it(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 2), push=False)
    refuse(number, monkeypatch)
    outbox.pull(pull(0, 1))
    assert run_out(publisher, 0.0) is None
    assert page.log == ["missing a.mp4"]


@pytest.mark.parametrize(
    ("number", "attributes"), [(errno.EMFILE, {}), (errno.ENOMEM, {}), (errno.EACCES, {"winerror": 32})]
)
def test_what_passes_and_says_nothing_of_the_file_is_tried_again_when_a_page_asks_again(
    publisher: Publisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    attributes: dict[str, int],
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 2), push=False)
    with monkeypatch.context() as patch:
        refuse(number, patch, **attributes)
        outbox.pull(pull(0, 1))
        assert run_out(publisher, 0.0) is None
    assert page.log == []
    outbox.pull(pull(0, 1))
    run_out(publisher, 0.0)
    assert page.log == ["chunk 0", "chunk 1"]


def test_a_file_that_still_grows_is_not_missed(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(replace(clip(tmp_path / "a.mp4.part", 2), bytes_total=None), push=False)
    refuse(errno.EIO, monkeypatch)
    outbox.pull(pull(0))
    assert run_out(publisher, 0.0) is None
    assert page.log == []


def test_a_new_generation_replaces_the_old_one(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    first = clip(tmp_path / "a.mp4", 2)
    outbox.offer(first, push=True)
    outbox.offer(ChunkedFile(first.path, CHUNK_BYTES, CHUNK_BYTES, sample=0, generation=1), push=True)
    outbox.pull(pull(1))  # asks for generation 0
    run_out(publisher, 0.0)
    assert page.log == ["chunk 0"]


def test_a_video_that_is_offered_again_is_not_sent_again(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    file = clip(tmp_path / "a.mp4", 2)
    for _ in range(2):
        outbox.offer(file, push=True)
        run_out(publisher, 0.0)
    assert page.log == ["chunk 0", "chunk 1"]


def test_a_video_that_was_fetched_anew_is_sent_from_where_it_is_now(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "removed.mp4", 1), push=False)
    (tmp_path / "removed.mp4").unlink()
    outbox.offer(clip(tmp_path / "anew.mp4", 1), push=False)
    outbox.pull(pull(0))
    run_out(publisher, 0.0)
    assert page.log == ["chunk 0"]


def test_the_bytes_are_those_of_the_file(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    data = bytes(range(256)) * 1500
    (tmp_path / "a.mp4").write_bytes(data)
    outbox = outbox_for(publisher, page)
    outbox.offer(ChunkedFile(tmp_path / "a.mp4", len(data), len(data), sample=0, generation=0), push=True)
    run_out(publisher, 0.0)
    assert b"".join(page.buffers) == data


def test_a_download_that_ends_moves_its_file_and_what_was_asked_for_comes_from_where_it_lies_then(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    whole = clip(tmp_path / "a.mp4", 3)
    growing = replace(whole, path=tmp_path / "a.mp4.part", bytes_here=2 * CHUNK_BYTES, bytes_total=None)
    outbox.offer(growing, push=False)
    outbox.pull(pull(0, 1))
    assert run_out(publisher, 0.0) is None
    assert page.log == []
    outbox.offer(whole, push=False)
    run_out(publisher, 0.0)
    assert page.log == ["chunk 0", "chunk 1"]


def test_a_download_that_ends_moves_its_file_and_the_push_goes_on_where_it_lies_then(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    whole = clip(tmp_path / "a.mp4", 3)
    growing = replace(whole, path=tmp_path / "a.mp4.part", bytes_here=2 * CHUNK_BYTES, bytes_total=None)
    outbox.offer(growing, push=True)
    assert run_out(publisher, 1.0) is None
    assert page.log == []
    outbox.offer(whole, push=True)
    assert run_out(publisher, 0.0) is None
    assert page.log == ["chunk 0", "chunk 1", "chunk 2"]
    assert outbox.bytes_on_the_way(0.0) == 3 * CHUNK_BYTES


def test_a_whole_file_that_is_moved_while_it_is_pushed_is_not_begun_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    part = clip(tmp_path / "a.mp4.part", 6)
    outbox.offer(part, push=True)
    publisher.turn(0.0)
    part.path.rename(tmp_path / "a.mp4")
    assert run_out(publisher, 0.0) is None
    assert page.log == [f"chunk {index}" for index in range(publisher.window.run_chunks)]
    outbox.offer(replace(part, path=tmp_path / "a.mp4"), push=True)
    run_out(publisher, 0.0)
    assert page.log == [f"chunk {index}" for index in range(6)]


def test_a_file_that_was_out_of_reach_is_sent_when_a_page_asks_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    file = clip(tmp_path / "a.mp4", 2)
    file.path.rename(tmp_path / "elsewhere")
    outbox.offer(file, push=True)
    assert run_out(publisher, 0.0) is None
    (tmp_path / "elsewhere").rename(file.path)
    outbox.pull(pull(1))
    run_out(publisher, 0.0)
    assert sorted(page.log) == ["chunk 0", "chunk 1"]


def test_memory_does_not_grow_with_the_video(publisher: Publisher, tmp_path: Path) -> None:
    arrived = 0

    class Swallowing(RecordedPage):
        """A page that has each message at once, says so, and keeps none."""

        def send(self, reply: Reply, buffer: bytes | None = None) -> None:
            nonlocal arrived
            if reply["type"] == "chunk":
                arrived += reply["count"]
                outbox.received(received(reply["index"]))

    outbox = outbox_for(publisher, Swallowing())
    outbox.offer(clip(tmp_path / "half_a_gigabyte.mp4", 2_000), push=True)
    tracemalloc.start()
    try:
        run_out(publisher, 0.0)
        assert arrived == 2_000
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
