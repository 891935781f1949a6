"""What an operation and its videos are as objects: compared, printed, pickled, and read whatever they hold."""

from __future__ import annotations

import base64
import copy
import dataclasses
import os
import pickle
import time
from pathlib import Path
from typing import Any

import canary
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rushes.errors import (
    APIError,
    AuthenticationError,
    CredentialsError,
    DownloadError,
    InvalidInputError,
    NetworkError,
    NoVideoError,
    OperationFailedError,
    OperationFilteredError,
    OperationNotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RushesError,
    SaveError,
    ServerError,
    UnreadableResponseError,
    WatchStoppedError,
    WatchTimeoutError,
)
from rushes.operation import ErrorDetail, Operation, Video, read_error_detail, read_operation
from rushes.shown import PrivateBytes, PrivateUrl, public_text, public_uri

SIGNATURE = "canary-signature-0123456789"
SIGNED = f"https://user:{SIGNATURE}@h/clip.mp4?X-Sig={SIGNATURE}&alt=media#{SIGNATURE}"
NAME = "models/veo/operations/op1"


def read(body: dict[str, Any]) -> Operation:
    return read_operation(body, "veo", "op1")


def finished(**response: object) -> dict[str, Any]:
    return {"name": NAME, "done": True, "response": response}


def test_a_failed_operation_raises_what_the_provider_said() -> None:
    with pytest.raises(OperationFailedError) as caught:
        read({"name": NAME, "error": {"code": 13, "message": "boom"}}).raise_for_status()
    assert (caught.value.code, caught.value.message) == (13, "boom")
    with pytest.raises(OperationFailedError) as caught:
        Operation(NAME, "veo", "op1", done=True, status="failed").raise_for_status()
    assert (caught.value.code, caught.value.message) == (None, None)


def test_an_operation_is_frozen_and_counts_as_its_facts() -> None:
    body = finished(videos=[{"uri": "https://h/1"}], raiMediaFilteredReasons=["audio"])
    one, same = read(body), read({**body, "metadata": {"anything": 1}})
    assert one == same
    assert hash(one) == hash(same)
    assert one != read(finished(videos=[{"uri": "https://h/2"}]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.status = "failed"  # type: ignore[misc]


def test_inline_videos_of_other_bytes_are_other_videos() -> None:
    one, other = read(finished(videos=[{"videoBytes": "AAAA"}, {"videoBytes": "BBBB"}])).videos
    assert one != other
    assert len({one, other, *read(finished(videos=[{"videoBytes": "AAAA"}])).videos}) == 2


@pytest.mark.parametrize(
    ("sample", "uri", "mime_type", "inline"),
    [
        ({"video": {"uri": "https://h/1"}}, "https://h/1", None, False),
        ({"video": {"uri": " https://h/1 ", "mimeType": "video/mp4"}}, "https://h/1", "video/mp4", False),
        ({"uri": "https://h/1", "encoding": "video/webm"}, "https://h/1", "video/webm", False),
        ({"gcsUri": "gs://b/o"}, "gs://b/o", None, False),
        ({"bytesBase64Encoded": "AAAA", "mimeType": "video/mp4"}, None, "video/mp4", True),
        ({"video": {"videoBytes": "AAAA"}}, None, None, True),
        ({"video": {"encodedVideo": "AAAA"}}, None, None, True),
        ({"video": {"uri": "https://h/1", "videoBytes": "AAAA"}}, "https://h/1", None, False),
    ],
)
@pytest.mark.parametrize("place", ["generatedSamples", "videos", "generatedVideos", "predictions"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_samples_are_found_where_answers_put_them(
    sample: dict[str, Any], uri: str | None, mime_type: str | None, inline: bool, place: str, wrapped: bool
) -> None:
    response = {place: [sample]}
    operation = read(finished(**({"generateVideoResponse": response} if wrapped else response)))
    [video] = operation.videos
    assert (video.uri, video.mime_type, video.inline, operation.status) == (
        uri,
        mime_type,
        inline,
        "succeeded",
    )


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"videos": []},
        {"videos": [{}, None, "x", {"uri": ""}, {"video": None}]},
        [],
        "text",
        3,
        {"videos": {"uri": "x"}},
    ],
)
def test_a_finish_without_a_video_is_empty(response: object) -> None:
    operation = read({"name": NAME, "done": True, "response": response})
    assert (operation.status, operation.videos) == ("empty", ())
    with pytest.raises(NoVideoError):
        operation.raise_for_status()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": NAME}, "running"),
        ({"name": NAME, "done": True}, "empty"),
        ({"name": NAME, "done": None, "response": None, "error": None}, "running"),
        ({"name": NAME, "error": {}, "done": False}, "running"),
        ({"done": False}, "running"),
        ({"name": NAME, "done": "false"}, "running"),
        ({"name": NAME, "done": "True"}, "empty"),
        ({"name": NAME, "response": {"videos": [{"uri": "https://h/1"}]}}, "succeeded"),
        ({"name": NAME, "done": False, "response": {"videos": [{"uri": "https://h/1"}]}}, "succeeded"),
        ({"name": NAME, "error": {"code": 13}}, "failed"),
        (
            {"name": NAME, "done": True, "error": "boom", "response": {"videos": [{"uri": "https://h/1"}]}},
            "failed",
        ),
        (finished(raiMediaFilteredCount="2"), "filtered"),
        (finished(raiMediaFilteredReasons="one reason"), "filtered"),
        (finished(raiMediaFilteredCount=1, videos=[{"uri": "https://h/1"}]), "succeeded"),
    ],
)
def test_done_is_what_the_answer_means_and_not_what_it_leaves_out(body: dict[str, Any], status: str) -> None:
    assert read(body).status == status


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": 13, "message": " boom "}, 13, "boom"),
        ({"message": "boom", "type": "401"}, "401", "boom"),
        ({"status": "UNAVAILABLE"}, "UNAVAILABLE", None),
        ("boom", None, "boom"),
        ('{"error": {"code": 3, "message": "boom"}}', 3, "boom"),
        ({"message": '{"error": {"code": 3, "message": "boom"}}'}, 3, "boom"),
        ([{}, None, {"code": 3}], 3, None),
        ({"error": {"error": {"code": 3}}}, 3, None),
        ({"message": "{not json"}, None, "{not json"),
        (' {"code": 3, "message": "boom"}', 3, "boom"),
        ({"message": '\n[{"code": 3, "message": "boom"}]'}, 3, "boom"),
        ({"code": [1], "message": 5}, None, None),
    ],
)
def test_an_error_is_read_from_every_shape(error: object, code: object, message: str | None) -> None:
    assert read_error_detail(error) == ErrorDetail(code, message)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [None, {}, [], "", "  ", 0, False, [None, {}]])
