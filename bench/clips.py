"""Playable videos of an exact size, made for the measurements."""

from __future__ import annotations

import subprocess
from pathlib import Path

MB = 1_000_000
_SECONDS = 8
#: What an encoder makes of a bit rate is a few per cent off; the rest of the size is a `free` box.
_ROOM = 0.93
#: More than any clip needs for eight seconds; what is larger is filled up.
_LARGEST_MBIT_PER_S = 100


def make_clip(directory: Path, megabytes: int) -> Path:
    """Eight seconds of noise in H.264, 1280x720, `megabytes` million bytes long to the byte.

    Beyond 100 MB the rest is a `free` box behind the frames: such a clip is for measuring memory.
    """
    path = directory / f"{megabytes}.mp4"
    mbit_per_s = min(megabytes * 8 * _ROOM / _SECONDS, _LARGEST_MBIT_PER_S * _ROOM)
    subprocess.run(
        [
            *("ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi"),
            *("-i", f"testsrc2=size=1280x720:rate=24:duration={_SECONDS},noise=alls=100:allf=t"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "24"),
            *("-b:v", f"{mbit_per_s}M", "-minrate", f"{mbit_per_s}M", "-maxrate", f"{mbit_per_s}M"),
            *("-bufsize", f"{mbit_per_s / 4}M", str(path)),
        ],
        check=True,
    )
    _fill_up(path, megabytes * MB)
    return path


def _fill_up(path: Path, size: int) -> None:
    room = size - path.stat().st_size
    if room < 8:
        raise RuntimeError(f"The encoder made {path.name} {-room} bytes too long.")
    with path.open("ab") as file:
        file.write(room.to_bytes(4, "big") + b"free")
        file.truncate(size)
