"""The clips that the demo shows are real, small, varied videos."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from rushes.embedded.clips import CLIPS, Clip, choose
from rushes.mp4 import describe

clips = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.name)


def boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The boxes of an MP4 file on one level, with their contents."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        assert size >= 8
        yield kind.decode("ascii"), data[at + 8 : at + size]
        at += size


@clips
def test_a_clip_is_h264_high_with_aac_of_the_size_it_says(clip: Clip) -> None:
    top = dict(boxes(clip.data))
    assert next(iter(top)) == "ftyp"
    assert {"moov", "mdat"} <= set(top)
    moov = top["moov"]
    configuration = moov.index(b"avcC") + 4
    assert moov[configuration + 1] == 100, "the profile is High"
    assert b"mp4a" in moov
    sample_entry = moov.index(b"avc1") + 4
    assert struct.unpack(">HH", moov[sample_entry + 24 : sample_entry + 28]) == (clip.width, clip.height)
    header = moov.index(b"mvhd") + 4
    timescale, duration = struct.unpack(">II", moov[header + 12 : header + 20])
    assert 6 <= duration / timescale <= 8


@clips
def test_a_clip_has_24_frames_a_second(clip: Clip, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip.data)
    assert describe(tmp_path / "clip.mp4").frame_duration_s == 1 / 24


@clips
def test_a_clip_is_a_few_hundred_kilobytes(clip: Clip) -> None:
    assert 150_000 <= len(clip.data) <= 500_000


def test_all_clips_together_stay_a_small_part_of_a_download() -> None:
    assert sum(len(clip.data) for clip in CLIPS) <= 1_600_000


def test_moov_comes_first_in_some_and_last_in_one_and_one_is_portrait() -> None:
    order = {clip.name: [kind for kind, _ in boxes(clip.data) if kind in ("moov", "mdat")] for clip in CLIPS}
    assert order.pop("rain") == ["mdat", "moov"]
    assert all(kinds == ["moov", "mdat"] for kinds in order.values())
    assert [clip.aspect_ratio for clip in CLIPS].count("9:16") == 1


def test_clips_take_turns_and_keep_to_the_aspect_ratio() -> None:
    assert [clip.name for clip in choose(0, 4)] == [clip.name for clip in CLIPS]
    assert {clip.name for start in range(9) for clip in choose(start, 1, "16:9")} == {"sea", "aurora", "rain"}
    assert {clip.name for clip in choose(5, 3, "9:16")} == {"hills"}
    assert len({clip.etag for clip in CLIPS}) == len(CLIPS)
