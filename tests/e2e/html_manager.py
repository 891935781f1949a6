"""The html-manager that exported pages load from a CDN, as files of this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from environments import cache

ROOT = Path(__file__).parents[2]
#: What nbconvert 7 asks the CDN for, and the loader that it takes.
PACKAGES = ("@jupyter-widgets/html-manager@1.0.15", "requirejs@2.3.8")


def html_manager_files() -> dict[str, Path]:
    """The scripts by their names, fetched with npm once."""
    home = cache() / "html-manager-1.0.15"
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for package in PACKAGES:
            command = [sys.executable, str(ROOT / "js" / "npm.py"), "pack", "--json", package]
            packed = subprocess.run(
                [*command, "--pack-destination", str(home)], capture_output=True, text=True, check=True
            )
            [told] = json.loads(packed.stdout)
            with tarfile.open(home / told["filename"]) as archive:
                for member in archive:
                    if member.isfile() and member.name.endswith(".js"):
                        source = archive.extractfile(member)
                        assert source is not None
                        (home / Path(member.name).name).write_bytes(source.read())
        (home / "complete").touch()
    files = {path.name: path for path in home.glob("*.js")}
    return files | {"require.min.js": files["require.js"]}
