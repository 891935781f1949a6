from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rushes.transfer import CHUNK_BYTES
from rushes.window import (
    CROWDED_S,
    FIRST_BYTES,
    LARGEST_BYTES,
    LONGEST_RUN_CHUNKS,
    ROOMY_S,
    SMALLEST_BYTES,
    Window,
)


def settled(took_s: float, chunks: int = 200) -> int:
    window = Window()
    for _ in range(chunks):
        window.observe(took_s, CHUNK_BYTES)
    return window.bytes


def test_quick_chunks_widen_the_window_to_its_full_size() -> None:
    assert settled(0.01) == LARGEST_BYTES


def test_slow_chunks_narrow_it_to_its_smallest() -> None:
    assert settled(2.0) == SMALLEST_BYTES


def test_between_quick_and_slow_it_stays() -> None:
    assert settled((ROOMY_S + CROWDED_S) / 2) == FIRST_BYTES


def test_chunks_that_were_on_the_way_when_it_was_halved_do_not_halve_it_again() -> None:
    window = Window()
    for _ in range(FIRST_BYTES // CHUNK_BYTES):
        window.observe(2.0, CHUNK_BYTES)
    assert window.bytes == FIRST_BYTES // 2


@given(st.lists(st.floats(0, 100)))
def test_whatever_arrives_it_keeps_within_its_bounds(times_s: list[float]) -> None:
    window = Window()
    for took_s in times_s:
        window.observe(took_s, CHUNK_BYTES)
        assert SMALLEST_BYTES <= window.bytes <= LARGEST_BYTES


def test_over_a_link_of_20_mbit_a_full_window_takes_no_longer_than_other_messages_may_wait() -> None:
    bytes_per_s, window, queue_s = 20e6 / 8, Window(), 0.0
    waits = []
    for _ in range(400):
        queue_s = window.bytes / bytes_per_s
        waits.append(queue_s)
        window.observe(queue_s, CHUNK_BYTES * window.run_chunks)
    assert max(waits) < 1.0
    assert max(waits[20:]) <= CROWDED_S + CHUNK_BYTES / bytes_per_s


def test_a_host_that_turns_bytes_into_numbers_gets_one_chunk_at_a_time_however_quick_it_is() -> None:
    window = Window()
    window.narrow_to_one()
    for _ in range(100):
        window.observe(0.001, CHUNK_BYTES)
    assert (window.bytes, window.run_chunks) == (CHUNK_BYTES, 1)


def test_messages_are_long_where_there_is_room_and_never_fill_the_window_alone() -> None:
    window = Window()
    for _ in range(100):
        window.observe(0.01, CHUNK_BYTES)
    assert window.run_chunks == LONGEST_RUN_CHUNKS
    for _ in range(100):
        window.observe(2.0, CHUNK_BYTES)
        assert 2 * window.run_chunks * CHUNK_BYTES <= window.bytes
