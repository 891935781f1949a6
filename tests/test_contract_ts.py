"""The Python types of the trait and the messages equal those of the front end: names, order and types."""

from __future__ import annotations

import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from rushes import (
    board_messages,
    board_snapshot,
    details,
    messages,
    poster,
    snapshot,
    static_outputs,
    watch_state,
)

SOURCES = Path(__file__).parents[1] / "js" / "src"
MODEL_TS = (SOURCES / "model.ts").read_text(encoding="utf-8")
BOARD_TS = (SOURCES / "board" / "board_model.ts").read_text(encoding="utf-8")


def as_typescript(hint: Any) -> str:
    """A Python type in the words of the front end."""
    origin = get_origin(hint)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in get_args(hint))
    if origin in (Union, UnionType):
        # TypeScript's habit: the type first, then null.
        return " | ".join(
            as_typescript(part) for part in sorted(get_args(hint), key=lambda part: part is NoneType)
        )
    if origin is list:
        return f"{as_typescript(*get_args(hint))}[]"
    if is_typeddict(hint):
        return str(hint.__name__)
    return {int: "number", float: "number", str: "string", bool: "boolean", NoneType: "null"}[hint]


def fields_of(declaration: type) -> list[tuple[str, str]]:
    """The fields of a TypedDict in their order."""
    return [
        (name, "Status" if hint == watch_state.Status else as_typescript(hint))
        for name, hint in get_type_hints(declaration).items()
    ]


def interfaces(source: str = MODEL_TS) -> dict[str, list[tuple[str, str]]]:
    found = re.findall(r"export interface (\w+) \{(.*?)\}", source, re.DOTALL)
    return {name: re.findall(r"^\s*(\w+): ([^;]+);", body, re.MULTILINE) for name, body in found}


def union_members(name: str, source: str = MODEL_TS) -> list[str]:
    declaration = re.search(rf"export type {name} =(.*?);\n(?=\n|$|/|export)", source, re.DOTALL)
    assert declaration is not None
    return [" ".join(member.split()) for member in re.split(r"\n\s*\| ", declaration[1]) if member.strip()]


def objects(name: str, source: str = MODEL_TS) -> list[list[tuple[str, str]]]:
    return [re.findall(r"(\w+): ([^;}]+?)(?=;| \})", member) for member in union_members(name, source)]


def test_the_snapshot_has_the_fields_that_the_front_end_declares() -> None:
    declared = [
        snapshot.Snapshot,
        snapshot.Clock,
        snapshot.Polls,
        snapshot.Retry,
        snapshot.EstimateStep,
        snapshot.Estimate,
        snapshot.Filtered,
        snapshot.ErrorInfo,
        snapshot.Sample,
        snapshot.Form,
        snapshot.FormError,
        details.Details,
        details.PollEntry,
    ]
    assert {kind.__name__: fields_of(kind) for kind in declared} == interfaces()


def test_there_are_the_same_states() -> None:
    assert [f'"{value}"' for value in get_args(watch_state.Status)] == union_members("Status")


def test_a_page_asks_what_the_kernel_reads() -> None:
    assert [fields_of(kind) for kind in get_args(messages.Request)] == objects("Request")


def test_the_kernel_answers_what_the_page_reads() -> None:
    assert [fields_of(kind) for kind in get_args(messages.Reply)] == objects("Reply")


# A board, whose envelopes hold the messages of cards.


def board_fields_of(declaration: type) -> list[tuple[str, str]]:
    """As `fields_of`; an envelope's message has a name of its own in the front end."""
    names = {board_messages.ItemRequest: "Request", board_messages.ItemReply: "Reply"}
    return [
        (name, names[declaration] if name == "message" else as_typescript(hint))
        for name, hint in get_type_hints(declaration).items()
    ]


def test_the_board_has_the_fields_that_the_front_end_declares() -> None:
    declared = [board_snapshot.BoardSnapshot, board_snapshot.Row]
    assert {kind.__name__: fields_of(kind) for kind in declared} == interfaces(BOARD_TS)


def test_a_page_with_a_board_asks_what_the_kernel_reads() -> None:
    asked = [board_fields_of(kind) for kind in get_args(board_messages.BoardRequest)]
    assert asked == objects("BoardRequest", BOARD_TS)


def test_the_kernel_answers_what_a_page_with_a_board_reads() -> None:
    answered = [board_fields_of(kind) for kind in get_args(board_messages.BoardAnswer)]
    assert answered == objects("BoardAnswer", BOARD_TS)


# Figures that both sides have to keep to.


def constant(file: str, name: str) -> int:
    """A number that a file of the front end declares."""
    source = (SOURCES / file).read_text(encoding="utf-8")
    [value] = re.findall(rf"^(?:export )?const {name} = ([\d_]+);$", source, re.MULTILINE)
    return int(value)


def test_a_page_pulls_as_many_chunks_at_once_as_the_kernel_takes() -> None:
    assert constant("pull.ts", "WINDOW") == messages.MAX_CHUNKS_PER_PULL


def test_a_page_makes_a_picture_as_large_as_the_kernel_takes() -> None:
    assert constant("poster.ts", "LIMIT_BYTES") == poster.MAX_POSTER_BYTES


def test_a_page_may_fail_once_to_say_that_its_video_plays() -> None:
    assert constant("playing.ts", "INTERVAL_MS") / 1000 <= static_outputs.PLAYING_LEASE_S / 2
