"""Searching everything that can be observed for something that must not be there.

    canary.find("the-key", widget, error, caplog.text, data_directory)

returns the places that it stands in, so that a failing test says where. For several canaries in the same places,
`gather` once and `find_in` each.
"""

from __future__ import annotations

import base64
import contextlib
import inspect
import json
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any
from urllib.parse import quote

from IPython.core.ultratb import VerboseTB

_DEPTH = 6
#: What a test and its tools keep in their own frames is theirs.
_NOT_OURS = ("/tests/", "/_pytest/", "/pluggy/", "/hypothesis/")
# IPython 9 has another name for "without colours"; colours would part a value that is searched for.
_PRINTER: Any = (
    VerboseTB(theme_name="nocolor")
    if "theme_name" in inspect.signature(VerboseTB).parameters
    else VerboseTB(color_scheme="NoColor")
)


Text = tuple[str, str]


def find(canary: str, *places: object) -> list[str]:
    """Where the canary, plain or encoded, stands in what can be seen of the places; see `gather`."""
    return find_in(canary, gather(*places))


def gather(*places: object) -> list[Text]:
    """Everything that can be seen of the places, each text with the name of where it stands.

    A `Path` is a file, or a directory searched to its leaves, names included. Text and bytes are searched as they are;
    of an exception its whole chain, every attribute, the verbose traceback and all locals of its frames; of any other
    object its `repr`, `str`, `vars` and pickle.
    """
    seen: dict[int, object] = {}
    return [
        text
        for number, place in enumerate(places)
        for text in _texts(place, f"place {number} ({type(place).__name__})", _DEPTH, seen)
    ]


def find_in(canary: str, texts: Sequence[Text]) -> list[str]:
    """Which of the texts hold the canary, plain or encoded."""
    return [
        f"{where}: {_excerpt(text, form)}" for form in _forms(canary) for where, text in texts if form in text
    ]


def verbose_traceback(error: BaseException) -> str:
    """What IPython's `%xmode Verbose` prints, values of variables included; of frames of the tests nothing."""
    trace = error.__traceback__
    while trace is not None and not _is_ours(trace.tb_frame):
        trace = trace.tb_next  # the user's own frames may hold what the user wrote
    if trace is None:
        return ""
    return "\n".join(_PRINTER.structured_traceback(type(error), error, trace, 0, 5))


def _forms(canary: str) -> set[str]:
    data = canary.encode()
    encoded = {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode(), data.hex()}
    return {canary, quote(canary, safe=""), repr(canary)[1:-1], json.dumps(canary)[1:-1], *encoded}


def _texts(place: object, where: str, depth: int, seen: dict[int, object]) -> Iterator[tuple[str, str]]:
    if id(place) in seen or depth == 0 or place is None or isinstance(place, (int, float)):
        return
    seen[id(place)] = place  # kept, so that no other object gets its number
    if isinstance(place, str) and type(place) is str:
        yield where, place
    elif isinstance(place, (bytes, bytearray)) and type(place) in (bytes, bytearray):
        yield where, place.decode("latin-1")
    elif isinstance(place, Path):
        yield from _files(place)
    else:
        yield from _of_object(place, where)
        if isinstance(place, BaseException):
            yield from _of_exception(place, where, depth, seen)
        if isinstance(place, Mapping):
            for key, value in place.items():
                yield from _texts(key, f"{where} key", depth - 1, seen)
                yield from _texts(value, f"{where}[{key!r}]", depth - 1, seen)
        elif isinstance(place, (list, tuple, set, frozenset)):
            for item in place:
                yield from _texts(item, f"{where} item", depth - 1, seen)


def _of_object(place: object, where: str) -> Iterator[tuple[str, str]]:
    yield f"repr of {where}", _called(repr, place)
    if not isinstance(place, (str, bytes)):
        yield f"str of {where}", _called(str, place)
        yield f"format of {where}", _called(format, place)
    with contextlib.suppress(TypeError):  # it has none
        yield f"vars of {where}", _called(repr, vars(place))
    yield f"pickle of {where}", _pickled(place)


def _called(show: Callable[[object], str], place: object) -> str:
    try:
        return show(place)
    except Exception as error:  # an object whose construction failed may have no repr
        return str(error)


def _pickled(place: object) -> str:
    try:
        return pickle.dumps(place).decode("latin-1")
    except Exception as error:
        return str(error)  # what cannot be pickled tells nothing, its refusal neither


def _of_exception(
    error: BaseException, where: str, depth: int, seen: dict[int, object]
) -> Iterator[tuple[str, str]]:
    yield (
        f"traceback of {where}",
        "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    )
    yield f"verbose traceback of {where}", verbose_traceback(error)
    for frame in _frames(error.__traceback__):
        for name, value in frame.f_locals.items():
            yield f"local {name} of {frame.f_code.co_name} of {where}", _called(repr, value)
    for name in ("__cause__", "__context__", "args", "__notes__"):
        yield from _texts(getattr(error, name, None), f"{name} of {where}", depth - 1, seen)
    for name, value in vars(error).items():
        yield from _texts(value, f"{name} of {where}", depth - 1, seen)


def _frames(trace: TracebackType | None) -> Iterator[FrameType]:
    while trace is not None:
        if _is_ours(trace.tb_frame):
            yield trace.tb_frame
        trace = trace.tb_next


def _is_ours(frame: FrameType) -> bool:
    return not any(part in frame.f_code.co_filename.replace("\\", "/") for part in _NOT_OURS)


def _files(path: Path) -> Iterator[tuple[str, str]]:
    yield f"name {path}", str(path)
    if path.is_dir():
        for child in sorted(path.iterdir()):
            yield from _files(child)
    elif path.is_file():
        with contextlib.suppress(FileNotFoundError):  # one being written is renamed when it is whole
            yield f"file {path}", path.read_bytes().decode("latin-1")


def _excerpt(text: str, form: str) -> str:
    start = text.index(form)
    return " ".join(text[max(0, start - 60) : start + len(form) + 20].split())
