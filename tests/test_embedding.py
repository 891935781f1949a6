"""A clip that goes into the notebook because somebody asked for it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from rushes import Video
from rushes.errors import DownloadError, InvalidInputError, SaveError


@pytest.fixture
def clip(tmp_path: Path) -> Video:
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(1_500_000))
    return Video("https://host/file?signature=canary", path=path)


def test_the_bytes_are_in_the_html_and_nothing_private_is(clip: Video) -> None:
    shown = clip.embed()._repr_html_()
    source = f'src="data:video/mp4;base64,{base64.b64encode(clip.data).decode()}"'
    assert shown.startswith("<video controls")
    assert source in shown
    without_bytes = shown.replace(source, "")
    assert str(clip.path) not in without_bytes
    assert "canary" not in without_bytes
    assert repr(clip.embed()) == "<EmbeddedVideo video/mp4, 1.5 MB>"


def test_a_larger_file_is_refused_before_it_is_read(clip: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(SaveError, match=r"has 1\.5 MB; at most 1 MB go into a notebook") as refused:
        clip.embed(max_mb=1)
    assert "embed(max_mb=2)" in refused.value.next_step


def test_what_the_refusal_names_is_enough(clip: Video) -> None:
    assert clip.embed(max_mb=2)._repr_html_()


def test_a_video_that_is_not_downloaded_says_what_to_do() -> None:
    with pytest.raises(DownloadError, match="not downloaded") as refused:
        Video("https://host/file").embed()
    assert refused.value.next_step


def test_the_bytes_of_an_inline_answer_are_enough() -> None:
    video = Video(inline=True, mime_type="video/webm", _base64=base64.b64encode(b"clip").decode())
    assert 'src="data:video/webm;base64,Y2xpcA=="' in video.embed()._repr_html_()
    with pytest.raises(SaveError):
        video.embed(max_mb=0.000001)


@pytest.mark.parametrize(
    ("mime_type", "name", "expected"),
    [
        (None, "clip.webm", "video/webm"),
        (None, "clip.mp4", "video/mp4"),
        ('video/mp4" onerror="alert(1)', "clip.mp4", "video/mp4"),
        ("text/html", "clip.mp4", "video/mp4"),
        ("video/quicktime", "clip.mov", "video/quicktime"),
    ],
)
def test_the_type_is_one_of_a_video(tmp_path: Path, mime_type: str | None, name: str, expected: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"clip")
    shown = Video(mime_type=mime_type, path=path).embed()._repr_html_()
    assert f'src="data:{expected};base64,' in shown
    assert "onerror" not in shown


@pytest.mark.parametrize("max_mb", [0, -1, float("nan"), "10", None, True])
def test_a_size_that_cannot_be_meant_is_refused(clip: Video, max_mb: float) -> None:
    with pytest.raises(InvalidInputError, match="is not a size"):
        clip.embed(max_mb)
