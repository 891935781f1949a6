"""The embedded endpoint says what the documents say, to the letter."""

from __future__ import annotations

import gc
import json
import math
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from rushes.embedded import DEMO_MODEL, DemoEndpoint, demo_endpoint
from rushes.errors import InvalidInputError
from rushes.operation import read_operation

RECORDED = {
    entry["id"]: entry
    for entry in json.loads((Path(__file__).parent / "data" / "operation_responses.json").read_text("utf-8"))
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


@pytest.fixture
def endpoint() -> Iterator[DemoEndpoint]:
    with demo_endpoint(seconds=0) as running:
        yield running


def get(endpoint: DemoEndpoint, path: str, *, key: str | None = None) -> requests.Response:
    headers = {"x-goog-api-key": endpoint.api_key if key is None else key}
    return requests.get(endpoint.base_url + path, headers=headers, timeout=10)


def poll(endpoint: DemoEndpoint, name: str) -> requests.Response:
    return get(endpoint, f"/v1beta/{name}")


def leveled(body: Any, base_url: str) -> Any:
    """A body with what differs from operation to operation made equal; keys keep their order."""
    if isinstance(body, dict):
        return [(key, leveled(value, base_url)) for key, value in body.items()]
    if isinstance(body, list):
        return [leveled(value, base_url) for value in body]
    if isinstance(body, str):
        text = TIME.sub("TIME", body)
        text = text.replace(base_url, "BASE").replace("https://generativelanguage.googleapis.com", "BASE")
        text = re.sub(r"files/[a-z0-9-]+:", "files/ID:", text)
        return re.sub(r"operations/[\w-]+$", "operations/ID", text)
    return body


@pytest.mark.parametrize(
    ("recorded", "options"),
    [
        ("progress-gptproto-done-false", {"seconds": math.inf}),
        ("ok-gptproto-direct-samples", {}),
        ("http403-gptproto-insufficient", {"status": "http_403"}),
        ("http404-gptproto-operation", {"status": "http_404"}),
        ("http500-gptproto-internal", {"status": "http_500"}),
        ("http503-gptproto-content", {"status": "http_503"}),
        ("http401-gptproto", {"status": "http_401"}),
    ],
)
def test_a_poll_is_answered_exactly_as_documented(
    endpoint: DemoEndpoint, recorded: str, options: dict[str, Any]
) -> None:
    answer = poll(endpoint, endpoint.create_operation(**options))
    assert answer.status_code == RECORDED[recorded]["http_status"]
    assert answer.headers["Content-Type"].startswith("application/json")
    assert leveled(answer.json(), endpoint.base_url) == leveled(RECORDED[recorded]["body"], endpoint.base_url)


def test_a_submit_is_answered_exactly_as_documented(endpoint: DemoEndpoint) -> None:
    answer = submit(endpoint, {"instances": [{"prompt": "a lighthouse"}]})
    expected = RECORDED["progress-gptproto-submit-new"]["body"]
    assert answer.status_code == 200
    assert leveled(answer.json(), endpoint.base_url) == leveled(expected, endpoint.base_url)


@pytest.mark.parametrize("key", ["", "wrong", "demo-key-not-secre", "demo-key-not-secret2", "ключ".encode()])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1beta/models/m/operations/x",
        "/v1beta/files/a:download?alt=media",
        "/download/v1/files/a:download",
    ],
)
def test_every_other_key_is_refused_everywhere_as_documented(
    endpoint: DemoEndpoint, path: str, key: str | bytes
) -> None:
    headers = {"x-goog-api-key": key} if key else {}
    answer = requests.get(endpoint.base_url + path, headers=headers, timeout=10, allow_redirects=False)
    assert answer.status_code == RECORDED["http401-gptproto"]["http_status"]
    assert answer.json() == RECORDED["http401-gptproto"]["body"]


def test_an_unknown_operation_is_not_found_and_neither_is_one_of_another_model(
    endpoint: DemoEndpoint,
) -> None:
    name = endpoint.create_operation(model_name="veo-a")
    for path in ("models/veo-a/operations/unknown", name.replace("veo-a", "veo-b")):
        answer = poll(endpoint, path)
        assert (answer.status_code, answer.json()) == (404, RECORDED["http404-gptproto-operation"]["body"])


def test_the_returned_name_without_the_model_is_not_found_as_with_the_real_endpoint(
    endpoint: DemoEndpoint,
) -> None:
    returned = poll(endpoint, endpoint.create_operation()).json()["name"]
    assert returned.startswith("operations/")
    assert poll(endpoint, returned).status_code == 404


def test_both_versions_of_the_path_are_answered(endpoint: DemoEndpoint) -> None:
    name = endpoint.create_operation()
    assert get(endpoint, f"/v1/{name}").json() == get(endpoint, f"/v1beta/{name}").json()


