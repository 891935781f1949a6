"""What an answer means: every recorded one as recorded, and no other one crashes, hangs or prints the key."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import canary
import pytest
from answers import of, read, recorded, refusal
from faults import FaultServer, Garbage, corpus, running
from hostile_answers import KEY, Answer, hostile_answer
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from rushes.answer import api_error
from rushes.client import Client
from rushes.errors import (
    APIError,
    AuthenticationError,
    DownloadError,
    NetworkError,
    NoVideoError,
    OperationFailedError,
    OperationFilteredError,
    OperationNotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RushesError,
    ServerError,
    UnreadableResponseError,
)
from rushes.operation import ErrorDetail, Operation


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case["id"])
def test_every_recorded_answer_means_what_is_written_beside_it(case: dict[str, Any]) -> None:
    expected = case["expected"]
    if expected["outcome"] in ("http_error", "unreadable"):
        error = refusal(recorded(case))
        if expected["outcome"] == "http_error":
            assert isinstance(error, APIError)
            assert error.status_code == case["http_status"]
        else:
            assert isinstance(error, (UnreadableResponseError, NetworkError))
        if expected["error"] is not None:
            assert getattr(error, "code", None) == expected["error"]["code"]
            assert getattr(error, "message", None) == expected["error"]["message"]
        return
    operation = read(recorded(case))
    assert operation.status == expected["outcome"]
    assert operation.done is (expected["outcome"] != "running")
    assert [{"uri": video.uri, "mime_type": video.mime_type} for video in operation.videos] == [
        {"uri": video.get("uri"), "mime_type": video["mime"]} for video in expected["videos"]
    ]
    assert [video.inline for video in operation.videos] == [bool(v.get("inline")) for v in expected["videos"]]
    assert operation.filtered_count == expected["filtered_count"]
    assert list(operation.filtered_reasons) == expected["filtered_reasons"]
    error = expected["error"]
    assert operation.error == (error and ErrorDetail(error["code"], error["message"]))
    assert (operation.model_name, operation.operation_id) == ("veo", "op1")


ENDINGS: dict[str, type[RushesError]] = {
    "failed": OperationFailedError,
    "filtered": OperationFilteredError,
    "empty": NoVideoError,
}


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case["id"])
def test_an_operation_that_ended_without_a_video_raises_its_own_error(case: dict[str, Any]) -> None:
    outcome = case["expected"]["outcome"]
    if outcome in ("http_error", "unreadable"):
        assert isinstance(refusal(recorded(case)), RushesError)
        return
    operation = read(recorded(case))
    if outcome not in ENDINGS:
        operation.raise_for_status()
        return
    with pytest.raises(ENDINGS[outcome]) as caught:
        operation.raise_for_status()
    words = " ".join(
        [*operation.filtered_reasons, (operation.error and operation.error.message) or ""]
    ).strip()
    assert words in str(caught.value) or outcome == "empty"


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (400, APIError, False),
        (401, AuthenticationError, False),
        (403, PermissionDeniedError, False),
        (404, OperationNotFoundError, False),
        (407, APIError, True),
        (408, APIError, True),
        (418, APIError, False),
        (425, APIError, True),
        (429, RateLimitError, True),
        (500, ServerError, True),
        (501, ServerError, False),
        (502, ServerError, True),
        (503, ServerError, True),
        (504, ServerError, True),
        (302, APIError, False),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"plain words", b'{"error": {"message": "plain words"}}', b"{"]
)
def test_every_status_has_its_class_whatever_the_body(
    status: int, kind: type[APIError], transient: bool, body: bytes
) -> None:
    error = refusal(of(body, status))
    assert type(error) is kind
    assert isinstance(error, APIError)
    assert (error.status_code, error.transient) == (status, transient)
    assert error.message == ("plain words" if b"plain words" in body else "{" if body == b"{" else None)
    assert str(error).startswith(f"GPTProto answered HTTP {status}")


def test_the_words_of_an_error_lie_in_many_places() -> None:
    inside = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}
    for body in (
        inside,
        [inside],
        {"error": json.dumps(inside)},
        {"error": {"message": json.dumps(inside)}},
        {"error": {"error": inside["error"]}},
        {"code": 429, "message": "slow down"},
        {"error": [inside]},
    ):
        error = refusal(of(body, 429))
        assert (getattr(error, "code", 0), getattr(error, "message", 0)) == (429, "slow down")


def test_a_gateway_that_passes_an_error_on_as_a_success_is_seen_through() -> None:
    error = refusal(of([{"error": {"code": 404, "message": "no such operation"}}]))
    assert isinstance(error, OperationNotFoundError)
    assert "GPTProto was asked." in error.next_step
    assert read(of({"name": "operations/x", "error": {"code": 404, "message": "x"}})).status == "failed"
    assert read(of({"error": {"code": 13, "message": "x"}})).status == "failed"


@pytest.mark.parametrize("beside", [{"done": True}, {"response": {}}, {"name": "operations/op1"}])
def test_an_error_with_an_http_code_in_an_operation_is_the_operations_own(beside: dict[str, object]) -> None:
    assert read(of({"error": {"code": 404, "message": "no such file"}, **beside})).status == "failed"


def test_an_error_of_a_code_alone_has_no_words() -> None:
    error = refusal(of({"error": {"code": 500}}, 500))
    assert isinstance(error, ServerError)
    assert (error.code, error.message) == (500, None)


@pytest.mark.parametrize("status", [200, 503])
def test_the_documented_content_policy_answer_is_a_withheld_video(status: int) -> None:
    body = {"error": {"message": "Content policy violation", "type": "503"}}
    operation = read(of(body, status))
    assert (operation.status, operation.done) == ("filtered", True)
    assert operation.filtered_reasons == ("Content policy violation",)
    assert (operation.name, operation.raw) == ("operations/op1", body)
    assert read(of(b"Content policy violation", 503)).raw == {}
    with pytest.raises(OperationFilteredError, match="Content policy violation"):
        operation.raise_for_status()


@pytest.mark.parametrize("words", ["API key not valid. Please pass a valid API key.", "API key expired."])
def test_a_bad_key_may_come_as_a_bad_request(words: str) -> None:
    assert isinstance(refusal(of({"error": {"code": 400, "message": words}}, 400)), AuthenticationError)
    details = {"error": {"code": 400, "message": "x", "details": [{"reason": "API_KEY_INVALID"}]}}
    assert isinstance(refusal(of(details, 400)), AuthenticationError)
    assert type(refusal(of({"error": {"code": 400, "message": "Bad model."}}, 400))) is APIError


def test_the_key_is_taken_out_of_whatever_comes_back() -> None:
    bodies: list[object] = [
        {"error": {"message": f"The key {KEY} is bad", "details": [{KEY: KEY}]}},
        f"The key {KEY} is bad".encode(),
        # Neither a limit in bytes nor one in characters leaves half a key behind.
        *[(" " * spaces + KEY).encode() for spaces in (7_970, 7_990, 65_500)],
        *[("😀" * letters + KEY).encode() for letters in (1_985, 1_990, 1_999)],
        *[("é" * letters + KEY).encode() for letters in (1_990, 3_990)],
        json.dumps({"error": {"message": "x" * 1_990 + KEY}}).encode(),
    ]
    for body in bodies:
        error = refusal(of(body, 403))
        for part in (KEY, KEY[:8], KEY[-8:]):
            assert canary.find(part, error) == []
    operation = read(of({"name": "operations/x", "done": False, "metadata": {"echo": KEY, KEY: 1}}))
    assert canary.find(KEY, operation, operation.raw, operation.metadata) == []


def test_a_key_that_json_inside_a_string_spells_in_its_own_way_is_taken_out() -> None:
    spelt = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    error = f'{{"code": "{spelt}", "message": "The key {spelt} is bad"}}'
    inside = read(of({"name": "operations/op1", "done": True, "error": error})).error
    assert inside == ErrorDetail("[API key]", "The key [API key] is bad")
    refused = refusal(of({"error": error}, 400))
    assert isinstance(refused, APIError)
    assert (refused.code, refused.message) == ("[API key]", "The key [API key] is bad")


def test_half_a_key_at_the_end_of_a_text_that_was_cut_off_is_taken_out() -> None:
    error = refusal(of(f"The key {KEY[:-3]} \n".encode(), 400))
    assert isinstance(error, APIError)
    assert error.message == "The key [API key]"


def test_words_behind_very_much_white_space_are_found() -> None:
    error = refusal(of(b" " * 70_000 + b"overloaded", 500))
    assert isinstance(error, APIError)
    assert error.message == "overloaded"


def test_words_without_end_are_cut() -> None:
    endless = "x" * 100_000
    error = refusal(of({"error": {"code": endless, "message": endless}}, 400))
    assert len(str(error)) < 3_000
    operation = read(of({"done": True, "error": {"code": endless, "message": endless}}))
    with pytest.raises(OperationFailedError) as caught:
        operation.raise_for_status()
    assert len(str(caught.value)) < 3_000
    reasons = {"raiMediaFilteredReasons": [f"{number} {endless}" for number in range(200)]}
    operation = read(of({"done": True, "response": reasons}))
    assert sum(map(len, operation.filtered_reasons)) < 100_000


def test_halves_of_characters_do_not_come_through() -> None:
    """Lone surrogates can be printed, logged and sent to a page by nobody."""
    lone = (
        '{"name": "operations/\\ud800", "done": true, "error": {"code": "\\udfff", "message": "a\\ud83db"}}'
    )
    operation = read(of(lone.encode()))
    assert operation.error == ErrorDetail("\ufffd", "a\ufffdb")
    json.dumps([operation.name, operation.raw], ensure_ascii=False).encode()
    pair = b'{"name": "operations/x", "done": true, "error": {"message": "\\ud83d\\ude00"}}'
    assert read(of(pair)).error == ErrorDetail(None, "\U0001f600")


def test_an_error_of_a_status_names_who_was_asked() -> None:
    assert str(api_error(500, None, provider="Google")).startswith("Google answered HTTP 500.")
    assert type(api_error(400, None)) is APIError
    assert str(api_error(500, ErrorDetail(13, "boom"))).startswith("The endpoint answered HTTP 500: boom.")
    assert api_error(500, ErrorDetail(None, "x" * 9_000)).message == "x" * 2_000


def test_a_failed_poll_shows_neither_body_nor_key_in_a_verbose_traceback() -> None:
    signed = "https://h/clip.mp4?sig=canary-signature"
    for answer in (
        of({"status": "completed", "url": signed, "key": KEY}),
        of({"error": {"message": f"no: {KEY}"}}, 401),
        of(f"{KEY} {signed}".encode()),
        of(f"<html>{KEY} {signed}".encode()),
        of(f'[[["{KEY}", "{signed}"]]]'.encode()),
    ):
        error = refusal(answer)
        assert "answer.py" in canary.verbose_traceback(error)
        assert canary.find(KEY, error) == []
        assert canary.find("canary-signature", error) == []


# Fuzz.


def texts_in(operation: Operation) -> Iterator[str]:
    yield from (operation.name, *operation.filtered_reasons)
    yield from (text for video in operation.videos for text in (video.uri, video.mime_type) if text)
    if operation.error is not None:
        yield f"{operation.error.code} {operation.error.message}"


def check(answer: Answer) -> None:
    """One answer: an operation or a typed error, in no time, without the key, and fit for everything done with it."""
    began_s = time.thread_time()
    outcome: Operation | RushesError
    try:
        outcome = read(answer)
    except RushesError as error:
        outcome = error
    seen = seen_of_error(outcome) if isinstance(outcome, RushesError) else seen_of_operation(outcome)
    for text in seen:
        assert KEY[:16] not in text
        assert quote(KEY[:16], safe="").lower() not in text.lower()
    assert time.thread_time() - began_s < 2


def seen_of_error(error: RushesError) -> list[str]:
    assert error.__context__ is None
    assert len(str(error).encode()) < 12_000
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
    return [str(error), repr(error), repr(vars(error)), error.next_step, error.summary]


def seen_of_operation(operation: Operation) -> list[str]:
    hash(operation)
    assert operation.done is (operation.status != "running")
    assert operation == pickle.loads(pickle.dumps(operation)) or any(video.uri for video in operation.videos)
    texts = list(texts_in(operation))
    # Fit for a page, as it is sent there.
    json.dumps([texts, operation.raw, operation.metadata], ensure_ascii=False).encode()
    for moment in (operation.create_time, operation.update_time):
        assert moment is None or isinstance(moment.timestamp(), float)
    for video in operation.videos:
        with contextlib.suppress(DownloadError):
            assert isinstance(video.data, bytes)
    with contextlib.suppress(OperationFailedError, OperationFilteredError, NoVideoError):
        operation.raise_for_status()
    return [repr(operation), str(operation), repr(vars(operation)), *texts]


@given(rng=st.randoms(use_true_random=False))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_answer_crashes_hangs_or_prints_the_key(rng: random.Random) -> None:
    check(hostile_answer(rng))


@given(number=st.integers(0, 1 << 40))
@settings(max_examples=100)
def test_no_run_of_answers_crashes_hangs_or_prints_the_key(number: int) -> None:
    rng = random.Random(number)
    for _ in range(30):
        check(hostile_answer(rng))


@pytest.mark.parametrize(
    "answer",
    [
        of(b'{"name": "operations/x", "done": NaN}'),
        of(b'{"name": "operations/x", "done": false, "done": true, "metadata": {"n": -Infinity}}'),
        of(b'{"error": {"code": ' + b"9" * 5_000 + b"}}", 500),
        of({"done": True, "response": {"videos": [{"uri": "x" * 100_000 + "?sig=1"}]}}),
        of({"error": {"message": "a" * 100_000 + "://"}}, 500),
        of({"name": "operations/x", "metadata": {"createTime": "0001-01-01T00:00:00+23:59"}}),
    ],
    ids=["NaN", "key twice", "huge number", "long URI", "long scheme", "first moment"],
)
def test_an_answer_that_has_crashed_clients_is_survived(answer: Answer) -> None:
    check(answer)


@given(
    data=st.one_of(
        st.binary(max_size=300), st.builds(lambda a, b: a + KEY.encode() + b, st.binary(), st.binary())
    )
)
@settings(max_examples=150)
def test_no_bytes_on_the_wire_crash_hang_or_print_the_key(data: bytes) -> None:
    with FaultServer(key=KEY) as server:
        check_wire(server, b"HTTP/1.1 200 OK\r\n" + data)
        check_wire(server, data)


def check_wire(server: FaultServer, data: bytes) -> None:
    server.operation("veo", "op1", Garbage(data), running())
    seen: list[object] = []
    with Client(base_url=server.origin, api_key=KEY) as client:
        try:
            seen = [client.get("veo", "op1").raw]
        except RushesError as error:
            seen = [error, vars(error), error.__context__]
    assert KEY[:16] not in f"{seen} {' '.join(map(str, seen))}"


@pytest.mark.soak
def test_soak_no_answer_crashes_hangs_or_prints_the_key() -> None:
    cases = int(os.environ.get("RUSHES_SOAK_CASES", "100000"))
    number = int(os.environ.get("RUSHES_SOAK_SEED", random.randrange(1 << 32)))
    ran = 0

    # Each example is a run of a hundred answers of the generator's own: so Hypothesis costs next to nothing.
    @seed(number)
    @settings(max_examples=-(-cases // 100), database=None, suppress_health_check=list(HealthCheck))
    @given(start=st.integers(0, 1 << 60))
    def run(start: int) -> None:
        nonlocal ran
        rng = random.Random(start)
        for _ in range(100):
            ran += 1
            check(hostile_answer(rng))

    failed = 1
    try:
        run()
        failed = 0
    finally:
        print(f"\nanswers: {ran:,} run, {failed} failed, seed {number}")
    assert ran >= cases
