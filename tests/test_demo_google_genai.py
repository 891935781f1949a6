"""The snippets of google-genai's documentation run against the embedded endpoint, with the real package."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rushes.embedded import DEMO_MODEL, DemoEndpoint, demo_endpoint

pytestmark = [
    pytest.mark.tools,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def endpoint() -> Iterator[DemoEndpoint]:
    with demo_endpoint(seconds=0.3, samples=2, shape="google") as running:
        yield running


@pytest.fixture
def sdk() -> Any:
    from google import genai

    return genai


def client(sdk: Any, endpoint: DemoEndpoint, *, version: str | None = None, **options: Any) -> Any:
    http_options = sdk.types.HttpOptions(base_url=endpoint.base_url, api_version=version)
    return sdk.Client(api_key=endpoint.api_key, http_options=http_options, **options)


def finish(connected: Any, operation: Any) -> Any:
    deadline = time.monotonic() + 30
    while not operation.done:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        operation = connected.operations.get(operation)
    return operation


def takes_submits(sdk: Any) -> bool:
    """From 3.0 on the package submits videos in enterprise mode only."""
    return int(sdk.__version__.split(".")[0]) < 3


@pytest.mark.parametrize("version", [None, "v1", "v1beta"])
def test_polling_and_downloading_run_unchanged_with_an_api_key(
    sdk: Any, endpoint: DemoEndpoint, version: str | None, tmp_path: Path
) -> None:
    connected = client(sdk, endpoint, version=version)
    operation = finish(connected, sdk.types.GenerateVideosOperation(name=endpoint.create_operation()))
    videos = operation.response.generated_videos
    assert len(videos) == 2
    for number, generated in enumerate(videos):
        data = connected.files.download(file=generated.video)
        assert data[4:8] == b"ftyp"
        generated.video.save(str(tmp_path / f"{number}.mp4"))
        assert (tmp_path / f"{number}.mp4").read_bytes() == data


def test_submitting_runs_unchanged_with_an_api_key_where_the_package_allows_it(
    sdk: Any, endpoint: DemoEndpoint
) -> None:
    connected = client(sdk, endpoint)
    options = {
        "model": DEMO_MODEL,
        "source": sdk.types.GenerateVideosSource(prompt="a lighthouse at dawn"),
        "config": sdk.types.GenerateVideosConfig(number_of_videos=3, aspect_ratio="16:9"),
    }
    if not takes_submits(sdk):
        # Its own refusal, before any request. The day this fails, the quickstart can go back to one client.
        with pytest.raises(ValueError, match="only supported in Gemini Enterprise"):
            connected.models.generate_videos(**options)
        return
    operation = finish(connected, connected.models.generate_videos(**options))
    assert len(operation.response.generated_videos) == 3
    assert connected.files.download(file=operation.response.generated_videos[0].video)[4:8] == b"ftyp"


def test_submitting_polling_and_saving_run_unchanged_in_enterprise_mode(
    sdk: Any, endpoint: DemoEndpoint, tmp_path: Path
) -> None:
    connected = client(sdk, endpoint, vertexai=True)
    submitted = connected.models.generate_videos(
        model=DEMO_MODEL,
        source=sdk.types.GenerateVideosSource(prompt="a lighthouse at dawn"),
        config=sdk.types.GenerateVideosConfig(number_of_videos=2, aspect_ratio="9:16"),
    )
    assert submitted.name.startswith(f"models/{DEMO_MODEL}/operations/")
    operation = finish(connected, submitted)
    assert len(operation.response.generated_videos) == 2
    video = operation.response.generated_videos[0].video
    video.save(str(tmp_path / "video.mp4"))
    assert (tmp_path / "video.mp4").read_bytes()[4:8] == b"ftyp"


def test_what_was_submitted_in_enterprise_mode_can_be_polled_at_the_documented_path(
    sdk: Any, endpoint: DemoEndpoint
) -> None:
    # A client closes its connections when it is collected, so each keeps a name.
    enterprise, developer = client(sdk, endpoint, vertexai=True), client(sdk, endpoint)
    submitted = enterprise.models.generate_videos(
        model=DEMO_MODEL, source=sdk.types.GenerateVideosSource(prompt="a lighthouse at dawn")
    )
    operation = finish(developer, sdk.types.GenerateVideosOperation(name=submitted.name))
    assert len(operation.response.generated_videos) == 2


@pytest.mark.parametrize("enterprise", [False, True])
@pytest.mark.parametrize(("status", "withheld"), [("filtered", 2), ("partly_filtered", 1)])
def test_withheld_videos_are_seen(
    sdk: Any, endpoint: DemoEndpoint, status: str, withheld: int, enterprise: bool
) -> None:
    connected = client(sdk, endpoint, vertexai=enterprise)
    name = endpoint.create_operation(status=status)
    operation = finish(connected, sdk.types.GenerateVideosOperation(name=name))
    assert operation.response.rai_media_filtered_count == withheld
    assert len(operation.response.generated_videos or []) == 2 - withheld


@pytest.mark.parametrize("enterprise", [False, True])
def test_a_failure_and_a_wrong_key_are_seen(sdk: Any, endpoint: DemoEndpoint, enterprise: bool) -> None:
    connected = client(sdk, endpoint, vertexai=enterprise)
    failed = sdk.types.GenerateVideosOperation(name=endpoint.create_operation(status="failed"))
    assert finish(connected, failed).error["code"] == 13
    http_options = sdk.types.HttpOptions(base_url=endpoint.base_url)
    stranger = sdk.Client(api_key="another-key", http_options=http_options, vertexai=enterprise)
    with pytest.raises(sdk.errors.ClientError) as refused:
        stranger.operations.get(sdk.types.GenerateVideosOperation(name=endpoint.create_operation()))
    assert refused.value.code == 401
