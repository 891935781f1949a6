"""Codec strings (RFC 6381) from the sample description of a track, so that a browser can say what it plays.

The input is the content of an `stsd` box behind its entry count: sample entries, the first of which names the
codec. Where the entry's configuration is missing or cut there is no string, and the card just tries: of the bare names
Chromium reads those of AVC alone as "maybe", which is the truth, and those of the other codecs here as "no".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

_VISUAL_ENTRY_BYTES = 78  # ISO/IEC 14496-12, 12.1.3: what precedes the configuration boxes
_AUDIO_ENTRY_BYTES = 28  # ISO/IEC 14496-12, 12.2.3
_QUICKTIME_AUDIO_BYTES = {1: 16, 2: 36}  # what version 1 and 2 of QuickTime's sound description add
_MAX_BOXES = 64


def codec_string(entries: bytes) -> str | None:
    """The RFC 6381 string of the first entry, such as `avc1.640028` or `mp4a.40.2`; None if unnamed."""
    for kind, entry in _boxes(entries):
        name = kind.decode("ascii", errors="replace").strip()
        if not name.isprintable() or not name.isascii() or not name or '"' in name:
            return None
        configuration, describe = _CODECS.get(kind, (b"", _bare))
        plain = _PLAIN_NAMES.get(kind, name)
        return describe(plain, _configuration(kind, entry, configuration))
    return None


def _configuration(kind: bytes, entry: bytes, wanted: bytes) -> bytes:
    offset = _VISUAL_ENTRY_BYTES
    if kind == b"mp4a":
        version = int.from_bytes(entry[8:10], "big")
        offset = _AUDIO_ENTRY_BYTES + _QUICKTIME_AUDIO_BYTES.get(version, 0)
    for box, payload in _boxes(entry[offset:]):
        if box == wanted:
            return payload
        if box == b"wave":  # QuickTime has the configuration of AAC one level deeper
            return next((content for inner, content in _boxes(payload) if inner == wanted), b"")
    return b""


def _bare(name: str, config: bytes) -> str:
    return name


def _avc(name: str, config: bytes) -> str:
    """ISO/IEC 14496-15, 5.3.3.1: version, profile, compatibility, level."""
    return f"{name}.{config[1:4].hex()}" if len(config) >= 4 else name


def _hevc(name: str, config: bytes) -> str | None:
    """ISO/IEC 14496-15, annex E.3."""
    if len(config) < 13:
        return None
    space = ("", "A", "B", "C")[config[1] >> 6]
    tier = "H" if config[1] & 0x20 else "L"
    compatibility = int.from_bytes(config[2:6], "big")
    reversed_bits = int(f"{compatibility:032b}"[::-1], 2)
    constraints = "".join(f".{byte:x}" for byte in config[6:12].rstrip(b"\0"))
    return f"{name}.{space}{config[1] & 0x1F}.{reversed_bits:x}.{tier}{config[12]}{constraints}"


def _av1(name: str, config: bytes) -> str | None:
    """AV1 Codec ISO Media File Format Binding, section 5."""
    if len(config) < 3:
        return None
    tier = "H" if config[2] & 0x80 else "M"
    high_depth, twelve_bit = config[2] & 0x40, config[2] & 0x20
    depth = 8 if not high_depth else 12 if twelve_bit else 10
    return f"{name}.{config[1] >> 5}.{config[1] & 0x1F:02d}{tier}.{depth:02d}"


def _vp9(name: str, config: bytes) -> str | None:
    """VP Codec ISO Media File Format Binding: version and flags, profile, level, bit depth."""
    if len(config) < 7:
        return None
    return f"{name}.{config[4]:02d}.{config[5]:02d}.{config[6] >> 4:02d}"


def _mpeg4(name: str, config: bytes) -> str | None:
    """ISO/IEC 14496-1, 7.2.6: the object type, and for MPEG-4 audio (0x40) the audio object type."""
    elementary_stream = _descriptor(config[4:], 3)
    if len(elementary_stream) < 3:
        return None
    flags = elementary_stream[2]
    rest = elementary_stream[3:]
    if flags & 0x80:
        rest = rest[2:]
    if flags & 0x40:
        rest = rest[1 + rest[0] :] if rest else b""
    if flags & 0x20:
        rest = rest[2:]
    decoder = _descriptor(rest, 4)
    if not decoder:
        return None
    object_type = decoder[0]
    specific = _descriptor(decoder[13:], 5)
    if object_type != 0x40 or not specific:
        return f"{name}.{object_type:02X}"
    audio_object_type = specific[0] >> 3
    if audio_object_type == 31:
        audio_object_type = 32 + (int.from_bytes(specific[:2].ljust(2, b"\0"), "big") >> 5 & 0x3F)
    return f"{name}.40.{audio_object_type}"


def _descriptor(data: bytes, tag: int) -> bytes:
    """The content of the descriptor that `data` begins with; empty unless it has this tag."""
    if not data or data[0] != tag:
        return b""
    length = 0
    for position in range(1, min(5, len(data))):
        length = length << 7 | data[position] & 0x7F
        if not data[position] & 0x80:
            return data[position + 1 : position + 1 + length]
    return b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    for _ in range(_MAX_BOXES):
        size = int.from_bytes(data[start : start + 4], "big")
        if len(data) - start < 8 or size < 8:
            return
        yield data[start + 4 : start + 8], data[start + 8 : start + size]
        start += size


_CODECS: dict[bytes, tuple[bytes, Callable[[str, bytes], str | None]]] = {
    b"avc1": (b"avcC", _avc),
    b"avc3": (b"avcC", _avc),
    b"hvc1": (b"hvcC", _hevc),
    b"hev1": (b"hvcC", _hevc),
    b"av01": (b"av1C", _av1),
    b"vp09": (b"vpcC", _vp9),
    b"mp4a": (b"esds", _mpeg4),
    b"mp4v": (b"esds", _mpeg4),
}
# Browsers know these two by another spelling than the box has.
_PLAIN_NAMES = {b"Opus": "opus", b"fLaC": "flac"}

__all__ = ["codec_string"]
