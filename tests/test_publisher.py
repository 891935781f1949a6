"""What a publisher sends first, and how much at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from recorded_page import RecordedPage, clip, outbox_for, pull, received, run_out

from rushes.publisher import Publisher
from rushes.transfer import CHUNK_BYTES
from rushes.window import (
    ACKNOWLEDGEMENT_GRACE_S,
    LARGEST_BYTES,
    PACE_AS_NUMBERS_BYTES_PER_S,
    PACE_BYTES_PER_S,
)
from rushes.window import FIRST_BYTES as WINDOW_BYTES

pytest_plugins = ("publisher_fixtures",)


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
    assert len(page.log) == in_window
    assert wait_s == pytest.approx(ACKNOWLEDGEMENT_GRACE_S)
    for step in range(9):
        run_out(publisher, ACKNOWLEDGEMENT_GRACE_S + step * interval_s)
        assert len(page.log) == in_window + step + 1


def test_a_page_that_acknowledges_in_time_gets_nothing_beyond_the_window_and_only_full_messages(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    publisher.window.observe(0.01, LARGEST_BYTES)
    in_window = LARGEST_BYTES // CHUNK_BYTES
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 3 * in_window), push=True)
    for window in range(1, 4):
        run_out(publisher, window * (ACKNOWLEDGEMENT_GRACE_S - 0.01))
        assert len(page.log) == window * in_window
        outbox.received(received(page.indexes[-1]))
    assert page.runs == [publisher.window.run_chunks] * (3 * in_window // publisher.window.run_chunks)
    assert page.asked_chunks == [in_window, 2 * in_window]


def test_little_room_is_left_until_there_is_enough_for_a_long_message(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    now = 0.0
    outbox = outbox_for(publisher, page, clock=lambda: now)
    whole = clip(tmp_path / "a.mp4", 100)
    for chunks in (1, 2, 100):
        outbox.offer(replace(whole, bytes_here=chunks * CHUNK_BYTES), push=True)
        now += 0.1
        run_out(publisher, now)
    before = len(page.log)
    assert page.runs == [1, 1, 3]
    now += 0.1  # the first one took too long to widen the window
    outbox.received(received(page.indexes[0]))
    run_out(publisher, now)
    assert len(page.log) == before


def test_acknowledged_bytes_make_room_at_once(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    in_window = WINDOW_BYTES // CHUNK_BYTES
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", in_window * 2), push=True)
    run_out(publisher, 0.0)
    outbox.received(received(page.indexes[-1]))
    assert run_out(publisher, 0.001) is None
    assert len(page.log) == in_window * 2


def test_each_half_of_a_window_is_to_be_acknowledged_so_that_the_next_can_go_meanwhile(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    half = WINDOW_BYTES // CHUNK_BYTES // 2
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 4 * half), push=True)
    outbox.pull(pull(0))
    run_out(publisher, 0.0)
    assert page.log[0] == "chunk 0"
    assert page.asked_chunks[0] == 1 + half


@pytest.mark.parametrize("gained", [8, 3])
def test_at_its_full_size_a_window_is_acknowledged_once_with_the_last_message_that_fits(
    publisher: Publisher, tmp_path: Path, gained: int
) -> None:
    page = RecordedPage()
    publisher.window.observe(0.01, LARGEST_BYTES)
    in_window = LARGEST_BYTES // CHUNK_BYTES
    whole = clip(tmp_path / "a.mp4", 2 * in_window)
    outbox = outbox_for(publisher, page)
    for chunks in range(gained, in_window + 1, gained):
        outbox.offer(replace(whole, bytes_here=chunks * CHUNK_BYTES), push=True)
        run_out(publisher, chunks / 10)
    (asked,) = page.asked_chunks
    assert in_window - 2 * publisher.window.run_chunks < asked <= in_window


def test_a_file_that_fits_into_the_window_goes_without_an_acknowledgement(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    in_window = WINDOW_BYTES // CHUNK_BYTES
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", in_window), push=True)
    assert run_out(publisher, 0.0) is None
    assert len(page.log) == in_window
    assert page.asked_chunks == []


@pytest.mark.parametrize("bytes_total", [None, 100 * CHUNK_BYTES])
def test_a_file_that_grows_beyond_the_window_or_nobody_knows_how_far_is_acknowledged(
    publisher: Publisher, tmp_path: Path, bytes_total: int | None
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    here = clip(tmp_path / "a.mp4", WINDOW_BYTES // CHUNK_BYTES)
    outbox.offer(replace(here, bytes_total=bytes_total), push=True)
    run_out(publisher, 1.0)
    assert page.asked_chunks == [3, 6]


def test_files_that_fit_into_the_window_one_by_one_but_not_together_are_acknowledged(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    for sample in range(2):
        file = clip(tmp_path / f"{sample}.mp4", WINDOW_BYTES // CHUNK_BYTES)
        outbox.offer(replace(file, sample=sample), push=True)
    run_out(publisher, 0.0)
    assert page.asked_chunks != []


def test_files_of_two_widgets_that_do_not_fit_together_are_acknowledged(
    publisher: Publisher, tmp_path: Path
) -> None:
    pages = [RecordedPage(), RecordedPage()]
    for number, page in enumerate(pages):
        file = clip(tmp_path / f"{number}.mp4", WINDOW_BYTES // CHUNK_BYTES)
        outbox_for(publisher, page).offer(file, push=True)
    run_out(publisher, 0.0)
    assert pages[0].asked_chunks + pages[1].asked_chunks != []


def test_a_video_that_a_page_has_makes_room_for_that_of_another_widget(
    publisher: Publisher, tmp_path: Path
) -> None:
    in_window = WINDOW_BYTES // CHUNK_BYTES
    pages = [RecordedPage(), RecordedPage()]
    for number, page in enumerate(pages):
        outbox = outbox_for(publisher, page)
        outbox.offer(clip(tmp_path / f"{number}.mp4", in_window), push=True)
        assert run_out(publisher, float(number)) is None
        assert len(page.log) == in_window
        outbox.received(received(page.indexes[-1]))


def test_what_a_page_pulled_makes_no_room_for_what_is_pushed(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    whole = clip(tmp_path / "a.mp4", 300)
    outbox.offer(replace(whole, bytes_here=100 * CHUNK_BYTES), push=False)
    for first in range(0, 100, 4):
        outbox.pull(pull(*range(first, first + 4)))
        run_out(publisher, 0.0)
    outbox.received(received(page.indexes[-1]))
    outbox.offer(whole, push=True)
    run_out(publisher, 0.0)
    assert len(page.log) - 100 == publisher.window.bytes // CHUNK_BYTES


def test_what_is_lost_on_the_way_does_not_slow_down_the_rest(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 400), push=True)
    while len(page.log) < 400:
        before = len(page.log)
        run_out(publisher, 0.0)
        assert len(page.log) > before
        outbox.received(received(page.indexes[-1]))  # whatever became of those before it


def test_a_widget_that_no_page_shows_takes_no_room_from_the_others(
    publisher: Publisher, tmp_path: Path
) -> None:
    in_window = WINDOW_BYTES // CHUNK_BYTES
    left, shown = RecordedPage(), RecordedPage()
    outbox = outbox_for(publisher, left)
    outbox.offer(clip(tmp_path / "a.mp4", 2 * in_window), push=True)
    run_out(publisher, 0.0)
    outbox.abandon()
    outbox_for(publisher, shown).offer(clip(tmp_path / "b.mp4", in_window), push=True)
    run_out(publisher, 0.0)
    assert (len(left.log), len(shown.log)) == (in_window, in_window)


def test_what_was_there_when_the_widget_was_displayed_is_pushed_to_a_page_that_cannot_ask(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 3), push=False)
    outbox.displayed()
    wait_s = run_out(publisher, 0.25)
    assert (wait_s, page.log) == (pytest.approx(0.75), [])
    run_out(publisher, 1.0)
    assert page.log == ["chunk 0", "chunk 1", "chunk 2"]
    outbox.displayed()
    run_out(publisher, 5.0)
    assert len(page.log) == 3


def test_a_page_that_is_heard_asks_for_what_was_there(publisher: Publisher, tmp_path: Path) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 3), push=False)
    outbox.displayed()
    outbox.heard()
    assert run_out(publisher, 5.0) is None
    assert page.log == []


@pytest.mark.parametrize(("took_s", "widens"), [(0.3, True), (0.9, False)])
def test_an_acknowledgement_that_waited_in_the_page_tells_how_long_the_bytes_took(
    publisher: Publisher, tmp_path: Path, took_s: float, widens: bool
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page, clock=lambda: took_s)
    outbox.offer(clip(tmp_path / "a.mp4", 4), push=True)
    run_out(publisher, 0.0)
    outbox.received(received(page.indexes[-1], waited_ms=250))
    assert (publisher.window.bytes > WINDOW_BYTES, publisher.window.bytes < WINDOW_BYTES) == (
        widens,
        not widens,
    )


def test_the_last_of_a_file_goes_as_soon_as_there_is_room_for_it(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    in_window = WINDOW_BYTES // CHUNK_BYTES
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", in_window + 2), push=True)
    assert run_out(publisher, 0.0) is not None
    assert len(page.log) == in_window
    outbox.received(received(page.indexes[0]))
    assert run_out(publisher, 0.001) is None
    assert len(page.log) == in_window + 2


def test_where_bytes_become_numbers_each_chunk_waits_for_the_one_before(
    publisher: Publisher, tmp_path: Path
) -> None:
    page = RecordedPage()
    outbox = outbox_for(publisher, page)
    outbox.offer(clip(tmp_path / "a.mp4", 40), push=True)
    run_out(publisher, 0.0)
    before = len(page.log)
    outbox.received(received(page.indexes[-2], as_numbers=True))  # the last one is still on its way
    run_out(publisher, 1.0)
    run_out(publisher, 1.01)
    assert len(page.log) == before + 1  # it had its time
    for step in range(1, 11):
        outbox.received(received(page.indexes[-1], as_numbers=True))
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
    assert sum(len(page.log) for page in pages) == in_window


def test_two_videos_take_turns(publisher: Publisher, tmp_path: Path) -> None:
    log: list[str] = []
    for name in ("a ", "b "):
        outbox = outbox_for(publisher, RecordedPage(log, name))
        outbox.offer(clip(tmp_path / f"{name.strip()}.mp4", 6), push=True)
    run_out(publisher, 0.0)
    run = publisher.window.run_chunks
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