def test_an_empty_error_is_none(error: object) -> None:
    assert read_error_detail(error) is None


# Videos.


def test_a_video_prints_its_path_and_hides_its_query(tmp_path: Path) -> None:
    video = Video(uri=SIGNED, mime_type="video/mp4")
    assert repr(video) == "Video(not downloaded, uri='https://h/clip.mp4?alt=media', mime_type='video/mp4')"
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"bytes")
    downloaded = video.with_path(path)
    assert repr(downloaded).startswith(f"Video('{path}', uri='https://h/clip.mp4?alt=media'")
    assert os.fspath(downloaded) == str(path)
    assert downloaded.data == b"bytes"
    assert Path(downloaded).read_bytes() == b"bytes"
    assert video.uri == SIGNED, "the address itself stays of use"


def test_a_video_prints_the_user_s_directory_as_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    video = Video(path=tmp_path / "clips" / "fox.mp4")
    assert repr(video) == f"Video('~{os.sep}clips{os.sep}fox.mp4')"
    assert os.fspath(video) == str(tmp_path / "clips" / "fox.mp4")


def test_a_video_that_is_not_here_says_so() -> None:
    video = Video(uri=SIGNED)
    for use in (os.fspath, lambda video: video.data):
        with pytest.raises(DownloadError, match="This video is not downloaded") as caught:
            use(video)
        assert canary.find(SIGNATURE, caught.value) == []


@given(st.binary(max_size=400), st.integers(4, 40))
@example(bytes(range(256)), 7)  # long enough for an encoder to break lines
def test_inline_bytes_come_out_as_they_went_in(data: bytes, characters: int) -> None:
    for encoded in (
        base64.b64encode(data),
        base64.urlsafe_b64encode(data),
        base64.b64encode(data).rstrip(b"="),
        base64.encodebytes(data),
    ):
        videos = read(finished(videos=[{"videoBytes": encoded.decode()}])).videos
        if not data:
            assert videos == ()
            continue
        assert videos[0].data == data
        assert b"".join(videos[0].inline_chunks(characters)) == data


@pytest.mark.parametrize("text", ["A", "AAAAA", "AA==AAAA", "====", "é", "AAA*", "\x00"])
def test_broken_inline_bytes_are_a_download_error(text: str) -> None:
    videos = read(finished(videos=[{"videoBytes": text}])).videos
    with pytest.raises(DownloadError, match="not base64"):
        _ = videos[0].data


