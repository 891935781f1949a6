from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.transfer import CHUNK_BYTES, ChunkedFile, Transfer


def chunked(path: Path, data: bytes, chunk_bytes: int = 4) -> ChunkedFile:
    path.write_bytes(data)
    return ChunkedFile(path, len(data), len(data), sample=0, generation=0, chunk_bytes=chunk_bytes)


def pushed(transfer: Transfer, now: float = 0.0) -> list[int]:
    indexes: list[int] = []
    while transfer.push_due_s(now, 1) == 0:
        indexes += push(transfer, now)
    return indexes


def push(transfer: Transfer, now: float = 0.0, most_chunks: int = 1) -> range:
    run = transfer.next_push(now, most_chunks)
    transfer.sent(run, now)
    return run


def pulled(transfer: Transfer) -> list[int]:
    return [index for run in iter(lambda: transfer.next_pulled(1), None) for index in run]


@given(st.binary(max_size=64), st.integers(1, 20))
def test_the_chunks_of_a_file_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, size: int
) -> None:
    file = chunked(tmp_path_factory.mktemp("t") / "clip.mp4", data, size)
    chunks = [file.read(range(index, index + 1)) for index in range(file.count)]
    assert b"".join(chunks) == data
    assert [len(chunk) for chunk in chunks] == [file.size(index) for index in range(file.count)]
    assert file.read(range(file.count)) == data


def test_a_file_that_was_cut_short_is_not_sent_as_if_it_were_whole(tmp_path: Path) -> None:
    file = chunked(tmp_path / "clip.mp4", b"12345678")
    (tmp_path / "clip.mp4").write_bytes(b"12345")
    with pytest.raises(OSError, match="shorter"):
        file.read(range(1, 2))


def test_no_chunk_holds_its_file_open(tmp_path: Path) -> None:
    file = chunked(tmp_path / "clip.mp4", b"12345678")
    file.read(range(1))
    assert not [link for link in Path("/proc/self/fd").glob("*") if "clip.mp4" in str(link.resolve())]


def test_a_push_sends_every_chunk_once_in_order(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 10))
    assert transfer.push_due_s(0.0, 1) is None
    transfer.offer(transfer.file, 0.0, push=True)
    assert pushed(transfer) == [0, 1, 2]


def test_chunks_are_pulled_once_in_the_order_asked_and_none_that_is_not_there(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 10))
    transfer.pull([2, 0, 2, 3, 99])
    transfer.pull([0])
    assert pulled(transfer) == [2, 0]


def test_what_was_pulled_is_not_pushed_as_well(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 10))
    transfer.offer(transfer.file, 0.0, push=True)
    transfer.pull([1])
    assert pulled(transfer) == [1]
    assert pushed(transfer) == [0, 2]


def test_bytes_are_on_the_way_until_a_page_says_that_they_arrived(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 10))
    transfer.offer(transfer.file, 0.0, push=True)
    pushed(transfer, now=5.0)
    assert transfer.bytes_on_the_way(6.0) == 10
    transfer.acknowledge(1, 6.0)
    assert transfer.bytes_on_the_way(6.0) == 2
    transfer.acknowledge(0, 6.0)  # a second page that is behind
    transfer.acknowledge(10**9, 6.0)  # nothing that was sent
    assert transfer.bytes_on_the_way(6.0) == 2
    transfer.acknowledge(2, 6.0)
    assert transfer.bytes_on_the_way(6.0) == 0


def test_bytes_that_nobody_ever_acknowledges_do_not_hold_up_the_others_for_ever(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 10))
    transfer.offer(transfer.file, 0.0, push=True)
    push(transfer, now=5.0)
    push(transfer, now=8.0)
    assert transfer.bytes_on_the_way(14.9) == 8
    assert transfer.bytes_on_the_way(15.1) == 4
    assert transfer.bytes_on_the_way(18.1) == 0


def test_a_chunk_is_small_enough_for_hosts_that_carry_it_as_numbers() -> None:
    assert CHUNK_BYTES <= 256 * 1024


def test_chunks_in_a_row_go_together_the_shorter_last_one_with_them(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 26))
    transfer.pull([3, 1, 2])
    assert list(iter(lambda: transfer.next_pulled(4), None)) == [range(3, 4), range(1, 3)]
    transfer.offer(transfer.file, 0.0, push=True)
    transfer.pull([2])
    assert transfer.next_pulled(4) == range(2, 3)
    runs = []
    while transfer.push_due_s(0.0, 3) == 0:
        runs.append(push(transfer, most_chunks=3))
    assert runs == [range(2), range(3, 6), range(6, 7)]
    transfer.pull([4, 5, 6])
    assert transfer.next_pulled(4) == range(4, 7)
    assert transfer.file.read(range(4, 7)) == b"x" * 10


def test_a_run_that_could_not_be_read_goes_again_in_its_place(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 16))
    transfer.offer(transfer.file, 0.0, push=True)
    transfer.push_again(transfer.next_push(0.0, 3), transfer.file)
    assert transfer.push_due_s(0.0, 3) is None
    moved = replace(transfer.file, path=tmp_path / "moved.mp4")
    transfer.offer(moved, 0.0, push=True)
    assert pushed(transfer) == [0, 1, 2, 3]


