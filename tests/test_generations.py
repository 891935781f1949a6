"""Numbers that never fall, and that a finished file keeps."""

from __future__ import annotations

from pathlib import Path

from rushes.generations import Generations

ONE, TWO = Path("sample-1.mp4"), Path("sample-2.mp4")


def test_bytes_that_start_anew_are_above_all_earlier_ones() -> None:
    generations = Generations()
    assert generations.begin(ONE) < generations.begin(ONE) < generations.begin(TWO)


def test_a_finished_file_keeps_its_number_as_long_as_its_bytes() -> None:
    generations = Generations()
    first = generations.begin(ONE)
    generations.finish(ONE, first, "a")
    generations.finish(TWO, generations.begin(TWO), "b")
    assert generations.of_finished(ONE, "a") == first
    assert generations.of_finished(ONE, "other") > first


def test_a_file_that_was_begun_again_never_gets_an_old_number_back() -> None:
    generations = Generations()
    first = generations.of_finished(ONE, "a")
    second = generations.begin(ONE)
    assert generations.of_finished(ONE, "a") > second > first
