"""What an MP4 file says about itself: is it one, is it whole, how large is its picture, how long it and a frame last.

Only box headers and a few small boxes are read, so a file of any size costs a few kilobytes of memory. Every
number in the file is treated as hostile: sizes are clamped to what encloses them, the boxes looked at are
counted. The boxes are those of ISO/IEC 14496-12; codec strings are made in `codec_strings`.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from rushes.codec_strings import codec_string

# A clip of an hour in fragments of half a second has 14,400 top-level boxes.
_MAX_TOP_LEVEL_BOXES = 100_000
_MAX_INNER_BOXES = 4_000
_TOP_LEVEL_KINDS = frozenset(
    b"ftyp styp moov moof mdat idat mfra sidx ssix meta meco udta uuid free skip wide pdin prft emsg".split()
)
_MAX_PAYLOAD_BYTES = 16_384
# ISO/IEC 14496-12, 8.2.2.3: a duration of all ones is one that could not be determined.
_UNKNOWN_DURATIONS = frozenset({0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})


@dataclass(frozen=True)
class Mp4Info:
    """What `describe` found; None where the file does not say or is not an MP4 file.

    `width` and `height` are in pixels as displayed (a clip filmed upright is upright), `duration_s` is in
    seconds, the codecs are RFC 6381 strings as `canPlayType('video/mp4; codecs="..."')` takes them.
    `frame_duration_s` is in seconds; None also where the frames of the video last unequally long.
    """

    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    frame_duration_s: float | None = None


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int  # of the payload, behind the header
    end: int
    cut: bool  # it claims more than what encloses it holds


def has_mp4_signature(head: bytes) -> bool:
    """Whether a file that begins with these bytes (8 are enough) is an MP4 file: its first box is `ftyp`."""
    return head[4:8] == b"ftyp"


def is_complete_mp4(path: str | os.PathLike[str]) -> bool:
    """Whether the file holds its index and its media, and no box of it is cut off.

    A transfer that a wrong length cut short ends inside a box, or before `moov` or `mdat`; a whole file does
    not. Bytes behind the last box that cannot be one are let be, as players do: a video that was paid for is
    not thrown away for its padding. A file that ends in a box of size 0 ("to the end of the file") cannot be
    told from its own beginning.

    Raises:
        OSError: the file cannot be read.
    """
    seen: set[bytes] = set()
    with open(path, "rb") as file:
        for box in _boxes(file, 0, _size(file), _MAX_TOP_LEVEL_BOXES):
            if not seen and box.kind != b"ftyp":
                return False
            if box.cut:
                if box.kind in _TOP_LEVEL_KINDS:
                    return False
                break
            seen.add(box.kind)
    return b"moov" in seen and (b"mdat" in seen or b"idat" in seen)


def describe(path: str | os.PathLike[str]) -> Mp4Info:
    """Picture size, duration and codecs of an MP4 file, as far as its boxes tell. Any bytes are tolerated.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        if not has_mp4_signature(file.read(8)):
            return Mp4Info()
        for box in _boxes(file, 0, _size(file), _MAX_TOP_LEVEL_BOXES):
            if box.kind == b"moov":
                return _movie(file, box)
    return Mp4Info()


def _movie(file: BinaryIO, movie: _Box) -> Mp4Info:
    timescale, duration = 0, 0
    width: int | None = None
    height: int | None = None
    frame_duration_s: float | None = None
    codecs: dict[bytes, str | None] = {}
    for box in _boxes(file, movie.start, movie.end):
        if box.kind == b"mvhd":
            timescale, duration = _timescale_and_duration(_payload(file, box))
        elif box.kind == b"mvex" and duration in _UNKNOWN_DURATIONS:
            duration = _fragments_duration(file, box)
        elif box.kind == b"trak":
            track = _track(file, box)
            if track.handler in codecs:
                continue
            codecs[track.handler] = track.codec
            if track.handler == b"vide":
                width, height = track.width, track.height
                frame_duration_s = track.sample_duration_s
    known = timescale > 0 and duration not in _UNKNOWN_DURATIONS
    return Mp4Info(
        width=width,
        height=height,
        duration_s=duration / timescale if known else None,
        video_codec=codecs.get(b"vide"),
        audio_codec=codecs.get(b"soun"),
        frame_duration_s=frame_duration_s,
    )


@dataclass(frozen=True)
class _Track:
    handler: bytes = b""
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    sample_duration_s: float | None = None


