"""The built front end in src/rushes/static: whether it belongs to these sources, and building it where not.

    python js/bundle.py      builds it, if it is missing or of other sources
    python js/bundle.py ci   installs the locked npm packages, if they are not there

Beside the bundle lies a record: a hash of everything that it was made from and one of every file that was
made. Both have to match, so neither an edited source nor an edited or watch-mode bundle is ever shipped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import npm

JS = npm.JS
STATIC = JS.parent / "src" / "rushes" / "static"
RECORD = STATIC / "bundle.json"

# Everything else in js/ counts as an input: a new configuration file cannot be forgotten here.
NO_INPUT = frozenset({"node_modules", "tests", "coverage"})

EXPLANATION = (
    "The front end of rushes is built from js/ with packages of the npm registry, and that did not work "
    "here (see above). Without a network, install from the wheel or the sdist: both hold the built files. "
    "Behind a proxy, set HTTPS_PROXY or npm's own `registry` and `proxy` settings."
)


def inputs() -> Iterator[Path]:
    """The files that the bundle is made from, in a fixed order."""
    for path in sorted(JS.rglob("*")):
        parts = path.relative_to(JS).parts
        hidden = any(part in NO_INPUT or part.startswith((".", "__")) for part in parts)
        if not hidden and path.suffix != ".py" and path.is_file():
            yield path


def inputs_hash() -> str:
    """SHA-256 over names and contents of all inputs."""
    total = hashlib.sha256()
    for path in inputs():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content}  {path.relative_to(JS).as_posix()}\n".encode())
    return total.hexdigest()


def outputs() -> dict[str, str]:
    """SHA-256 of every built file, by name."""
    files = (path for path in sorted(STATIC.rglob("*")) if path.is_file() and path != RECORD)
    return {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def is_current() -> bool:
    """Whether the built files are exactly those that were made from these sources."""
    try:
        record = json.loads(RECORD.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(record == {"inputs": inputs_hash(), "outputs": outputs()} and record["outputs"])


def install_packages() -> None:
    """The packages of the lock file, exactly. Nothing to do where they are there already."""
    lock = hashlib.sha256((JS / "package-lock.json").read_bytes()).hexdigest()
    installed = JS / "node_modules" / ".installed-lock"
    if installed.is_file() and installed.read_text("utf-8") == lock:
        return
    # No install script runs: what the build needs comes as plain files in the packages.
    npm.run("ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", quiet=True)
    installed.write_text(lock, "utf-8")


def build() -> None:
    """Build the front end anew. Raises npm.NpmError."""
    before = inputs_hash()
    install_packages()
    shutil.rmtree(STATIC, ignore_errors=True)
    STATIC.mkdir(parents=True)
    npm.run("run", "build", quiet=True)
    # The hash of before: a source edited meanwhile makes the bundle stale, as it is.
    RECORD.write_text(json.dumps({"inputs": before, "outputs": outputs()}, indent=2) + "\n", "utf-8")


def ensure() -> None:
    """Build the front end unless the built files are current. Raises npm.NpmError with a way out."""
    if is_current():
        return
    try:
        build()
    except npm.NpmError as error:
        raise npm.NpmError(f"{error}\n\n{EXPLANATION}") from None


def main(arguments: list[str]) -> int:
    try:
        install_packages() if arguments == ["ci"] else ensure()
    except npm.NpmError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
