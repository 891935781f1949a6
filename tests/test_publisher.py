from __future__ import annotations

import contextvars
import itertools
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rushes.messages import PullRequest, ReceivedRequest, Reply
from rushes.outbox import Outbox
from rushes.publisher import Publisher
from rushes.transfer import CHUNK_BYTES, ChunkedFile
from rushes.window import FIRST_BYTES as WINDOW_BYTES
from rushes.window import PACE_AS_NUMBERS_BYTES_PER_S, PACE_BYTES_PER_S


class RecordedPage:
    """A page that writes down what it is sent."""

    def __init__(self, log: list[str] | None = None, name: str = "") -> None:
        self.log = [] if log is None else log
        self.name = name
        self.urgent = False
        self.broken = False
        self.buffers: list[bytes] = []
        self.offers = 0

    def offer_videos(self) -> None:
        self.offers += 1

    def publish(self) -> None:
        self._note("publish")

    def publish_again(self) -> None:
        self._note("publish_again")

    def answer_state(self) -> None:
        self._note("state")

    def renew_outputs(self) -> float | None:
        return None

    def has_urgent_news(self) -> bool:
        return self.urgent

    def send(self, reply: Reply, buffer: bytes | None = None) -> None:
        if reply["type"] == "ack":
            self._note(f"ack {reply['id']}")
        elif reply["type"] == "chunk":
            assert buffer is not None
            self.buffers.append(buffer)
            for index in range(reply["index"], reply["index"] + reply["count"]):
                self._note(f"chunk {index}")

    def _note(self, what: str) -> None:
        if self.broken:
            raise RuntimeError("the comm is closed")
        self.log.append(f"{self.name}{what}")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """One whose thread does not run: the tests take its turns."""
    publisher = Publisher()
    publisher.start = lambda: None  # type: ignore[method-assign]
    yield publisher
    publisher.stop()


def clip(path: Path, chunks: int) -> ChunkedFile:
    with path.open("wb") as file:
        file.truncate(chunks * CHUNK_BYTES)
    return ChunkedFile(path, chunks * CHUNK_BYTES, sample=0, generation=0)


def pull(*chunks: int) -> PullRequest:
    return PullRequest(type="pull", sample=0, generation=0, chunks=list(chunks))


def received(chunks: int, *, as_numbers: bool = False) -> ReceivedRequest:
    return ReceivedRequest(type="received", sample=0, generation=0, chunks=chunks, as_numbers=as_numbers)


def outbox_for(publisher: Publisher, page: RecordedPage) -> Outbox:
    outbox = Outbox(page, publisher.wake, window=publisher.window, clock=lambda: 0.0)
    publisher.add(outbox)
    return outbox


def run_out(publisher: Publisher, now: float) -> float | None:
    """Take turns until one has to wait; returns how long."""
    while (wait_s := publisher.turn(now)) == 0.0:
        pass
    return wait_s


def test_acknowledgements_and_state_go_before_bytes_and_pulled_bytes_before_pushed(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 3), push=True)
    outbox.pull(pull(2))
    outbox.state_asked()
    outbox.state_changed()
    outbox.acknowledge(7)
    assert run_out(publisher, 0.0) is None
    assert page.log == ["ack 7", "publish", "state", "chunk 2", "chunk 0", "chunk 1"]


def test_an_outbox_without_anything_to_send_waits_to_be_woken(publisher: Publisher) -> None:
    page = RecordedPage()
    outbox_for(publisher, page)
    assert publisher.turn(0.0) is None
    assert page.log == []


