"""The other container: told by its signature, whole where its elements fill it."""

from __future__ import annotations

from pathlib import Path

import clips
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.webm import has_webm_signature, is_complete_webm


@pytest.fixture(scope="module")
def scratch_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("webm") / "clip.webm"


def test_a_whole_file_is_told_from_every_beginning_of_it(tmp_path: Path) -> None:
    content = clips.webm(200)
    path = tmp_path / "clip.webm"
    path.write_bytes(content)
    assert has_webm_signature(content)
    assert is_complete_webm(path)
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert not is_complete_webm(path), length


def test_a_segment_of_unknown_size_reaches_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "live.webm"
    path.write_bytes(b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67\xff" + b"media")
    assert is_complete_webm(path)


@given(st.binary(max_size=200), st.booleans())
def test_arbitrary_bytes_are_read_without_harm(scratch_file: Path, content: bytes, signed: bool) -> None:
    scratch_file.write_bytes(b"\x1a\x45\xdf\xa3" * signed + content)
    is_complete_webm(scratch_file)
