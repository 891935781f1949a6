"""What GitHub leaves of the HTML in a notebook: an allow-list of elements and attributes.

The rules are those of its `html-pipeline` (lib/html_pipeline/sanitization_filter.rb, DEFAULT_CONFIG): no style, no
class, no script, no video. The viewer of notebooks lets `data:` images through besides, as it shows every plot as one.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

nh3 = pytest.importorskip("nh3", reason="only the development environment has it")

from rushes.errors import OperationFilteredError  # noqa: E402
from rushes.poster import Poster  # noqa: E402
from rushes.snapshot import Caption, take_snapshot  # noqa: E402
from rushes.stand_in import stand_in_html  # noqa: E402
from rushes.static_view import static_html  # noqa: E402
from rushes.watch_state import WatchState  # noqa: E402

pytestmark = pytest.mark.tools

_ELEMENTS = (
    "h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p ol ul table thead tbody tfoot "
    "blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure figcaption "
    "abbr bdo cite dfn mark small span time wbr"
)
#: Those that matter here; none of the others is in our HTML.
ATTRIBUTES = {
    "*": {"alt", "title", "width", "height", "align", "aria-label"},
    "img": {"src", "longdesc"},
    "a": {"href"},
}
SCHEMES = {"http", "https", "data"}

ENDED = WatchState(
    status="succeeded",
    attempt=1,
    started_at=1_700_000_000.0,
    finished_at=1_700_000_072.0,
    ended_at=1_700_000_073.0,
)
CAPTION = Caption(model_name="veo-3.1-generate-preview", operation_id="mg3pt9cbmvr1", provider="GPTProto")
POSTER = Poster(b"\xff\xd8\xff\xe0")


def on_github(shown: str) -> str:
    cleaned: str = nh3.clean(
        shown, tags=set(_ELEMENTS.split()), attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None
    )
    return cleaned


def text_of(shown: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", shown))


def test_model_operation_outcome_time_and_poster_stay() -> None:
    snapshot = take_snapshot(ENDED, CAPTION, version=1, now=1_700_000_080.0)
    shown = static_html(snapshot, POSTER, ["clips/mg3pt9cbmvr1.mp4"])
    left = on_github(shown)
    for text in (
        "veo-3.1-generate-preview",
        "mg3pt9cbmvr1",
        "Finished after 1 min 12 s",
        "started 2023-11-1",
        "The video is in clips/mg3pt9cbmvr1.mp4. Re-run the cell to play the video",
    ):
        assert text in text_of(left)
    assert f'<img alt="A frame of the video" src="{POSTER.data_uri}"' in left
    assert "<video" in shown
    assert "<video" not in left
    assert "style" not in left


def test_why_there_is_no_video_stays() -> None:
    error = OperationFilteredError(["A face was recognised."])
    state = replace(ENDED, status="filtered", error=error)
    left = on_github(static_html(take_snapshot(state, CAPTION, version=1, now=1_700_000_080.0)))
    assert "Withheld by the provider's safety filter after 1 min 12 s" in text_of(left)


def test_the_style_sheet_of_the_stand_in_does_not_become_text() -> None:
    snapshot = take_snapshot(ENDED, CAPTION, version=1, now=1_700_000_080.0)
    left = on_github(stand_in_html(static_html(snapshot, POSTER)))
    assert "jp-OutputArea" not in left
    assert left.count("<img") == 1
