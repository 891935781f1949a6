"""What the README says of other ways to watch a generation: each is seen to do so."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import clips
import ipywidgets
import pytest
from faults import FaultServer, Resource, busy, finished, redirect, running
from IPython.display import Video

import rushes

pytestmark = [
    pytest.mark.tools,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
MODEL, OPERATION = "veo", "op1"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(key="canary-key") as server:
        yield server


def sdk_client(base_url: str, api_key: str) -> Any:  # Any: as the package has it
    from google import genai

    options = {"base_url": base_url, "api_version": "v1beta"}
    return genai.Client(api_key=api_key, http_options=options)


def sdk_operation(name: str) -> Any:  # Any: as the package has it
    from google.genai import types

    return types.GenerateVideosOperation(name=name)


def test_a_poll_that_fails_in_passing_ends_the_loop_of_google_genai(server: FaultServer) -> None:
    from google.genai import errors

    server.operation(MODEL, OPERATION, running(), busy(503), finished(server.url("/clip.mp4")))
    client = sdk_client(server.origin, server.key)
    name = f"models/{MODEL}/operations/{OPERATION}"
    assert not client.operations.get(sdk_operation(name)).done
    with pytest.raises(errors.ServerError):
        client.operations.get(sdk_operation(name))


def test_google_genai_finds_no_video_in_the_documented_answer() -> None:
    with rushes.demo_endpoint(seconds=0) as endpoint:
        client = sdk_client(endpoint.base_url, endpoint.api_key)
        operation = client.operations.get(sdk_operation(endpoint.create_operation()))
        assert operation.done
        assert operation.response is None or not operation.response.generated_videos
        with rushes.Client(base_url=endpoint.base_url, api_key=endpoint.api_key) as own:
            assert own.get(endpoint.create_operation()).videos


def test_google_genai_takes_the_key_along_to_another_host(server: FaultServer) -> None:
    from google.genai import types

    with FaultServer() as other:
        elsewhere = other.serve("/clip.mp4", Resource(clips.clip()))
        server.reply("/v1beta/files/abc:download", redirect(elsewhere))
        # Of an address it takes the ID of the file, and asks its own endpoint for that.
        video = types.Video(uri="https://files.example/v1beta/files/abc:download?alt=media")
        client = sdk_client(server.origin, server.key)
        client.files.download(file=video)
        assert [request.key for request in other.requests] == [server.key]


def test_what_ipywidgets_saves_of_a_video_has_no_video() -> None:
    video = ipywidgets.Video(value=clips.clip())
    bundle = video._repr_mimebundle_()
    assert bundle is not None
    assert set(bundle) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert len(str(bundle)) < 1000
    video.close()


def test_an_embedded_video_is_in_the_notebook() -> None:
    data = clips.clip()
    assert base64.b64encode(data).decode() in Video(data=data, embed=True, mimetype="video/mp4")._repr_html_()
