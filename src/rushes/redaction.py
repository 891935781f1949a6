"""Taking an API key out of what a server sent: servers echo what they got, in the spelling of their own format."""

from __future__ import annotations

import html.entities
import re

REDACTED = "[API key]"
#: A shorter key may be a word of the answer's own, such as "name"; no provider's is that short.
_SHORTEST_KEY = 8
#: What is left of a key at the end of a cut-off text, and says something about it.
_SHORTEST_REST = 4
_LONGEST_SPELLING = 12
#: What stands before or after a key can be the key again together with what is put in its place.
_MOST_PASSES = 4


class Redactor:
    """Finds one key in any text.

    Keeps methods of patterns and no pattern: those print what they search for.

    Args:
        key: the key as it is sent.
    """

    def __init__(self, key: str) -> None:
        spellings = [_spellings(letter) for letter in key] if len(key) >= _SHORTEST_KEY else []
        self._replace = re.compile("".join(spellings)).sub if spellings else None
        self._replace_plain = re.compile(re.escape(key)).sub  # much faster
        self._match_letter = [re.compile(spelling).match for spelling in spellings]

    def redact(self, text: str, *, cut_off: bool = False) -> str:
        """`text` with the key replaced, plain or escaped as URLs, HTML and JSON have it.

        A key of fewer than 8 characters is left: it would tear answers apart that use the same word.

        Args:
            text: what may hold the key.
            cut_off: whether `text` may end in the middle of the key.
        """
        if self._replace is None:
            return text
        text = self._without_key(text)
        start = self._start_of_rest(text) if cut_off else None
        return text if start is None else self._without_key(text[:start] + REDACTED)

    def _without_key(self, text: str) -> str:
        assert self._replace is not None, "there is a key to look for"
        replace = self._replace if any(mark in text for mark in "%\\&") else self._replace_plain
        for _ in range(_MOST_PASSES):
            replaced = replace(REDACTED, text)
            if replaced == text:
                return text
            text = replaced
        return REDACTED  # a text that was made to go on like that

    def _start_of_rest(self, text: str) -> int | None:
        """Where the beginning of the key stands at the end of the text."""
        longest = _LONGEST_SPELLING * len(self._match_letter)
        for start in range(max(0, len(text) - longest), len(text) - _SHORTEST_REST + 1):
            before = position = start
            letters = 0
            for match in self._match_letter:
                found = match(text, position)
                if found is None:
                    break
                before, position = position, found.end()
                letters += 1
            if letters >= _SHORTEST_REST and (
                position == len(text) or _begins_escape(text[position:]) or _begins_escape(text[before:])
            ):
                return start
        return None


def _begins_escape(text: str) -> bool:
    return len(text) < _LONGEST_SPELLING and text.startswith(("%", "\\", "&"))


def _spellings(letter: str) -> str:
    """A pattern for the ways in which a character of a key is written, escaped more than once too."""
    code = ord(letter)
    name = html.entities.codepoint2name.get(code, "apos" if letter == "'" else f"#{code}")
    plain = re.escape(letter) if letter.isalnum() else rf"\\{{0,8}}{re.escape(letter)}"
    # The longest first: letters are also matched one by one, where none is tried again.
    return (
        rf"(?:(?i:%(?:25){{0,3}}{code:02x}|\\{{1,8}}u{code:04x}"
        rf"|&(?:amp;){{0,3}}(?:{name}|#0{{0,4}}{code}|#x0{{0,4}}{code:x});)|{plain})"
    )


__all__ = ["REDACTED", "Redactor"]
