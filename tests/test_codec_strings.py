"""RFC 6381 strings from sample descriptions, as browsers take them."""

from __future__ import annotations

import clips
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.codec_strings import codec_string


def stream_descriptor(object_type: int, specific: bytes) -> bytes:
    inner = b"\x05" + bytes([len(specific)]) + specific if specific else b""
    decoder = b"\x04\x80\x80\x80" + bytes([13 + len(inner), object_type]) + bytes(12) + inner
    stream = b"\x03" + bytes([3 + len(decoder)]) + bytes(3) + decoder
    return clips.box(b"esds", bytes(4), stream)


def visual(kind: bytes, configuration: bytes, content: bytes) -> bytes:
    return clips.box(kind, bytes(78), clips.box(configuration, content))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (visual(b"avc1", b"avcC", bytes.fromhex("0164001f")), "avc1.64001f"),
        (visual(b"avc3", b"avcC", bytes.fromhex("014d401e")), "avc3.4d401e"),
        (visual(b"hvc1", b"hvcC", bytes.fromhex("0101600000009000000000003c")), "hvc1.1.6.L60.90"),
        (visual(b"av01", b"av1C", bytes.fromhex("810c0c")), "av01.0.12M.08"),
        (visual(b"av01", b"av1C", bytes.fromhex("814840")), "av01.2.08M.10"),
        (visual(b"vp09", b"vpcC", bytes.fromhex("01000000000b82")), "vp09.00.11.08"),
        (visual(b"avc1", b"free", b""), "avc1"),
        (clips.box(b"avc1", bytes(10)), "avc1"),
        (clips.box(b"Opus", bytes(28)), "opus"),
        (clips.box(b"ac-3", bytes(28)), "ac-3"),
        (b"", None),
        (clips.box(b'a"\0<', bytes(30)), None),
    ],
)
def test_the_first_entry_names_the_codec(entry: bytes, expected: str | None) -> None:
    assert codec_string(entry) == expected


@pytest.mark.parametrize(
    ("object_type", "specific", "expected"),
    [
        (0x40, b"\x12\x10", "mp4a.40.2"),
        (0x40, b"\x2b\x92", "mp4a.40.5"),
        (0x40, b"\xf9\x46", "mp4a.40.42"),  # 31 escapes to 32 + 6 more bits
        (0x6B, b"", "mp4a.6B"),
    ],
)
def test_audio_object_types_are_read_from_the_descriptors(
    object_type: int, specific: bytes, expected: str
) -> None:
    entry = clips.box(b"mp4a", bytes(28), stream_descriptor(object_type, specific))
    assert codec_string(entry) == expected


@pytest.mark.parametrize(
    "entry",
    [
        clips.box(b"mp4a", bytes(28)),
        clips.box(b"mp4a", bytes(28), clips.box(b"esds", bytes(5))),
        clips.box(b"hvc1", bytes(78)),
        visual(b"hev1", b"hvcC", b"\1"),
        clips.box(b"av01", bytes(10)),
        visual(b"vp09", b"vpcC", b"\1"),
    ],
)
def test_a_name_that_browsers_refuse_without_its_configuration_is_none(entry: bytes) -> None:
    assert codec_string(entry) is None


@pytest.mark.parametrize(("version", "added"), [(0, 0), (1, 16), (2, 36)])
def test_quicktime_has_the_configuration_of_its_sound_in_a_box_of_its_own(version: int, added: int) -> None:
    wave = clips.box(b"wave", clips.box(b"frma", b"mp4a"), stream_descriptor(0x40, b"\x12\x10"))
    fixed = bytes(8) + version.to_bytes(2, "big") + bytes(18 + added)
    assert codec_string(clips.box(b"mp4a", fixed, wave)) == "mp4a.40.2"


@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_a_string_that_is_safe_to_quote(content: bytes) -> None:
    for kind in (b"avc1", b"hvc1", b"av01", b"vp09", b"mp4a", content[:4].ljust(4, b" ")):
        found = codec_string(clips.box(kind, content))
        assert found is None or (found.isascii() and found.isprintable() and '"' not in found)
