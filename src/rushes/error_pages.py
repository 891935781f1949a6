"""Where the documentation explains each error. The address is the installed package's own: `[project.urls]`."""

from __future__ import annotations

import functools
import importlib.metadata
import re

_WORD_BEGINS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def page_name(class_name: str) -> str:
    """The name of a class as its page has it: "APIError" is "api-error"."""
    return _WORD_BEGINS.sub("-", class_name).lower()


def error_page_url(class_name: str) -> str | None:
    """The page that explains the error class, None where the package's metadata names no documentation."""
    root = documentation_url()
    return None if root is None else f"{root}errors/{page_name(class_name)}/"


@functools.cache
def documentation_url() -> str | None:
    """The root of the documentation, with a slash at its end; None where rushes runs without being installed."""
    try:
        entries = importlib.metadata.metadata("rushes").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    addresses = dict(entry.split(", ", 1) for entry in entries)
    root = addresses.get("Documentation")
    return None if root is None else f"{root.rstrip('/')}/"
