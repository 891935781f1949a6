"""What has to be true of what is about to be published. Prints what the changelog says of it.

    python .ci/check_release.py v1.2.3 dist     in the root of the clone

Ends with 1 where the files in dist are not those of the tag, where the changelog has no dated section for it, or where
an address in the package's metadata or a page that errors link to does not answer.
"""

from __future__ import annotations

import email
import re
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

CHANGELOG = Path("CHANGELOG.md")
ERROR_PAGES = Path("docs/errors")


def section(changelog: str, version: str) -> str | None:
    """The changelog's section of a version that has a date, without its heading; None where there is none."""
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    found = re.search(heading + r"\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() or None if found else None


def addresses(wheel: Path) -> Iterator[str]:
    """The addresses in the wheel's metadata, and of the pages that its errors link to."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        described = email.message_from_bytes(archive.read(name))
    named = dict(entry.split(", ", 1) for entry in described.get_all("Project-URL", []))
    yield from named.values()
    for page in sorted(ERROR_PAGES.glob("*.md")):
        if page.stem != "index":
            yield f"{named['Documentation'].rstrip('/')}/errors/{page.stem}/"


def why_silent(address: str) -> str | None:
    """Why an address does not answer; None where it does."""
    try:
        with urllib.request.urlopen(address, timeout=30):
            return None
    except OSError as error:  # urllib's errors are
        return str(error)


def problems(tag: str, dist: Path) -> Iterator[str]:
    """What is wrong, each in a sentence."""
    version = tag.removeprefix("v")
    wheel = dist / f"rushes-{version}-py3-none-any.whl"
    expected = {wheel.name, f"rushes-{version}.tar.gz"}
    there = {path.name for path in dist.iterdir()}
    if there != expected:
        yield f"{dist} holds {', '.join(sorted(there)) or 'nothing'}; {tag} is {', '.join(sorted(expected))}."
    if section(CHANGELOG.read_text("utf-8"), version) is None:
        yield f"CHANGELOG.md has no section `## [{version}] - YYYY-MM-DD` with something in it."
    if wheel.is_file():
        for address in addresses(wheel):
            if silent := why_silent(address):
                yield f"{address} does not answer: {silent}"


def main(tag: str, dist: str) -> int:
    found = list(problems(tag, Path(dist)))
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    if not found:
        print(section(CHANGELOG.read_text("utf-8"), tag.removeprefix("v")))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
