"""What is read of an answer: what is there, wherever it stands, and nothing that is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from rushes.errors import UnreadableResponseError
from rushes.operation import Operation, read_operation

NAME = "models/veo/operations/op1"


def read(body: dict[str, Any]) -> Operation:
    return read_operation(body, "veo", "op1")


@pytest.mark.parametrize(
    "body", [{}, {"done": 1}, {"done": "perhaps"}, {"status": "completed"}, {"name": "jobs/1"}]
)
def test_what_is_no_operation_is_unreadable(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableResponseError):
        read(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "The answer is JSON, but not an operation: it has neither an operation name nor `done`."),
        ({"status": "completed"}, "`done`. It reads like another vendor's job (status 'completed')."),
        ({"status": "https://h/clip.mp4?X-Signature=1"}, "nor `done`."),
        ({"status": "x" * 3_000_000}, "nor `done`."),
        ({"done": 1}, "The answer's `done` is int, not true or false."),
    ],
)
def test_what_an_answer_lacks_to_be_an_operation_is_told(body: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableResponseError) as caught:
        read(body)
    assert caught.value.explanation.endswith(words)


@pytest.mark.parametrize("name", [None, 3, "operations/" + "x" * 1024])
def test_an_answer_without_a_name_that_can_be_one_has_that_of_the_request(name: object) -> None:
    assert read({"name": name, "done": False}).name == "operations/op1"


@pytest.mark.parametrize(
    "where", [lambda times: {"metadata": times}, lambda times: times], ids=["metadata", "body"]
)
def test_the_moments_of_an_operation_are_found_where_answers_put_them(
    where: Callable[[dict[str, str]], dict[str, Any]],
) -> None:
    times = {"createTime": "2025-01-19T00:00:00Z", "updateTime": "2025-01-19T00:01:13Z"}
    operation = read({"name": NAME, **where(times)})
    assert operation.create_time == datetime(2025, 1, 19, tzinfo=timezone.utc)
    assert operation.update_time == datetime(2025, 1, 19, 0, 1, 13, tzinfo=timezone.utc)
    assert operation.metadata == where(times).get("metadata", {})


def test_moments_are_aware_and_nonsense_is_none() -> None:
    body = {
        "name": NAME,
        "metadata": {"createTime": "2025-01-19T01:02:03.123456789Z", "updateTime": "yesterday"},
    }
    operation = read(body)
    assert operation.create_time == datetime(2025, 1, 19, 1, 2, 3, 123456, tzinfo=timezone.utc)
    assert operation.update_time is None
    body["metadata"] = {"createTime": "2025-01-19T01:02:03+05:30"}
    created = read(body).create_time
    assert created is not None
    assert created.utcoffset() == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize("count", ["many", [1], None, "-1", 1.5])
def test_a_count_of_withheld_samples_that_is_none_is_not_made_up(count: object) -> None:
    response = {
        "raiMediaFilteredCount": count,
        "raiMediaFilteredReasons": [" ", 5, None, "Violence", "Violence"],
    }
    operation = read({"name": NAME, "done": True, "response": response})
    assert (operation.filtered_count, operation.filtered_reasons) == (0, ("Violence",))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("video/mp4", "video/mp4"),
        (' video/mp4; codecs="avc1.640028"', "video/mp4"),
        ("text/html", None),
        ("image/svg+xml", None),
        ("video/mp4\nhtml", None),
        ("video/" + "x" * 1_000_000, None),
    ],
)
def test_a_page_opens_a_video_as_a_video_whatever_the_answer_calls_it(told: str, kept: str | None) -> None:
    sample = {"video": {"uri": "https://h/1", "mimeType": told}}
    [video] = read({"name": NAME, "done": True, "response": {"generatedVideos": [sample]}}).videos
    assert video.mime_type == kept


def test_an_answer_of_very_many_videos_is_one_of_some() -> None:
    samples = [{"uri": "a"}] * 60_000
    assert len(read({"name": NAME, "done": True, "response": {"videos": samples}}).videos) == 64
