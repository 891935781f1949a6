"""What is saved in a notebook, as state of a widget or as HTML and text: no signature, no path; what says something."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from urllib.parse import quote

import pytest
from boards import fake_watch
from fake_watch import RUNNING
from hypothesis import given
from hypothesis import strategies as st

from rushes.board_snapshot import take_board_snapshot
from rushes.board_static import board_html, board_text
from rushes.errors import OperationFailedError, RateLimitError, RushesError, SaveError
from rushes.kept_words import kept_words
from rushes.operation import Operation, Video
from rushes.redaction import Redactor
from rushes.snapshot import Caption, take_snapshot
from rushes.stars import Stars
from rushes.static_view import public, static_html, static_text
from rushes.take import Take
from rushes.watch_state import Retry, WatchState

SIGNATURE = "canarysignature"
BARE = f"storage.googleapis.com/b/o.mp4?X-Goog-Expires=900&X-Goog-Signature={SIGNATURE}"
URL = f"https://{BARE}"
IN_JSON = json.dumps({"error": {"target": URL}}).replace("/", "\\/")
SIGNED = [
    URL,
    BARE,
    f"//{BARE}",
    URL.replace("/", "\\/"),
    IN_JSON,
    json.dumps(IN_JSON),
    quote(URL, safe=""),
    quote(quote(URL, safe=""), safe=""),
    quote(BARE, safe=""),
    URL.replace("?", "\\u003f").replace("=", "\\u003d").replace("&", "\\u0026"),
    BARE.replace("&", "&amp;").replace("=", "&#61;").replace("?", "&#63;"),
    f"https://b.blob.core.windows.net/c/o.mp4?sv=2024&sig={SIGNATURE}",
    f"https://d.cloudfront.net/o.mp4?Expires=1&Signature={SIGNATURE}&Key-Pair-Id=K",
    f'https://h/o?response-content-disposition=attachment; filename="a b.mp4"&Signature={SIGNATURE}',
]
CAPTION = Caption(model_name="veo-3.1", operation_id="op1", provider="GPTProto")
PIECES = [
    *"\\/?#&%:='\"<>@…~ \n",
    *(
        "//",
        "&amp;",
        "%25",
        "%3A",
        "文件",
        "https:",
        "alt=media",
        "?alt=media",
        "x://",
        "x://y?",
        "\\u00",
        "&#",
        "C:",
    ),
    *("file:", "file://", "/home/x", "/v1/", "&sig", "x-goog-"),
]
SURROUNDINGS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=6).map("".join)


def saved(state: WatchState, caption: Caption = CAPTION) -> str:
    """Everything that a notebook saves of a card and of a board in this state."""
    snapshot = take_snapshot(state, caption, version=1, now=1_700_000_000.0)
    watch = fake_watch(1, None)
    watch.move(state)
    board = take_board_snapshot(
        [(Take(watch, Stars()), state)], set(), notice=None, version=1, now=1_700_000_000.0
    )
    return "\n".join(
        [
            json.dumps(snapshot, ensure_ascii=False),
            static_html(snapshot),
            static_text(snapshot),
            json.dumps(board, ensure_ascii=False),
            board_html(board),
            board_text(board),
        ]
    )


def told_by_the_provider(words: str) -> list[WatchState]:
    """Every way for its words into what is saved."""
    filtered = Operation("n", "veo-3.1", "op1", True, "filtered", (), filtered_reasons=(words,))
    warned = replace(filtered, status="succeeded", videos=(Video("a"),))
    failed = replace(RUNNING, status="failed")
    return [
        replace(failed, error=OperationFailedError(13, words)),
        replace(failed, error=OperationFailedError(words, "It broke.")),
        replace(failed, error=RateLimitError(429, None, words, provider="GPTProto", next_step=words)),
        replace(failed, error=RushesError(words, next_step=words)),
        replace(RUNNING, status="filtered", operation=filtered),
        replace(RUNNING, status="succeeded", operation=warned),
        replace(RUNNING, retry=Retry(words, 0.0)),
    ]


@pytest.mark.parametrize("signed", SIGNED)
def test_no_signature_of_an_address_is_saved(signed: str) -> None:
    for words in (signed, f"upload failed: {signed}", f"({signed}).", f"文件{signed}文件"):
        for state in told_by_the_provider(words):
            assert SIGNATURE not in saved(state)
        assert SIGNATURE not in public(words)  # a label


@given(SURROUNDINGS, st.sampled_from(SIGNED), SURROUNDINGS)
def test_no_signature_is_saved_whatever_is_around_it(before: str, signed: str, after: str) -> None:
    words = f"{before}{signed}{after}"
    assert SIGNATURE not in kept_words(words)
    for state in told_by_the_provider(words):
        assert SIGNATURE not in saved(state)


def test_an_error_in_python_says_what_it_said() -> None:
    error = SaveError("/home/ada/clips/clip.mp4 could not be written.")
    saved(replace(RUNNING, status="failed", error=error))
    assert str(error).startswith("/home/ada/clips/clip.mp4 could not be written.")


@pytest.mark.parametrize("times", range(1, 12))
@pytest.mark.parametrize("escape", ["{}/", "{}u002f", "&{}#47;", "&{}#x2f;"])
def test_no_key_comes_to_light_that_was_not_found_escaped(escape: str, times: int) -> None:
    key = "canary/0123456789"
    echoed = key.replace("/", escape.format(("amp;" if "&" in escape else "\\") * times))
    for state in told_by_the_provider(Redactor(key).redact(echoed)):
        assert key not in saved(state)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("/clip.mp4 could not be written", "…/clip.mp4 could not be written"),
        ("C:\\clip.mp4 is full.", "…/clip.mp4 is full."),
        ("C:/Users/ada/x/clip.mp4", "…/clip.mp4"),
        ("C:\\\\Users\\\\ada\\\\clip.mp4", "…/clip.mp4"),
        ("\\\\server\\ada\\clip.mp4", "…/clip.mp4"),
        ("/home/Jane Doe/videos/clip.mp4 exists", "…/clip.mp4 exists"),
        ("C:\\Users\\Jane Doe\\clip.mp4 exists already", "…/clip.mp4 exists already"),
        ("/home/pat o'brien/clip.mp4 exists", "…/clip.mp4 exists"),
        ("文件/home/ada/clip.mp4 损坏", "文件…/clip.mp4 损坏"),
        ("'~/secret/clip.mp4' exists.", "'~/…/clip.mp4' exists."),
        ("/home/ada is full. So is /Users/ada/.", "… is full. So is …."),
        ("/home/ada/../grace/clip.mp4", "…/clip.mp4"),
        ("saved.../home/ada/clip.mp4", "saved...…/clip.mp4"),
        ("//home//ada//clip.mp4, file:///home/ada/clip.mp4", "…/clip.mp4, file:…/clip.mp4"),
        ("file://host/home/ada/clip.mp4", "…/clip.mp4"),
        ("file://clip.mp4, file://", "file://clip.mp4, file://"),
        ("no space in /data/rushes: it is full", "no space in …/rushes: it is full"),
        ("\\/home\\/ada\\/clip.mp4", "…/clip.mp4"),
        ("/tmp/clip.mp4 and/or /tmp/other.mp4", "…/clip.mp4 and/or …/other.mp4"),
    ],
)
def test_of_a_path_the_name_of_the_file_is_kept(words: str, kept: str) -> None:
    assert kept_words(words) == kept


@given(
    SURROUNDINGS.filter(lambda text: text[-1:].isspace() or text == ""),
    st.sampled_from(["/home/ada/{}/clip.mp4", "C:\\Users\\ada\\{}\\clip.mp4", "/ada/{}/x", "~/ada/{}/x"]),
    st.from_regex(r"[\w.,:;()+@#-]{1,20}(?: [\w()+@#-]{1,20}){0,3}", fullmatch=True),
)
def test_no_directory_is_saved_whatever_its_name_and_what_is_before_it(
    before: str, path: str, name: str
) -> None:
    assert "ada" not in kept_words(f"{before}{path.format(name)} could not be written")


@pytest.mark.parametrize(
    "words",
    [
        "Videos and/or pictures in 16:9, 9:16, 24/7, 1/2 on 2024/05/01 at 10:30; w/o, N/A, и/или, 图片/视频.",
        "See https://rushes.example/errors/save-error/ and https://h/v1beta/files/abc:download?alt=media too.",
        "It needs a model (/v1beta/models/{model}/operations/{id}), {model}/operations/{id}, operations/abc.",
        "models/veo-3.1/operations/x, clips/clip.mp4, ./clip.mp4, ../clips/clip.mp4, ~/clip.mp4",
        "/imagine a cat, <b>bold</b>, Error: a:b, C: and watch(..., timeout=600). Is a = b? AT&T, R&D; c'est ça",
        "gs://bucket/clip.mp4 is Google's own.",
    ],
)
def test_what_is_neither_stays(words: str) -> None:
    assert kept_words(words) == words
    assert kept_words(f"「{words}」") == f"「{words}」"


def test_our_own_words_stay() -> None:
    def kinds(kind: type[RushesError]) -> list[type[RushesError]]:
        return [kind, *(found for below in kind.__subclasses__() for found in kinds(below))]

    for kind in kinds(RushesError):
        assert kept_words(kind.default_next_step) == kind.default_next_step


@pytest.mark.parametrize(
    "piece",
    ["/", "\\", "/a", "/a b", "a ", "~/", "a:/", "…/", "x://", "&a", "x-goog-a", "'a", "é/", "a" * 99],
)
def test_words_of_any_length_are_looked_through_in_no_time(piece: str) -> None:
    began = time.thread_time()
    kept_words(piece * (120_000 // len(piece)))
    assert time.thread_time() - began < 1.0
