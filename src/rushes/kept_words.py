"""Words that a notebook's file keeps, in its outputs or in the state of widgets: whoever gets the file reads them.

Colab saves the state of widgets with the notebook, and JupyterLab does where its user has set it so: what a card is
told is no more private than its HTML.
"""

from __future__ import annotations

import re

from rushes.answer_text import public_words
from rushes.shown import without_home

_NAME = r"(?:[^\s/\\\"'<>|]|(?<=\w)'(?=\w))+"
# Between slashes a name may have spaces, as people's do. Words after a video's name, or a sentence's end, are in none.
_DIRECTORY = rf"{_NAME}(?:(?<!\.mp4)(?<!\.webm)(?:[ ]{_NAME}){{1,3}}(?<![.,;:!?]))?[/\\]+"
# An address, and a route of the API as our own words have it, are found first, so that no path is seen in them.
# No path begins inside of "and/or" or "../clip.mp4". A letter beyond ASCII may stand before one: not every script has
# spaces.
_PATH = re.compile(
    rf"""
      (?P<scheme>[a-z][a-z0-9+.-]{{1,20}})://(?![/\\])[^\s"'<>]+
    | (?<![a-z0-9_./\\]) /v\d[a-z0-9]*/ [^\s"'<>]*
    | (?P<start> ~[/\\]+ | (?<![a-z0-9_])[a-z]:[/\\]+
        | (?<![a-z0-9_/\\}}]) (?<!(?<![.\w])\.) (?<!(?<![.\w])\.\.) …?[/\\]+ )
      (?P<names> (?:{_DIRECTORY})+(?:{_NAME})? | {_NAME} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SEPARATORS = re.compile(r"[/\\]+")
_AFTER = ".,;:!?)]}`"
_FILE = re.compile(r".+\.\w{1,8}", re.DOTALL)
#: What is below these is called as a person is.
_PEOPLE = frozenset({"home", "users"})


def kept_words(text: str) -> str:
    """Words fit to be kept: addresses without their queries, and of an absolute path nothing but the name at its end,
    "…/clip.mp4"; "~/…/clip.mp4" where it is in the user's own directory.
    """
    return _PATH.sub(_kept, without_home(public_words(text)))


def _kept(found: re.Match[str]) -> str:
    start = found["start"]
    if start is None:
        _, _, *below_host = _SEPARATORS.split(found[0])
        is_file = (found["scheme"] or "").lower().endswith("file")
        return _end(below_host) if is_file and below_host else found[0]
    names = _SEPARATORS.split(found["names"])
    if start.startswith("~"):
        return f"~/{_end(names)}" if len(names) > 1 else found[0]
    before = found.string[: found.start()][-1:]
    return _end(names) if start[0].isalpha() or _is_path(start, names, before) else found[0]


def _is_path(start: str, names: list[str], before: str) -> bool:
    """Whether what begins with a slash is a path: "/clip.mp4" is, "/imagine" and what is left of a tag are not."""
    if before.isalnum() and (len(names) == 1 or not names[0].isascii()):
        return False
    return len(list(filter(None, names))) > 1 or (
        start[-1] == "/" and _FILE.fullmatch(names[0].rstrip(_AFTER)) is not None
    )


def _end(names: list[str]) -> str:
    """The end of a path, with the punctuation that goes on after it."""
    name = names[-1].rstrip(_AFTER)
    after = names[-1][len(name) :]
    if not name or (len(names) > 1 and names[-2].lower() in _PEOPLE):
        return f"…{after}"
    return f"…/{name}{after}"


__all__ = ["kept_words"]
