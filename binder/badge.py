"""Prints the README's Binder badge.

    python binder/badge.py [ADDRESS]        for a fork, its address; without one, that of the project

The badge opens the quickstart in JupyterLab.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import quote

_QUICKSTART = "lab/tree/notebooks/quickstart.ipynb"
#: Where Binder looks a repository up by its name; any other goes in by its whole address.
_HOSTS = {"github.com": "gh", "gitlab.com": "gl"}


def badge(address: str) -> str:
    """The badge in Markdown for a repository at an https or ssh address."""
    found = re.fullmatch(r"(?:https://|ssh://git@|git@(?=[^/]+:))([^/:@]+)[/:]([^@]+?)(?:\.git)?/?", address)
    if found is None:
        raise ValueError("Name the repository by its public address: python binder/badge.py https://...")
    host, name = found.groups()
    provider = _HOSTS.get(host)
    if provider == "gh":
        place = f"gh/{name}"
    elif provider is not None:
        place = f"{provider}/{quote(name, safe='')}"
    else:
        place = f"git/{quote(f'https://{host}/{name}.git', safe='')}"
    url = f"https://mybinder.org/v2/{place}/HEAD?urlpath={quote(_QUICKSTART, safe='')}"
    return f"[![Open the quickstart on Binder](https://mybinder.org/badge_logo.svg)]({url})"


def project_address() -> str:
    """Where the sources are, as the project's metadata says."""
    project = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text("utf-8")
    found = re.search(r'^Source = "(.*)"$', project, re.MULTILINE)
    return "" if found is None else found[1]


def main() -> None:
    try:
        print(badge(sys.argv[1] if len(sys.argv) > 1 else project_address()))
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
