"""Paint the clips that the embedded endpoint serves. Run by hand; nothing imports this at run time.

    pip install numpy            # and ffmpeg with libx264 on the PATH
    python -m rushes.embedded.clips.render_clips [sea aurora rain hills]

Everything is drawn and sounded from numbers in `scenes/`, one file a clip, so there is nobody's footage in
the package and nothing to license. What comes out is what a provider sends: H.264 High, yuv420p, AAC-LC
stereo. Three of the clips have `moov` first, as a server prepares them for streaming; `rain` has it last, as
an encoder leaves it, because both must play.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np  # type: ignore[import-not-found, unused-ignore]

from .scenes.picture import Array, develop
from .scenes.sound import RATE

FRAMES_PER_SECOND = 24
QUALITY = {"sea": 30.0, "aurora": 31.0, "rain": 31.5, "hills": 28.0}
MOOV_LAST = {"rain"}


def render(name: str, folder: Path) -> Path:
    """Paint one scene, frame by frame, into ffmpeg. Returns the finished file."""
    scene = importlib.import_module(f".scenes.{name}", __package__)
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as scratch:
        track, made = Path(scratch) / "track.wav", Path(scratch) / f"{name}.mp4"
        write_wave(track, scene.hear())
        process = subprocess.Popen(_encoder(scene, name, track, made), stdin=subprocess.PIPE)
        assert process.stdin is not None
        for number in range(round(scene.DURATION_S * FRAMES_PER_SECOND)):
            light = scene.paint(number / FRAMES_PER_SECOND)
            grain = random.uniform(-0.5, 0.5, light.shape[:2]).astype(np.float32)
            process.stdin.write(develop(light, exposure=scene.EXPOSURE, grain=grain).tobytes())
        process.stdin.close()
        if process.wait() != 0:
            raise SystemExit(f"ffmpeg failed on {name}")
        return Path(shutil.move(made, folder / made.name))


def write_wave(path: Path, sound: Array) -> None:
    """16-bit stereo."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def _encoder(scene: Any, name: str, track: Path, target: Path) -> list[str]:
    size = f"{scene.FRAME.width}x{scene.FRAME.height}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(FRAMES_PER_SECOND), "-i", "-"]
    colour = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
    picture = ["-c:v", "libx264", "-profile:v", "high", "-preset", "veryslow", "-crf", str(QUALITY[name])]
    tuned = ["-x264-params", "aq-mode=3:aq-strength=0.9:keyint=96", "-pix_fmt", "yuv420p"]
    matrix = ["-vf", "scale=out_color_matrix=bt709:out_range=tv"]
    audio = ["-c:a", "aac", "-b:a", "64k", "-shortest"]
    place = [] if name in MOOV_LAST else ["-movflags", "+faststart"]
    anonymous = ["-map_metadata", "-1", "-fflags", "+bitexact"]
    head = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *raw, "-i", str(track)]
    return [*head, *picture, *tuned, *matrix, *colour, *audio, *place, *anonymous, str(target)]


def main(names: Sequence[str]) -> None:
    """Render the named clips, all by default, beside this file."""
    folder = Path(__file__).parent
    for name in names or sorted(QUALITY):
        made = render(name, folder)
        sys.stdout.write(f"{made.name}: {made.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