def _track(file: BinaryIO, track: _Box) -> _Track:
    width: int | None = None
    height: int | None = None
    handler, timescale = b"", 0
    table: dict[bytes, bytes] = {}
    for box in _boxes(file, track.start, track.end):
        if box.kind == b"tkhd":
            width, height = _displayed_size(_payload(file, box))
        elif box.kind == b"mdia":
            for inner in _boxes(file, box.start, box.end):
                if inner.kind == b"hdlr":
                    handler = _payload(file, inner)[8:12]
                elif inner.kind == b"mdhd":
                    timescale, _ = _timescale_and_duration(_payload(file, inner))
                elif inner.kind == b"minf":
                    table = _sample_table(file, inner)
    return _Track(
        handler,
        width,
        height,
        codec=codec_string(table[b"stsd"][8:]) if b"stsd" in table else None,
        sample_duration_s=_sample_duration_s(table.get(b"stts", b""), timescale),
    )


def _sample_table(file: BinaryIO, media_information: _Box) -> dict[bytes, bytes]:
    """What codec a track is in, and how long its samples last: the payloads of these boxes."""
    found: dict[bytes, bytes] = {}
    for table in _boxes(file, media_information.start, media_information.end):
        if table.kind == b"stbl":
            for box in _boxes(file, table.start, table.end):
                if box.kind in (b"stsd", b"stts"):
                    found.setdefault(box.kind, _payload(file, box))
    return found


def _sample_duration_s(times: bytes, timescale: int) -> float | None:
    """How long each sample of an `stts` lasts, where all last equally long: to one tick, for the duration need not be a
    whole number of them, and the last sample aside, which ends with the file.
    """
    claimed, present = _unsigned(times, 4, 4), max(0, len(times) - 8) // 8
    entries = [(_unsigned(times, at, 4), _unsigned(times, at + 4, 4)) for at in range(8, 8 + 8 * present, 8)]
    runs = [(count, ticks) for count, ticks in entries[:claimed] if count > 0]
    if len(runs) > 1 and runs[-1][0] == 1:
        runs.pop()
    if not runs or timescale == 0:
        return None
    shortest, longest = min(ticks for _, ticks in runs), max(ticks for _, ticks in runs)
    if shortest == 0 or longest - shortest > 1:
        return None
    return sum(count * ticks for count, ticks in runs) / sum(count for count, _ in runs) / timescale


def _fragments_duration(file: BinaryIO, extends: _Box) -> int:
    for box in _boxes(file, extends.start, extends.end):
        if box.kind == b"mehd":
            payload = _payload(file, box)
            return _unsigned(payload, 4, 8 if payload[:1] == b"\x01" else 4)
    return 0


def _timescale_and_duration(header: bytes) -> tuple[int, int]:
    if header[:1] == b"\x01":
        return _unsigned(header, 20, 4), _unsigned(header, 24, 8)
    return _unsigned(header, 12, 4), _unsigned(header, 16, 4)


def _displayed_size(header: bytes) -> tuple[int | None, int | None]:
    """Width and height of a `tkhd` in pixels, turned as its matrix turns the picture."""
    matrix = 52 if header[:1] == b"\x01" else 40
    width = _unsigned(header, matrix + 36, 4) >> 16  # 16.16 fixed point
    height = _unsigned(header, matrix + 40, 4) >> 16
    if not width or not height:
        return None, None
    on_its_side = _unsigned(header, matrix, 4) == 0 and _unsigned(header, matrix + 4, 4) != 0
    return (height, width) if on_its_side else (width, height)


def _unsigned(data: bytes, offset: int, length: int) -> int:
    """A big-endian number; what lies behind the end of `data` counts as zero, as in a box cut short."""
    return int.from_bytes(data[offset : offset + length].ljust(length, b"\0"), "big")


def _payload(file: BinaryIO, box: _Box) -> bytes:
    file.seek(box.start)
    return file.read(min(box.end - box.start, _MAX_PAYLOAD_BYTES))


def _boxes(file: BinaryIO, start: int, end: int, limit: int = _MAX_INNER_BOXES) -> Iterator[_Box]:
    """The boxes between two offsets, at most `limit`. Stops behind the first that cannot be one."""
    for _ in range(limit):
        if end - start < 8:
            return
        file.seek(start)
        header = file.read(16)
        if len(header) < 8:  # the file shrank while it was read
            return
        size, kind = struct.unpack(">I4s", header[:8])
        header_bytes = 8
        if size == 1:
            header_bytes = 16
            size = _unsigned(header, 8, 8)
        elif size == 0:
            size = end - start
        if size < header_bytes:
            return
        box_end = min(start + size, end)
        yield _Box(kind, min(start + header_bytes, end), box_end, cut=start + size > end)
        start = box_end


def _size(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


__all__ = ["Mp4Info", "describe", "has_mp4_signature", "is_complete_mp4"]