def test_progress_is_published_four_times_a_second_at_most_and_the_last_of_it_always(
    publisher: Publisher,
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    for now in (0.0, 0.01, 0.02):
        outbox.state_changed()
        wait_s = publisher.turn(now)
    assert page.log == ["publish"]
    assert wait_s == pytest.approx(0.23)
    assert publisher.turn(0.25) is None
    assert page.log == ["publish", "publish"]


def test_bytes_do_not_wait_for_the_next_word_of_progress(publisher: Publisher) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    for now in (0.0, 0.01, 0.02):
        outbox.state_changed()
        publisher.turn(now)
    assert (page.offers, page.log) == (3, ["publish"])


def test_a_new_status_is_published_at_once(publisher: Publisher) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.state_changed()
    publisher.turn(0.0)
    outbox.state_changed()
    page.urgent = True
    publisher.turn(0.01)
    assert page.log == ["publish", "publish"]


def test_pushes_stop_at_the_window_and_are_paced_beyond_it(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    in_window = WINDOW_BYTES // CHUNK_BYTES
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", in_window * 3), push=True)
    publisher.turn(0.0)
    wait_s = run_out(publisher, 0.0)
    interval_s = CHUNK_BYTES / PACE_BYTES_PER_S
    assert len(page.log) == in_window + 1  # the first one beyond has nothing to wait for
    assert wait_s is not None
    assert 0 < wait_s <= interval_s
    for step in range(1, 9):
        run_out(publisher, step * interval_s)
    assert len(page.log) == in_window + 9


def test_little_room_is_left_until_there_is_enough_for_a_long_message(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 100), push=True)
    run_out(publisher, 0.0)
    before = len(page.log)
    publisher.window.observe(1.0, 0)  # slow: the window stays
    outbox.received(received(before - WINDOW_BYTES // CHUNK_BYTES + 1))
    run_out(publisher, 0.001)
    assert len(page.log) == before


def test_acknowledged_bytes_make_room_at_once(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    in_window = WINDOW_BYTES // CHUNK_BYTES
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", in_window * 2), push=True)
    run_out(publisher, 0.0)
    outbox.received(received(in_window + 1))
    assert run_out(publisher, 0.001) is None
    assert len(page.log) == in_window * 2


def test_where_bytes_become_numbers_each_chunk_waits_for_the_one_before(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 40), push=True)
    run_out(publisher, 0.0)
    before = len(page.log)
    outbox.received(received(before - 1, as_numbers=True))  # the last one is still on its way
    run_out(publisher, 1.0)
    run_out(publisher, 1.01)
    assert len(page.log) == before + 1  # it had its time
    for step in range(1, 11):
        outbox.received(received(before + step, as_numbers=True))
        run_out(publisher, 1.0 + step / 100)
        assert len(page.log) == before + step + 1


def test_where_bytes_become_numbers_a_busy_kernel_still_gets_its_video_out(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 8), push=False)
    outbox.received(received(0, as_numbers=True))
    outbox.offer(replace(clip(tmp_path / "a.mp4", 16), generation=1), push=True)
    interval_s = CHUNK_BYTES / PACE_AS_NUMBERS_BYTES_PER_S
    for step in range(10):
        assert run_out(publisher, 5.0 + step * interval_s) is not None
        assert len(page.log) == step + 1


def test_the_window_is_one_for_all_widgets(publisher: Publisher, tmp_path: Path) -> None:
    in_window = WINDOW_BYTES // CHUNK_BYTES
    pages = [RecordedPage(), RecordedPage()]
    for number, page in enumerate(pages):
        outbox_for(publisher, page).offer(clip(tmp_path / f"{number}.mp4", in_window), push=True)
    run_out(publisher, 0.0)
    assert sum(len(page.log) for page in pages) == in_window + 1


def test_two_videos_take_turns(publisher: Publisher, tmp_path: Path) -> None:
    log: list[str] = []
    for name in ("a ", "b "):
        outbox = outbox_for(publisher, RecordedPage(log, name))
        outbox.offer(clip(tmp_path / f"{name.strip()}.mp4", 6), push=True)
    run_out(publisher, 0.0)
    run = publisher.window.run
    first, then = log[:run], log[run : 2 * run]
    assert {line[0] for line in first} != {line[0] for line in then}
    assert [line[2:] for line in first] == [f"chunk {index}" for index in range(run)]
    assert [line[2:] for line in then] == [f"chunk {index}" for index in range(run)]


def test_a_pull_is_answered_while_another_video_is_pushed(publisher: Publisher, tmp_path: Path) -> None:
    log: list[str] = []
    pushing = outbox_for(publisher, RecordedPage(log, "a "))
    pulling = outbox_for(publisher, RecordedPage(log, "b "))
    pushing.offer(clip(tmp_path / "a.mp4", 8), push=True)
    pulling.offer(clip(tmp_path / "b.mp4", 8), push=False)
    publisher.turn(0.0)
    pulling.pull(pull(5))
    publisher.turn(0.0)
    assert log[-1] == "b chunk 5"


def test_a_page_with_a_broken_comm_does_not_stop_the_others(publisher: Publisher, tmp_path: Path) -> None:
    broken, whole = RecordedPage(), RecordedPage()
    broken.broken = True
    outboxes = [outbox_for(publisher, page) for page in (broken, whole)]
    for outbox in outboxes:
        outbox.offer(clip(tmp_path / "a.mp4", 2), push=True)
        outbox.state_changed()
    run_out(publisher, 0.0)
    assert whole.log == ["publish", "chunk 0", "chunk 1"]


def test_a_file_that_is_gone_is_no_end_of_the_others(publisher: Publisher, tmp_path: Path) -> None:
    gone, whole = RecordedPage(), RecordedPage()
    for name, page in (("gone", gone), ("whole", whole)):
        outbox_for(publisher, page).offer(clip(tmp_path / f"{name}.mp4", 2), push=True)
    (tmp_path / "gone.mp4").unlink()
    assert run_out(publisher, 0.0) is None
    assert (gone.log, whole.log) == ([], ["chunk 0", "chunk 1"])


def test_a_new_generation_replaces_the_old_one(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    first = clip(tmp_path / "a.mp4", 2)
    outbox.offer(first, push=True)
    outbox.offer(ChunkedFile(first.path, CHUNK_BYTES, sample=0, generation=1), push=True)
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
    outbox.offer(ChunkedFile(tmp_path / "a.mp4", len(data), sample=0, generation=0), push=True)
    run_out(publisher, 0.0)
    assert b"".join(page.buffers) == data


# The thread.


def test_the_thread_sends_as_soon_as_it_is_woken_and_ends_with_the_last_outbox() -> None:
    published = threading.Event()

    class Waiting(RecordedPage):
        def publish(self) -> None:
            published.set()

    publisher = Publisher()
    outbox = Outbox(Waiting(), publisher.wake)
    publisher.add(outbox)
    thread = publisher_thread()
    assert thread is not None
    assert thread.daemon
    outbox.state_changed()
    assert published.wait(5)
    publisher.remove(outbox)
    thread.join(5)
    assert not thread.is_alive()


def test_the_thread_starts_anew_for_an_outbox_that_comes_later() -> None:
    publisher = Publisher()
    for _ in range(3):
        sent = threading.Event()
        outbox = Outbox(CallingPage(sent.set), publisher.wake)
        publisher.add(outbox)
        outbox.state_changed()
        assert sent.wait(5)
        publisher.stop()
        publisher.join(5)
    assert publisher_thread() is None


def test_the_thread_runs_in_the_context_of_who_started_it() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("of the cell")
    seen: list[str] = []
    done = threading.Event()
    publisher = Publisher()
    outbox = Outbox(CallingPage(lambda: (seen.append(variable.get("none")), done.set())), publisher.wake)
    publisher.add(outbox)
    outbox.state_changed()
    assert done.wait(5)
    publisher.stop()
    publisher.join(5)
    assert seen == ["of the cell"]


class CallingPage(RecordedPage):
    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__()
        self._call = call

    def publish(self) -> None:
        self._call()


def publisher_thread() -> threading.Thread | None:
    return next((thread for thread in threading.enumerate() if thread.name == "rushes-publisher"), None)


def test_a_download_that_ends_moves_its_file_and_what_was_asked_for_comes_from_where_it_lies_then(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    whole = clip(tmp_path / "a.mp4", 3)
    growing = replace(whole, path=tmp_path / "a.mp4.part", bytes_here=2 * CHUNK_BYTES, complete=False)
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
    growing = replace(whole, path=tmp_path / "a.mp4.part", bytes_here=2 * CHUNK_BYTES, complete=False)
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
    assert page.log == [f"chunk {index}" for index in range(publisher.window.run)]
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
    arrived = itertools.count(1)

    class Swallowing(RecordedPage):
        """A page that has each message at once, says so, and keeps none."""

        def send(self, reply: Reply, buffer: bytes | None = None) -> None:
            if reply["type"] == "chunk":
                for _ in range(reply["count"]):
                    outbox.received(received(next(arrived)))

    outbox = outbox_for(publisher, Swallowing())
    outbox.offer(clip(tmp_path / "half_a_gigabyte.mp4", 2_000), push=True)
    tracemalloc.start()
    try:
        run_out(publisher, 0.0)
        assert next(arrived) == 2_001
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