def test_a_file_that_still_grows_has_only_whole_chunks(tmp_path: Path) -> None:
    file = chunked(tmp_path / "clip.mp4", b"x" * 10)
    growing = replace(file, bytes_total=None)
    assert (growing.count, file.count) == (2, 3)


def test_what_a_growing_file_gains_is_pushed_once_and_its_end_when_it_is_complete(tmp_path: Path) -> None:
    whole = chunked(tmp_path / "clip.mp4", b"x" * 10)
    transfer = Transfer(replace(whole, bytes_here=0, bytes_total=None))
    gained = []
    for step in (
        replace(whole, bytes_here=3, bytes_total=None),
        replace(whole, bytes_here=9, bytes_total=None),
        whole,
    ):
        transfer.offer(step, 0.0, push=True)
        gained.append(pushed(transfer))
    assert gained == [[], [0, 1], [2]]


def test_what_grew_while_no_page_showed_it_is_left_to_be_pulled(tmp_path: Path) -> None:
    whole = chunked(tmp_path / "clip.mp4", b"x" * 10)
    transfer = Transfer(replace(whole, bytes_here=8, bytes_total=None))
    transfer.offer(replace(whole, bytes_here=8, bytes_total=None), 0.0, push=False)
    transfer.offer(whole, 0.0, push=True)
    assert pushed(transfer) == [2]


def test_an_acknowledgement_tells_how_long_the_newest_chunk_took(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 10))
    transfer.offer(transfer.file, 0.0, push=True)
    for now in (1.0, 2.0, 3.0):
        push(transfer, now)
    assert transfer.acknowledge(1, 5.0) == (3.0, 8)
    assert transfer.acknowledge(1, 6.0) is None
    assert transfer.acknowledge(2, 6.5) == (3.5, 2)


def test_what_a_growing_file_gains_waits_a_moment_for_more_to_go_with_it(tmp_path: Path) -> None:
    whole = chunked(tmp_path / "clip.mp4", b"x" * 40)
    transfer = Transfer(replace(whole, bytes_here=0, bytes_total=None))
    transfer.offer(replace(whole, bytes_here=4, bytes_total=None), 5.0, push=True)
    transfer.offer(replace(whole, bytes_here=8, bytes_total=None), 5.02, push=True)
    assert transfer.push_due_s(5.02, 3) == pytest.approx(0.01)
    assert transfer.push_due_s(5.04, 3) == 0
    transfer.offer(replace(whole, bytes_here=12, bytes_total=None), 5.02, push=True)
    assert transfer.push_due_s(5.02, 3) == 0


def test_the_end_of_a_file_waits_for_nothing(tmp_path: Path) -> None:
    whole = chunked(tmp_path / "clip.mp4", b"x" * 10)
    transfer = Transfer(replace(whole, bytes_here=0, bytes_total=None))
    transfer.offer(replace(whole, bytes_here=4, bytes_total=None), 5.0, push=True)
    transfer.offer(whole, 5.0, push=True)
    assert transfer.push_due_s(5.0, 100) == 0


def test_an_acknowledgement_is_asked_for_each_time_so_much_was_pushed(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 40))
    transfer.offer(transfer.file, 0.0, push=True)
    asked = []
    while transfer.push_due_s(0.0, 1) == 0:
        push(transfer)
        asked.append(transfer.wants_acknowledgement(every_bytes=12, last=False))
    assert asked == [False, False, True] * 3 + [False]


def test_one_is_asked_for_with_the_last_run_that_fits_unless_one_is_coming(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 40))
    transfer.offer(transfer.file, 0.0, push=True)
    push(transfer)
    assert transfer.wants_acknowledgement(every_bytes=100, last=True)
    push(transfer)
    assert not transfer.wants_acknowledgement(every_bytes=100, last=True)
    transfer.acknowledge(0, 0.0)
    push(transfer)
    assert transfer.wants_acknowledgement(every_bytes=100, last=True)


def test_what_a_page_pulled_is_on_the_way_too_each_time_it_goes(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 10))
    transfer.sent(range(2), 0.0)
    transfer.sent(range(1, 3), 0.0)
    assert transfer.bytes_on_the_way(0.0) == 14
    transfer.acknowledge(1, 0.0)
    assert transfer.bytes_on_the_way(0.0) == 0


def test_what_no_page_shows_is_neither_pushed_nor_on_the_way_and_all_of_it_may_go_again(
    tmp_path: Path,
) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 16))
    transfer.offer(transfer.file, 0.0, push=True)
    push(transfer)
    transfer.abandon()
    assert (transfer.push_due_s(0.0, 1), transfer.bytes_on_the_way(0.0)) == (None, 0)
    transfer.pull([2])
    assert pulled(transfer) == [2]
    transfer.push_what_is_left()
    assert pushed(transfer) == [0, 1, 3]


def test_a_run_that_could_not_be_read_is_not_on_the_way(tmp_path: Path) -> None:
    transfer = Transfer(chunked(tmp_path / "clip.mp4", b"x" * 40))
    transfer.offer(transfer.file, 0.0, push=True)
    transfer.push_again(transfer.next_push(0.0, 3), transfer.file)
    assert transfer.bytes_on_the_way(0.0) == 0
