"""Where the built front end is."""

from __future__ import annotations

from pathlib import Path


def front_end_file(name: str) -> Path:
    """A file of the bundle.

    Raises:
        ImportError: the package was installed without it.
    """
    path = Path(__file__).parent / "static" / name
    if not path.is_file():
        raise ImportError(
            f"rushes is installed without its front end ({name} is missing). "
            "Install it anew with pip; in a clone, `pip install -e .` builds it."
        )
    return path
