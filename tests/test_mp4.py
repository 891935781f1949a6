"""What an MP4 file says about itself, and that no bytes can make the reader crash, hang or read it all."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import clips
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.mp4 import Mp4Info, describe, has_mp4_signature, is_complete_mp4

FTYP = clips.box(b"ftyp", b"isom", bytes(4))


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def scratch_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mp4") / "clip.mp4"


def test_describes_picture_duration_and_codecs(tmp_path: Path) -> None:
    path = saved(tmp_path / "clip.mp4", clips.clip(width=1280, height=720))
    assert describe(path) == Mp4Info(1280, 720, 2.0, "avc1.640028", "mp4a.40.2", 1 / 24)


def test_a_picture_whose_codec_has_no_name_is_described_as_far_as_it_goes(tmp_path: Path) -> None:
    path = saved(tmp_path / "clip.mp4", clips.clip().replace(b"avc1\0", b"av01\0"))
    assert describe(path) == Mp4Info(320, 180, 2.0, None, "mp4a.40.2", 1 / 24)


@pytest.mark.parametrize("moov_first", [True, False])
def test_a_whole_file_is_told_from_every_beginning_of_it(tmp_path: Path, moov_first: bool) -> None:
    content = clips.clip(300, moov_first=moov_first)
    assert is_complete_mp4(saved(tmp_path / "whole.mp4", content))
    for length in range(len(content)):
        assert not is_complete_mp4(saved(tmp_path / "cut.mp4", content[:length])), length


@pytest.mark.parametrize("padding", [b"\0\0\0", bytes(64), b"\x7f\xff\xff\xffTAIL and more"])
def test_padding_behind_the_last_box_does_not_cost_the_video(tmp_path: Path, padding: bytes) -> None:
    assert is_complete_mp4(saved(tmp_path / "clip.mp4", clips.clip() + padding))


@pytest.mark.parametrize("kind", [b"moof", b"free", b"mdat"])
def test_a_box_cut_off_behind_whole_media_is_a_cut_file(tmp_path: Path, kind: bytes) -> None:
    assert not is_complete_mp4(saved(tmp_path / "clip.mp4", clips.clip() + struct.pack(">I4s", 64, kind)))


def test_a_box_of_size_zero_reaches_to_the_end(tmp_path: Path) -> None:
    content = clips.clip(100)
    at = content.rindex(b"mdat") - 4
    endless = content[:at] + bytes(4) + content[at + 4 :]
    assert is_complete_mp4(saved(tmp_path / "clip.mp4", endless))


def test_a_box_with_a_64_bit_size_is_read(tmp_path: Path) -> None:
    content = clips.clip(100)
    at = content.rindex(b"mdat") - 4
    large = content[:at] + struct.pack(">I4sQ", 1, b"mdat", 116) + content[at + 8 :]
    assert is_complete_mp4(saved(tmp_path / "clip.mp4", large))
    assert not is_complete_mp4(saved(tmp_path / "cut.mp4", large[:-1]))


def test_the_signature_is_the_first_box_and_nothing_else() -> None:
    assert has_mp4_signature(clips.clip())
    assert not has_mp4_signature(b"ftypisom")
    assert not has_mp4_signature(b"<!doctype html>")
    assert not has_mp4_signature(b"")


def test_an_upright_clip_is_described_upright(tmp_path: Path) -> None:
    upright = struct.pack(">9I", 0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000)
    lying = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    turned = clips.clip().replace(lying, upright)
    info = describe(saved(tmp_path / "clip.mp4", turned))
    assert (info.width, info.height) == (180, 320)


def test_a_version_1_header_gives_the_duration(tmp_path: Path) -> None:
    header = clips.box(b"mvhd", b"\x01", bytes(19), struct.pack(">IQ", 90_000, 720_000))
    assert describe(saved(tmp_path / "clip.mp4", FTYP + clips.box(b"moov", header))).duration_s == 8.0


@pytest.mark.parametrize("duration", [0, 0xFFFFFFFF])
def test_an_unknown_duration_is_none_and_a_fragmented_file_says_its_own(
    tmp_path: Path, duration: int
) -> None:
    header = clips.box(b"mvhd", bytes(12), struct.pack(">II", 1000, duration))
    assert describe(saved(tmp_path / "a.mp4", FTYP + clips.box(b"moov", header))).duration_s is None
    fragments = clips.box(b"mvex", clips.box(b"mehd", bytes(4), struct.pack(">I", 4000)))
    assert describe(saved(tmp_path / "b.mp4", FTYP + clips.box(b"moov", header, fragments))).duration_s == 4.0


@pytest.mark.parametrize(
    ("runs", "timescale", "frame_duration_s"),
    [
        ([(240, 1001)], 30_000, 1001 / 30_000),
        ([(1, 512)], 12_288, 1 / 24),
        ([(167, 512), (1, 40)], 12_288, 1 / 24),  # the last frame ends with the file
        # 24 a second in whole milliseconds
        ([(1, 42), (1, 41), (2, 42), (1, 41), (1, 42)], 1000, 208 / 5 / 1000),
        ([(10, 512), (2, 1024), (10, 512)], 12_288, None),  # a variable frame rate
        ([(10, 0)], 12_288, None),
        ([(10, 512)], 0, None),
        ([], 12_288, None),  # a fragmented file keeps them elsewhere
    ],
)
def test_how_long_a_frame_lasts_is_told_where_all_last_equally_long(
    tmp_path: Path, runs: list[tuple[int, int]], timescale: int, frame_duration_s: float | None
) -> None:
    content = clips.film(runs, timescale)
    assert describe(saved(tmp_path / "clip.mp4", content)).frame_duration_s == frame_duration_s


def test_a_table_of_times_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    content = clips.film([(48, 512), (48, 512)], 12_288)
    claimed = content.replace(
        struct.pack(">I", 2) + struct.pack(">II", 48, 512), struct.pack(">III", 9, 48, 512)
    )
    assert describe(saved(tmp_path / "clip.mp4", claimed)).frame_duration_s == 1 / 24


def test_what_is_no_mp4_file_is_described_as_unknown(tmp_path: Path) -> None:
    assert describe(saved(tmp_path / "clip.webm", clips.webm())) == Mp4Info()
    assert describe(saved(tmp_path / "empty", b"")) == Mp4Info()


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        describe(tmp_path / "missing.mp4")


KINDS = st.sampled_from(
    [
        b"moov",
        b"trak",
        b"mdia",
        b"minf",
        b"stbl",
        b"stsd",
        b"tkhd",
        b"mvhd",
        b"hdlr",
        b"mdhd",
        b"stts",
        b"mvex",
        b"mdat",
        b"avc1",
    ]
)
SIZES = st.sampled_from([0, 1, 7, 8, 9, 16, 0x7FFFFFFF, 0xFFFFFFFF]) | st.integers(0, 400)
HEADERS = st.builds(lambda size, kind: struct.pack(">I4s", size, kind), SIZES, KINDS)
HOSTILE = st.lists(HEADERS | st.binary(max_size=40), max_size=30).map(b"".join)


@given(content=st.binary(max_size=300) | HOSTILE.map(lambda rest: FTYP + rest))
def test_arbitrary_bytes_are_read_without_harm(scratch_file: Path, content: bytes) -> None:
    path = saved(scratch_file, content)
    describe(path)
    is_complete_mp4(path)


@given(content=st.data())
def test_a_damaged_clip_is_read_without_harm(scratch_file: Path, content: st.DataObject) -> None:
    damaged = bytearray(clips.clip(50))
    for _ in range(content.draw(st.integers(1, 6))):
        damaged[content.draw(st.integers(0, len(damaged) - 1))] = content.draw(st.integers(0, 255))
    path = saved(scratch_file, bytes(damaged))
    info = describe(path)
    assert info.duration_s is None or info.duration_s > 0
    is_complete_mp4(path)


def test_a_file_of_nothing_but_box_headers_costs_a_bounded_number_of_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0

    class Counting(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal reads
            reads += 1
            assert size is not None
            assert 0 <= size <= 16_384
            return super().read(size)

    empty_boxes = struct.pack(">I4s", 8, b"free") * 300_000
    content = FTYP + clips.box(b"moov", empty_boxes)
    monkeypatch.setattr("builtins.open", lambda path, mode: Counting(content))
    describe("clip.mp4")
    assert reads < 5_000