def test_inline_bytes_are_neither_in_the_raw_answer_nor_in_what_is_printed() -> None:
    encoded = base64.b64encode(b"canary" * 1000).decode()
    operation = read(
        finished(videos=[{"videoBytes": encoded}], predictions=[{"bytesBase64Encoded": encoded}])
    )
    assert encoded[:100] not in f"{operation!r} {operation.raw}"
    assert "(8,000 characters left out)" in str(operation.raw)


# What outlives the process.


def test_a_pickled_operation_holds_no_signature(tmp_path: Path) -> None:
    body = finished(videos=[{"uri": SIGNED}])
    body["metadata"] = {"link": f"see {SIGNED} for more", SIGNED: [SIGNED.upper()]}
    operation = read(body)
    assert canary.find(SIGNATURE, pickle.dumps(operation), repr(operation), str(operation)) == []
    assert canary.find(SIGNATURE.upper(), pickle.dumps(operation)) == []
    again = pickle.loads(pickle.dumps(operation))
    assert (again.name, again.status, again.videos[0].uri) == (
        NAME,
        "succeeded",
        "https://h/clip.mp4?alt=media",
    )
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"bytes")
    assert pickle.loads(pickle.dumps(operation.videos[0].with_path(path))).data == b"bytes"


def test_a_pickled_operation_holds_the_rest_of_the_answer() -> None:
    operation = read({**finished(videos=[{"uri": "https://h/clip.mp4"}]), "metadata": {"prompt": "a storm"}})
    again = pickle.loads(pickle.dumps(operation))
    assert (again.raw, again.metadata) == (operation.raw, {"prompt": "a storm"})


def test_a_copy_in_the_same_process_keeps_the_address() -> None:
    operation = read(finished(videos=[{"uri": SIGNED}]))
    for twin in (copy.copy(operation), copy.deepcopy(operation), dataclasses.replace(operation)):
        assert twin == operation
        assert twin.videos[0].uri == SIGNED
    assert copy.deepcopy([operation.videos[0]])[0].uri == SIGNED


ERRORS: tuple[RushesError, ...] = (
    RushesError("plain", next_step="do this"),
    InvalidInputError("what"),
    CredentialsError("no key"),
    NetworkError("cut", kind="truncated", next_step=""),
    APIError(418, "TEAPOT", "words", provider="Google", retry_after_s=2.5, next_step="tea"),
    AuthenticationError(401, 401, "Invalid signature"),
    PermissionDeniedError(403),
    OperationNotFoundError(404, None, None, provider="GPTProto"),
    RateLimitError(429, retry_after_s=58.0),
    ServerError(503, "", "busy"),
    UnreadableResponseError("not json", status_code=502, transient=True),
    OperationFailedError(13, "boom"),
    OperationFilteredError(["one", "two"]),
    NoVideoError(),
    DownloadError("gone"),
    SaveError("full"),
    WatchStoppedError(),
    WatchTimeoutError(),
)


def every_error(base: type[RushesError] = RushesError) -> set[type[RushesError]]:
    return {base}.union(*map(every_error, base.__subclasses__()))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling_with_all_it_says(error: RushesError, protocol: int) -> None:
    for twin in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))
        assert (twin.summary, twin.explanation) == (error.summary, error.explanation)


def test_every_error_of_the_tree_is_among_those_pickled() -> None:
    ours = {kind for kind in every_error() if kind.__module__ == "rushes.errors"}
    assert ours == {type(error) for error in ERRORS}


# What may be shown.


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (SIGNED, "https://h/clip.mp4?alt=media"),
        ("https://h/f:download?alt=media", "https://h/f:download?alt=media"),
        (f"https://h/f?alt=media%20{SIGNATURE}", "https://h/f"),
        ("https://h/f?alt=canary", "https://h/f"),
        ("gs://bucket/object.mp4", "gs://bucket/object.mp4"),
        (f"https://[h/?{SIGNATURE}", "(unreadable URI)"),
    ],
)
def test_an_address_is_shown_without_what_is_as_good_as_a_password(uri: str, shown: str) -> None:
    assert public_uri(uri) == shown
    assert repr(PrivateUrl(uri)) == repr(shown)
    assert PrivateUrl(uri) == uri


def test_addresses_in_a_text_are_shown_so_too() -> None:
    assert public_text(f"a <{SIGNED}> b HTTPS://H/x?y") == "a <https://h/clip.mp4?alt=media> b https://H/x"


def test_bytes_as_they_came_are_shown_as_their_length() -> None:
    assert repr([PrivateBytes(b"canary" * 1000)]) == "[<6,000 bytes>]"


def test_a_long_text_is_searched_for_addresses_in_no_time() -> None:
    began_s = time.thread_time()
    for text in ("a" * 500_000, "a" * 500_000 + "://", "://" * 100_000, "a:" * 100_000):
        public_text(text)
    assert time.thread_time() - began_s < 3
