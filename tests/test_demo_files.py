"""The files of the embedded endpoint: behind the key on every hop, and servable in parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from rushes.embedded import DemoEndpoint, demo_endpoint
from rushes.embedded.exchange import CaseInsensitive, Request
from rushes.embedded.ranges import serve

DATA = bytes(range(256)) * 4
SIZE = len(DATA)
ETAG = '"abc"'
MADE_AT = 1_737_244_800.0
LAST_MODIFIED = "Sun, 19 Jan 2025 00:00:00 GMT"


@dataclass
class Hosted:
    """A finished file on a running endpoint."""

    endpoint: DemoEndpoint
    uri: str

    def send(self, url: str, method: str = "GET", *, key: bool = True, **headers: str) -> requests.Response:
        if key:
            headers["x-goog-api-key"] = self.endpoint.api_key
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, url, headers=named, timeout=10, allow_redirects=False)

    @property
    def target(self) -> str:
        """Where the file's URI redirects to."""
        return urljoin(self.uri, self.send(self.uri).headers["Location"])


@pytest.fixture(scope="module")
def hosted() -> Iterator[Hosted]:
    with demo_endpoint(seconds=0) as endpoint:
        name = endpoint.create_operation()
        answer = requests.get(
            f"{endpoint.base_url}/v1beta/{name}", headers={"x-goog-api-key": endpoint.api_key}, timeout=10
        ).json()
        yield Hosted(endpoint, answer["response"]["generatedSamples"][0]["video"]["uri"])


def test_the_uri_redirects_within_the_host_and_asks_for_the_key_on_each_hop(hosted: Hosted) -> None:
    first = hosted.send(hosted.uri)
    assert first.status_code == 302
    assert urlsplit(hosted.target)[:2] == urlsplit(hosted.uri)[:2]
    assert urlsplit(hosted.target).path != urlsplit(hosted.uri).path
    assert hosted.send(hosted.uri, key=False).status_code == 401
    assert hosted.send(hosted.target, key=False).status_code == 401
    assert hosted.send(hosted.target).status_code == 200


def test_the_provider_s_own_path_below_upload_serves_the_same_file(hosted: Hosted) -> None:
    own = hosted.uri.replace("/v1beta/", "/upload/v1beta/")
    redirected = hosted.send(own)
    assert redirected.status_code == 302
    assert hosted.send(redirected.headers["Location"]).content == hosted.send(hosted.target).content


def test_head_says_what_get_would_and_sends_no_body(hosted: Hosted) -> None:
    got, asked = hosted.send(hosted.target), hosted.send(hosted.target, "HEAD")
    assert asked.status_code == 200
    assert asked.content == b""
    same = ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Accept-Ranges")
    assert [asked.headers[name] for name in same] == [got.headers[name] for name in same]
    assert int(asked.headers["Content-Length"]) == len(got.content)
    assert asked.headers["Content-Type"] == "video/mp4"
    assert hosted.send(hosted.uri, "HEAD").status_code == 302


def test_a_download_in_two_parts_is_the_file(hosted: Hosted) -> None:
    whole = hosted.send(hosted.target)
    first = hosted.send(hosted.target, Range="bytes=0-99999")
    rest = hosted.send(hosted.target, Range="bytes=100000-", If_Range=whole.headers["ETag"])
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == whole.content
    assert rest.headers["Content-Range"] == f"bytes 100000-{len(whole.content) - 1}/{len(whole.content)}"
    beyond = hosted.send(hosted.target, Range=f"bytes={len(whole.content)}-")
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole.content)}"


def test_a_file_is_forbidden_until_its_generation_is_done_and_if_there_is_none() -> None:
    now = [0.0]
    endpoint = DemoEndpoint(
        seconds=9,
        status="succeeded",
        samples=1,
        shape="gptproto",
        latency_s=0,
        api_key="k",
        clock=lambda: now[0],
    )
    headers = {"x-goog-api-key": "k"}
    with endpoint:
        name = endpoint.create_operation()
        now[0] = 9.0
        answer = requests.get(f"{endpoint.base_url}/v1beta/{name}", headers=headers, timeout=10).json()
        uri = answer["response"]["generatedSamples"][0]["video"]["uri"]
        assert requests.get(uri, headers=headers, timeout=10).status_code == 200
        now[0] = 8.9
        early = requests.get(uri, headers=headers, timeout=10)
        foreign = requests.get(f"{endpoint.base_url}/v1beta/files/abc:download", headers=headers, timeout=10)
    assert (early.status_code, foreign.status_code) == (403, 403)
    assert foreign.json()["error"]["status"] == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=10-19", 10, 19),
        ("bytes=10-99999", 10, SIZE - 1),
        ("BYTES=10-19", 10, 19),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        ("bytes=-99999", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    ],
)
def test_a_range_that_fits_is_sent(asked: str, start: int, end: int) -> None:
    reply = serve_part(Range=asked)
    assert reply.status_code == 206
    assert reply.body == DATA[start : end + 1]
    assert reply.headers["Content-Range"] == f"bytes {start}-{end}/{SIZE}"


@pytest.mark.parametrize(
    "asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0", "bytes=99999999999-"]
)
def test_a_range_outside_the_file_is_unsatisfiable(asked: str) -> None:
    reply = serve_part(Range=asked)
    assert (reply.status_code, reply.body) == (416, b"")
    assert reply.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked", ["bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "items=0-5", "bytes=0-1,5-6", "0-5"]
)
def test_a_range_that_is_none_is_ignored(asked: str) -> None:
    reply = serve_part(Range=asked)
    assert (reply.status_code, reply.body) == (200, DATA)


@pytest.mark.parametrize(
    ("condition", "status_code"),
    [
        (ETAG, 206),
        (LAST_MODIFIED, 206),
        ('W/"abc"', 200),
        ('"other"', 200),
        ("Sat, 18 Jan 2025 00:00:00 GMT", 200),
    ],
)
def test_a_range_holds_only_for_the_file_that_it_was_meant_for(condition: str, status_code: int) -> None:
    reply = serve_part(Range="bytes=5-", If_Range=condition)
    assert reply.status_code == status_code
    assert reply.body == (DATA[5:] if status_code == 206 else DATA)


def test_a_head_is_about_the_whole_file() -> None:
    reply = serve_part("HEAD", Range="bytes=5-")
    assert (reply.status_code, len(reply.body)) == (200, SIZE)


@given(st.text(alphabet="bytes=0123456789-, ", max_size=24), st.binary(max_size=40))
def test_no_range_breaks_the_server_or_yields_bytes_that_are_not_there(asked: str, data: bytes) -> None:
    request = Request("GET", "/", CaseInsensitive([("Range", asked)]))
    reply = serve(request, data, etag=ETAG, modified_at=MADE_AT, media_type="video/mp4")
    assert reply.status_code in (200, 206, 416)
    if reply.status_code == 206:
        first, last, total = map(int, reply.headers["Content-Range"].replace("/", "-")[6:].split("-"))
        assert reply.body == data[first : last + 1]
        assert (len(reply.body), total) == (last - first + 1, len(data))


def serve_part(method: str = "GET", **headers: str):  # type: ignore[no-untyped-def]
    request = Request(method, "/", CaseInsensitive((n.replace("_", "-"), v) for n, v in headers.items()))
    return serve(request, DATA, etag=ETAG, modified_at=MADE_AT, media_type="video/mp4")