@pytest.mark.parametrize("shape", ["gptproto", "google"])
@pytest.mark.parametrize(
    ("status", "samples", "read_as", "videos", "withheld", "reasons"),
    [
        ("succeeded", 3, "succeeded", 3, 0, 0),
        ("filtered", 2, "filtered", 0, 2, 1),
        ("partly_filtered", 3, "succeeded", 2, 1, 1),
        ("audio_filtered", 1, "succeeded", 1, 0, 1),
        ("empty", 1, "empty", 0, 0, 0),
        ("failed", 1, "failed", 0, 0, 0),
        ("running", 1, "running", 0, 0, 0),
    ],
)
def test_every_outcome_is_read_as_what_it_is_in_both_shapes(
    shape: Any, status: str, samples: int, read_as: str, videos: int, withheld: int, reasons: int
) -> None:
    with demo_endpoint(seconds=0, shape=shape) as endpoint:
        name = endpoint.create_operation(status=status, samples=samples)
        answer = poll(endpoint, name)
    assert answer.status_code == 200
    operation = read_operation(answer.json(), DEMO_MODEL, name.rpartition("/")[2])
    assert operation.status == read_as
    assert (len(operation.videos), operation.filtered_count) == (videos, withheld)
    assert len(operation.filtered_reasons) == reasons


def test_samples_sit_below_generate_video_response_in_the_shape_of_google() -> None:
    with demo_endpoint(seconds=0, samples=2, shape="google") as endpoint:
        base_url = endpoint.base_url
        finished = poll(endpoint, endpoint.create_operation()).json()
        running = endpoint.create_operation(seconds=math.inf)
        assert poll(endpoint, running).json() == {"name": running}
    recorded = RECORDED["ok-gemini-thucchien-proxy"]["body"]
    assert [key for key, _ in leveled(finished, base_url)] == [key for key, _ in leveled(recorded, base_url)]
    assert finished["response"]["@type"] == recorded["response"]["@type"]
    assert len(finished["response"]["generateVideoResponse"]["generatedSamples"]) == 2


def test_a_rate_limit_says_how_long_to_wait(endpoint: DemoEndpoint) -> None:
    answer = poll(endpoint, endpoint.create_operation(status="http_429"))
    error = answer.json()["error"]
    assert answer.status_code == 429
    assert {key: error[key] for key in ("code", "message", "status")} == RECORDED["http429-plain"]["body"][
        "error"
    ]
    assert error["details"][0]["retryDelay"] == "2s"


def test_a_bad_key_of_google_is_a_400_with_its_reason(endpoint: DemoEndpoint) -> None:
    error = poll(endpoint, endpoint.create_operation(status="http_400")).json()["error"]
    recorded = RECORDED["http400-google-bad-key"]["body"]["error"]
    assert (error["code"], error["message"], error["status"]) == (
        400,
        recorded["message"],
        recorded["status"],
    )
    assert error["details"][0]["reason"] == "API_KEY_INVALID"


def test_times_say_when_it_began_and_went_on_and_stop_at_the_end() -> None:
    now = [1_737_244_800.25]
    endpoint = DemoEndpoint(
        seconds=60,
        status="succeeded",
        samples=1,
        shape="gptproto",
        latency_s=0,
        api_key="k",
        clock=lambda: now[0],
    )
    with endpoint:
        name = endpoint.create_operation()
        now[0] += 59.9
        running = poll(endpoint, name).json()
        now[0] += 600
        finished = poll(endpoint, name).json()
    assert running["done"] is False
    assert "response" not in running
    assert running["metadata"]["createTime"] == "2025-01-19T00:00:00.250Z"
    assert running["metadata"]["updateTime"] == "2025-01-19T00:01:00.150Z"
    assert finished["done"] is True
    assert finished["metadata"]["updateTime"] == "2025-01-19T00:01:00.250Z"


