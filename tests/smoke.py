"""Whether rushes works where it is installed: a watch of the demo's endpoint ends with a video on the disk.

    python tests/smoke.py

It needs no notebook, no key and no network, and leaves nothing behind.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

MODEL = "veo-3.1-generate-preview"


def watch_one(folder: Path) -> str:
    """Watch one generation, its file going to the folder. Returns what became of it, in a line."""
    import rushes

    with rushes.demo_endpoint(seconds=0.5) as endpoint:
        key = endpoint.api_key
        watch = rushes.watch(
            MODEL, endpoint.create_operation(), base_url=endpoint.base_url, api_key=key, save_to=f"{folder}/"
        )
        try:
            [video] = watch.result(timeout=60)
            status = watch.status
        finally:
            watch.close()
    assert status == "succeeded", status
    [saved] = folder.glob("*.mp4")
    content = saved.read_bytes()
    assert content[4:8] == b"ftyp", content[:16]
    assert Path(video).read_bytes() == content
    return (
        f"rushes {rushes.__version__} on Python {platform.python_version()}: {status}, {len(content):,} bytes"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.environ["RUSHES_DATA_DIR"] = str(Path(name) / "data")
        folder = Path(name) / "clips"
        folder.mkdir()
        print(watch_one(folder))


if __name__ == "__main__":
    sys.exit(main())
