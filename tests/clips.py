"""Small MP4 files made of nothing: every box that rushes reads, and random bytes where the pictures would be."""

from __future__ import annotations

import random
import struct


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    payload = b"".join(parts)
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def clip(
    media_bytes: int = 2_000,
    *,
    seed: int = 0,
    width: int = 320,
    height: int = 180,
    moov_first: bool = True,
) -> bytes:
    """A whole file: 2 s of 320 x 180 H.264 (24 frames a second) and AAC by its boxes, `media_bytes` of random bytes by
    its content.
    """
    video = _track(b"vide", _avc_entry(width, height), width, height, [(48, 512)])
    audio = _track(b"soun", _aac_entry(), 0, 0, [(86, 1024)])
    movie = box(b"moov", _movie_header(1000, 2000), video, audio)
    media = box(b"mdat", random.Random(seed).randbytes(media_bytes))
    kind = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    return kind + (movie + media if moov_first else media + movie)


def webm(media_bytes: int = 500) -> bytes:
    """A whole file by its top-level elements: an EBML header and one segment."""
    segment = random.Random(1).randbytes(media_bytes)
    header = b"\x42\x82\x84webm"
    return (
        b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(header)]) + header
        + b"\x18\x53\x80\x67" + (len(segment) | 1 << 56).to_bytes(8, "big") + segment
    )  # fmt: skip


def _movie_header(timescale: int, duration: int) -> bytes:
    return box(b"mvhd", bytes(12), struct.pack(">II", timescale, duration), bytes(80))


def film(frames: list[tuple[int, int]], timescale: int) -> bytes:
    """A file with nothing but a video track: runs of (frames, ticks each)."""
    track = _track(b"vide", _avc_entry(320, 180), 320, 180, frames, timescale)
    return box(b"ftyp", b"isom", bytes(4)) + box(b"moov", track)


def _track(
    handler: bytes,
    entry: bytes,
    width: int,
    height: int,
    samples: list[tuple[int, int]],
    timescale: int = 12_288,
) -> bytes:
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = box(b"tkhd", bytes(40), matrix, struct.pack(">II", width << 16, height << 16))
    description = box(b"stsd", bytes(4), struct.pack(">I", 1), entry)
    runs = b"".join(struct.pack(">II", *run) for run in samples)
    times = box(b"stts", bytes(4), struct.pack(">I", len(samples)), runs)
    media = box(
        b"mdia",
        box(b"mdhd", bytes(12), struct.pack(">II", timescale, 0), bytes(4)),
        box(b"hdlr", bytes(8), handler, bytes(13)),
        box(b"minf", box(b"stbl", description, times)),
    )
    return box(b"trak", header, media)


def _avc_entry(width: int, height: int) -> bytes:
    fixed = bytes(24) + struct.pack(">HH", width, height) + bytes(50)
    return box(b"avc1", fixed, box(b"avcC", bytes([1, 0x64, 0x00, 0x28, 0xFF, 0xE0, 0])))


def _aac_entry() -> bytes:
    specific = b"\x05\x02\x12\x10"
    decoder = b"\x04" + bytes([13 + len(specific), 0x40, 0x15]) + bytes(11) + specific
    stream = b"\x03" + bytes([3 + len(decoder)]) + bytes(3) + decoder
    return box(b"mp4a", bytes(28), box(b"esds", bytes(4), stream))
