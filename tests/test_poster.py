from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.poster import MAX_POSTER_BYTES, Poster, read_poster

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


@pytest.mark.parametrize("wrap", [bytes, memoryview, bytearray])
def test_a_small_picture_is_taken(wrap: type) -> None:
    assert read_poster([wrap(JPEG)]) == Poster(JPEG)


@pytest.mark.parametrize(
    "buffers",
    [
        [],
        [JPEG, JPEG],
        None,
        "text",
        ["text"],
        [b""],
        [b"\x89PNG\r\n\x1a\n" + bytes(20)],
        [b"<svg onload='alert(1)'>"],
        [b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20)],
        [JPEG.ljust(MAX_POSTER_BYTES + 1, b"\0")],
    ],
)
def test_nothing_else_is_saved_in_the_notebook(buffers: object) -> None:
    assert read_poster(buffers) is None


def test_a_picture_of_the_largest_size_is_taken() -> None:
    assert read_poster([JPEG.ljust(MAX_POSTER_BYTES, b"\0")]) is not None


def test_it_is_shown_without_another_file_and_printed_without_its_bytes() -> None:
    poster = Poster(JPEG)
    assert poster.data_uri.startswith("data:image/jpeg;base64,/9j/")
    assert repr(poster) == "<Poster, 24 bytes>"


@given(st.lists(st.binary() | st.text() | st.none()) | st.none())
def test_no_message_of_any_script_raises(buffers: object) -> None:
    read_poster(buffers)