def submit(
    endpoint: DemoEndpoint, body: Any, *, model: str = DEMO_MODEL, version: str = "v1beta"
) -> requests.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(
        f"{endpoint.base_url}/{version}/models/{model}:predictLongRunning",
        headers={"x-goog-api-key": endpoint.api_key, "Content-Type": "application/json"},
        data=data,
        timeout=10,
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        {},
        {"instances": []},
        {"instances": "a lighthouse"},
        {"instances": ["a lighthouse"]},
        {"instances": [{"prompt": "a"}, {"prompt": "b"}]},
        {"instances": [{}]},
        {"instances": [{"prompt": "  "}]},
        {"instances": [{"prompt": 7}]},
        {"instances": [{"prompt": "a"}], "parameters": "4"},
        {"instances": [{"prompt": "a"}], "parameters": {"sampleCount": 0}},
        {"instances": [{"prompt": "a"}], "parameters": {"sampleCount": 5}},
        {"instances": [{"prompt": "a"}], "parameters": {"sampleCount": True}},
        {"instances": [{"prompt": "a"}], "parameters": {"sampleCount": "2"}},
        {"instances": [{"prompt": "a"}], "parameters": {"aspectRatio": "4:3"}},
    ],
)
def test_a_submit_that_cannot_be_meant_is_a_400_in_the_shape_of_google(
    endpoint: DemoEndpoint, body: Any
) -> None:
    answer = submit(endpoint, body)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_the_documented_requests_snippet_goes_from_submit_to_file(
    endpoint: DemoEndpoint, version: str
) -> None:
    headers = {"x-goog-api-key": endpoint.api_key}
    base = f"{endpoint.base_url}/{version}"
    name = requests.post(
        f"{base}/models/{DEMO_MODEL}:predictLongRunning",
        headers=headers,
        json={"instances": [{"prompt": "a lighthouse at dawn"}], "parameters": {"sampleCount": 2}},
        timeout=10,
    ).json()["name"]
    operation = requests.get(f"{base}/{name}", headers=headers, timeout=10).json()
    assert operation["done"]
    samples = operation["response"]["generatedSamples"]
    assert len(samples) == 2
    for sample in samples:
        video = requests.get(sample["video"]["uri"], headers=headers, timeout=10)
        assert video.status_code == 200
        assert video.content[4:8] == b"ftyp"


def test_the_aspect_ratio_asked_for_is_the_one_of_the_clip(endpoint: DemoEndpoint) -> None:
    first_bytes = {}
    for ratio in ("16:9", "9:16"):
        name = submit(
            endpoint, {"instances": [{"prompt": "same"}], "parameters": {"aspectRatio": ratio}}
        ).json()["name"]
        uri = poll(endpoint, name).json()["response"]["generatedSamples"][0]["video"]["uri"]
        content = get(endpoint, uri.removeprefix(endpoint.base_url)).content
        # The track header ends in width and height as 16.16 fixed point.
        at = content.index(b"tkhd")
        width, height = (int.from_bytes(content[at + 80 + i : at + 82 + i], "big") for i in (0, 4))
        first_bytes[ratio] = (width, height)
    assert first_bytes == {"16:9": (1280, 720), "9:16": (720, 1280)}


def test_a_prompt_is_not_kept_anywhere(endpoint: DemoEndpoint) -> None:
    prompt = "a very private prompt"
    assert submit(endpoint, {"instances": [{"prompt": prompt}]}).status_code == 200
    texts = [held for held in reachable(endpoint) if isinstance(held, (str, bytes))]
    assert DEMO_MODEL in texts, "the search finds what is kept"
    assert not any(prompt in str(text) for text in texts)


def reachable(root: object) -> Iterator[object]:
    """Everything that `root` holds, code aside."""
    code = (type, types.ModuleType, types.FunctionType, types.CodeType, types.FrameType)
    seen: dict[int, object] = {}
    found = [root]
    while found:
        held = found.pop()
        if id(held) not in seen and not isinstance(held, code):
            seen[id(held)] = held
            found += gc.get_referents(held)
            yield held


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"status": "done"}, "partly_filtered"),
        ({"status": "http_418"}, "http_404"),
        ({"seconds": -1}, "0 or more"),
        ({"seconds": math.nan}, "0 or more"),
        ({"seconds": "8"}, "0 or more"),
        ({"samples": 0}, "1 to 4"),
        ({"samples": 5}, "1 to 4"),
        ({"samples": True}, "1 to 4"),
        ({"status": "partly_filtered", "samples": 1}, "2 to 4"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_with_what_can(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        demo_endpoint(**options)
    with demo_endpoint() as endpoint, pytest.raises(InvalidInputError, match=says):
        endpoint.create_operation(**options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"shape": "veo"}, "Choose one of: gptproto, google"),
        ({"latency_s": "1"}, "Pass seconds"),
        ({"latency_s": -1}, "Pass seconds"),
        ({"latency_s": math.nan}, "Pass seconds"),
        ({"api_key": 7}, "Pass ASCII text"),
        ({"api_key": ""}, "Pass ASCII text"),
        ({"api_key": "clé"}, "Pass ASCII text"),
        ({"api_key": "two\nlines"}, "Pass ASCII text"),
    ],
)
def test_an_option_of_the_endpoint_that_cannot_be_meant_is_refused(
    options: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidInputError, match=says):
        demo_endpoint(**options)


@pytest.mark.parametrize("model", ["", "a/b", "a b", "../a", "a" * 200])
def test_a_model_name_that_would_change_the_path_is_refused(endpoint: DemoEndpoint, model: str) -> None:
    with pytest.raises(InvalidInputError, match="model name"):
        endpoint.create_operation(model_name=model)
