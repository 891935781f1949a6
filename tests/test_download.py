"""A finished video to a file: from wherever it may be fetched, whole or absent, never paid for twice."""

from __future__ import annotations

import base64
import errno
import gc
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clips
import faults
import pytest
from faults import (
    Change,
    Drip,
    Drop,
    FaultServer,
    Garbage,
    IgnoreRange,
    NoLength,
    Plain,
    Reset,
    Resource,
    Stall,
    Truncate,
    WrongLength,
    WrongRange,
    busy,
    redirect,
    refused,
    sign_in_page,
)
from leaks import KEY, SIGNATURE, traces_in

from rushes.credentials import Secret
from rushes.download import Progress, download
from rushes.errors import (
    AuthenticationError,
    DownloadError,
    InvalidInputError,
    NetworkError,
    RushesError,
    SaveError,
    ServerError,
    WatchStoppedError,
)
from rushes.operation import Video, read_operation
from rushes.provider import GPTPROTO, Provider, provider_at
from rushes.transport import Transport

CLIP = clips.clip(200_000)
OTHER = clips.clip(200_000, seed=1)
OLD = "Sun, 19 Jan 2025 00:00:00 GMT"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(key=KEY) as running:
        yield running


@pytest.fixture
def other_host() -> Iterator[FaultServer]:
    with FaultServer("127.0.0.2", key=KEY) as running:
        yield running


class Run:
    """One call of `download` with what a test wants to know about it."""

    def __init__(self, server: FaultServer, directory: Path, provider: Provider | None = None) -> None:
        self.provider = provider or provider_at(server.origin)
        self.destination = directory / "clip.mp4"
        self.part = directory / "clip.mp4.part"
        self.note = directory / "clip.mp4.part.json"
        self.progress: list[Progress] = []
        self.slept_s: list[float] = []

    def __call__(self, uri: str | Video, **options: Any) -> bytes:
        video = uri if isinstance(uri, Video) else Video(uri=uri)
        with Transport(self.provider, Secret(KEY), read_timeout_s=0.5) as transport:
            path = download(
                transport,
                video,
                self.destination,
                on_progress=self.progress.append,
                sleep=self.slept_s.append,
                **options,
            )
        assert path == self.destination
        return path.read_bytes()

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.destination.parent.iterdir())


@pytest.fixture
def run(server: FaultServer, tmp_path: Path) -> Run:
    return Run(server, tmp_path)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


def ranges(server: FaultServer) -> list[str | None]:
    return [request.headers.get("range") for request in server.requests]


def test_a_video_arrives_whole_and_alone(server: FaultServer, run: Run) -> None:
    assert run(server.serve("/clip.mp4", Resource(CLIP, needs_key=True))) == CLIP
    assert run.left == ["clip.mp4"]
    last = run.progress[-1]
    assert last == Progress(run.destination, 0, len(CLIP), len(CLIP))


def test_webm_is_a_video_too(server: FaultServer, run: Run) -> None:
    assert run(server.serve("/a", Resource(clips.webm(), mime_type="video/webm"))) == clips.webm()


def test_progress_tells_where_the_bytes_are_while_they_arrive(server: FaultServer, run: Run) -> None:
    seen: list[int] = []

    def look(progress: Progress) -> None:
        seen.append(progress.bytes_done)
        assert progress.path.read_bytes() == CLIP[: progress.bytes_done]
        assert progress.bytes_total == len(CLIP)

    with Transport(run.provider, Secret(KEY)) as transport:
        uri = server.serve("/clip.mp4", Resource(CLIP), Drip(4096))
        download(transport, Video(uri=uri), run.destination, on_progress=look)
    assert seen == sorted(seen)
    assert len(seen) >= 2


@pytest.mark.parametrize(
    "validators", [('"v1"', None), (None, OLD), ('"v1"', OLD), ('W/"v1"', None), (None, None)]
)
@pytest.mark.parametrize("cut", [Truncate(150_000), Stall(150_000)])
def test_a_cut_transfer_goes_on_where_it_stopped(
    server: FaultServer, run: Run, validators: tuple[str | None, str | None], cut: faults.Fault
) -> None:
    etag, modified = validators
    resource = Resource(CLIP, etag=etag, last_modified=modified)
    assert run(server.serve("/clip.mp4", resource, cut)) == CLIP
    asked = ranges(server)
    assert asked[0] is None
    assert asked[1] is not None
    # Without a validator more of what is there is compared.
    assert int(asked[1][6:-1]) > (70_000 if etag is None or etag.startswith("W/") else 0)
    assert server.requests[1].headers.get("if-range") == (
        etag if etag and not etag.startswith("W/") else modified
    )
    assert {progress.generation for progress in run.progress} == {0}


def test_a_date_within_the_second_it_was_sent_is_no_validator(server: FaultServer, run: Run) -> None:
    future = "Fri, 01 Jan 2100 00:00:00 GMT"
    uri = server.serve("/a", Resource(CLIP, etag=None, last_modified=future), Truncate(150_000))
    assert run(uri) == CLIP
    assert "if-range" not in server.requests[1].headers


def test_a_server_without_ranges_is_asked_from_zero_under_a_new_generation(
    server: FaultServer, run: Run
) -> None:
    uri = server.serve("/a", Resource(CLIP, ranges=False), Truncate(50_000), Truncate(120_000))
    assert run(uri) == CLIP
    assert run.progress[-1].generation == 2


@pytest.mark.parametrize("resource", [Resource(OTHER, etag='"v2"'), Resource(OTHER[:-9] + b"", etag='"v2"')])
def test_a_file_that_changed_begins_again_and_never_mixes(
    server: FaultServer, run: Run, resource: Resource
) -> None:
    whole = Resource(OTHER, etag='"v2"')
    uri = server.serve("/a", Resource(CLIP), Truncate(150_000), Change(resource), Change(whole))
    assert run(uri) == OTHER
    assert run.progress[-1].generation > 0


def test_a_file_that_changed_behind_the_same_validator_is_found_at_the_seam(
    server: FaultServer, run: Run
) -> None:
    uri = server.serve("/a", Resource(CLIP), Truncate(150_000), Change(Resource(OTHER)))
    assert run(uri) == OTHER
    assert run.progress[-1].generation == 1


def test_a_file_that_changed_without_any_validator_is_found_at_the_seam(
    server: FaultServer, run: Run
) -> None:
    resources = Resource(CLIP, etag=None), Resource(OTHER, etag=None)
    uri = server.serve("/a", resources[0], Truncate(150_000), Change(resources[1]))
    assert run(uri) == OTHER


@pytest.mark.parametrize("wrong", [WrongRange(shift=-100), WrongRange(shift=100), WrongRange(total_delta=5)])
def test_a_wrong_range_is_not_believed(server: FaultServer, run: Run, wrong: faults.Fault) -> None:
    assert run(server.serve("/a", Resource(CLIP), Truncate(150_000), wrong)) == CLIP
    assert run.progress[-1].generation == 1


def test_a_file_that_shrank_below_what_is_there_begins_again(server: FaultServer, run: Run) -> None:
    small = clips.clip(1_000)
    change = Change(Resource(small, etag=None))
    uri = server.serve("/a", Resource(CLIP, etag=None), Truncate(190_000), change)
    assert run(uri) == small
    assert ranges(server)[1:] == [f"bytes={190_000 - 65_536}-", None]  # a 416 in between


@pytest.mark.parametrize(
    "fault",
    [
        Drop(),
        Reset(),
        Reset(0),
        Reset(150_000),
        Stall(),
        Garbage(),
        Garbage(b""),
        WrongLength(-500),
        WrongLength(500),
        Truncate(0),
        Truncate(4),
        NoLength(5_000),
        Drip(97),
        busy(503),
        busy(500),
        busy(429, "1"),
        busy(408),
        sign_in_page(),
        faults.json_reply({"error": {"message": "later"}}),
        faults.Reply(200, b"these bytes are not a video", (), "video/mp4"),
        faults.Reply(200, b"", (), "video/mp4"),
        faults.Reply(206, CLIP[5:], (("Content-Range", "bytes 5-9/10"),), "video/mp4"),
        IgnoreRange(10_000),
    ],
    ids=repr,
)
def test_what_passes_is_tried_again(server: FaultServer, run: Run, fault: faults.Fault) -> None:
    assert run(server.serve("/a", Resource(CLIP), fault)) == CLIP
    assert run.left == ["clip.mp4"]


def test_a_length_that_the_server_does_not_tell_is_found_in_the_file(server: FaultServer, run: Run) -> None:
    assert run(server.serve("/a", Resource(CLIP), NoLength())) == CLIP
    assert len(server.requests) == 1


def test_cuts_do_not_count_as_long_as_each_brings_something(server: FaultServer, run: Run) -> None:
    cuts = [Truncate(10_000)] * 30
    assert run(server.serve("/a", Resource(CLIP), *cuts)) == CLIP
    assert len(server.requests) > 15


@pytest.mark.parametrize("fault", [Drop(), sign_in_page(), WrongLength(-500), Garbage()], ids=repr)
def test_what_does_not_pass_ends_soon_with_a_typed_error(
    server: FaultServer, run: Run, fault: faults.Fault
) -> None:
    uri = server.serve("/a", Resource(CLIP), *[fault] * 50)
    with pytest.raises((NetworkError, DownloadError)) as caught:
        run(uri)
    assert caught.value.next_step
    assert len(server.requests) <= 8
    assert 5 < sum(run.slept_s) < 60
    assert run.left == []


def test_a_sign_in_page_is_told_in_those_words(server: FaultServer, run: Run) -> None:
    with pytest.raises(NetworkError, match="sign-in page") as caught:
        run(server.serve("/a", Resource(CLIP), *[sign_in_page()] * 50))
    assert "REQUESTS_CA_BUNDLE" in caught.value.next_step


def test_a_sign_in_page_does_not_cost_what_has_arrived(server: FaultServer, run: Run) -> None:
    uri = server.serve("/a", Resource(CLIP), Truncate(150_000), sign_in_page(), Plain())
    assert run(uri) == CLIP
    assert ranges(server)[2] is not None
    assert run.progress[-1].generation == 0


def test_retry_after_is_waited_for_and_capped(server: FaultServer, run: Run) -> None:
    run(server.serve("/a", Resource(CLIP), busy(429, "17")))
    assert sum(run.slept_s) == pytest.approx(17, abs=0.5)
    run.destination.unlink()
    run.slept_s.clear()
    run(server.serve("/a", Resource(CLIP), busy(503, "Fri, 01 Jan 2100 00:00:00 GMT")))
    assert sum(run.slept_s) == pytest.approx(120, abs=0.5)


def test_an_endpoint_that_stays_in_trouble_is_a_server_error(server: FaultServer, run: Run) -> None:
    with pytest.raises(ServerError):
        run(server.serve("/a", Resource(CLIP), *[busy(503)] * 50))


def test_a_refused_key_is_an_authentication_error_at_once(server: FaultServer, run: Run) -> None:
    server.key = "another"
    with pytest.raises(AuthenticationError):
        run(server.serve("/a", Resource(CLIP, needs_key=True)))
    assert len(server.requests) == 1


def test_a_bad_key_may_be_a_400(server: FaultServer, run: Run) -> None:
    answer = refused(400, "API key not valid. Please pass a valid API key.")
    with pytest.raises(AuthenticationError):
        run(server.reply("/a", answer))


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_expired_file_is_told_with_the_providers_words(server: FaultServer, run: Run, status: int) -> None:
    with pytest.raises(DownloadError, match=r"expired.*two days.*another account") as caught:
        run(server.reply("/a", refused(status, "You do not have permission to access the File.")))
    assert "You do not have permission" in str(caught.value)
    assert len(server.requests) == 1


def test_a_video_that_is_announced_too_large_is_refused_before_it_is_written(
    server: FaultServer, run: Run
) -> None:
    with pytest.raises(DownloadError, match="max_bytes"):
        run(server.serve("/a", Resource(CLIP)), max_bytes=100_000)
    assert run.left == []


def test_a_video_that_turns_out_too_large_is_given_up(server: FaultServer, run: Run) -> None:
    with pytest.raises(DownloadError, match="max_bytes"):
        run(server.serve("/a", Resource(CLIP), NoLength()), max_bytes=100_000)
    assert run.left == []


def test_memory_does_not_grow_with_the_video(server: FaultServer, run: Run) -> None:
    import tracemalloc

    big = clips.clip(24 << 20)
    uri = server.serve("/a", Resource(big))
    tracemalloc.start()
    try:
        assert len(run(uri)) == len(big)  # reading it back is the test's own doing
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        run.destination.unlink()
        with Transport(run.provider, Secret(KEY)) as transport:
            download(transport, Video(uri=uri), run.destination)
        assert tracemalloc.get_traced_memory()[1] - before < 8 << 20
    finally:
        tracemalloc.stop()


# Where from, and who gets the key.


def gptproto_like(server: FaultServer) -> Provider:
    base = provider_at(server.origin)
    return Provider(
        base.name, "GPTProto", base.base_url, base.origins, base.key_variables, files_path=GPTPROTO.files_path
    )


FOREIGN = "/v1beta/files/abc123:download"
OWN = "/upload/v1beta/files/abc123:download"


def test_a_foreign_address_is_asked_without_the_key_and_is_enough(
    server: FaultServer, other_host: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    assert run(other_host.serve(FOREIGN, Resource(CLIP)) + "?alt=media") == CLIP
    assert [request.key for request in other_host.requests] == [None]
    assert server.requests == []


@pytest.mark.parametrize("answer", [refused(403), refused(401), sign_in_page(), busy(503)], ids=repr)
def test_a_foreign_refusal_leads_to_the_providers_own_address_with_the_key(
    server: FaultServer, other_host: FaultServer, tmp_path: Path, answer: faults.Reply
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    server.serve(OWN, Resource(CLIP, needs_key=True))
    assert run(other_host.reply(FOREIGN, answer) + "?alt=media") == CLIP
    assert {request.key for request in other_host.requests} == {None}
    assert [request.path for request in server.requests] == [f"{OWN}?alt=media"]


def test_a_foreign_host_out_of_reach_costs_two_tries(server: FaultServer, tmp_path: Path) -> None:
    with FaultServer("127.0.0.2") as gone:
        uri = gone.url(FOREIGN)
    run = Run(server, tmp_path, gptproto_like(server))
    server.serve(OWN, Resource(CLIP, needs_key=True))
    assert run(uri) == CLIP
    assert sum(run.slept_s) < 2


def test_the_error_of_two_refusals_names_both_hosts(
    server: FaultServer, other_host: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    server.reply(OWN, refused(404, "No such file."))
    with pytest.raises(DownloadError) as caught:
        run(other_host.reply(FOREIGN, refused(403, "Not yours.")) + f"?sig={SIGNATURE}")
    text = str(caught.value)
    for words in ("127.0.0.2", "127.0.0.1", "Not yours.", "No such file.", "expired"):
        assert words in text


def test_the_second_host_goes_on_where_the_first_was_cut(
    server: FaultServer, other_host: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    other_host.serve(FOREIGN, Resource(CLIP), Truncate(150_000), *[Drop()] * 20)
    server.serve(OWN, Resource(CLIP, needs_key=True))
    assert run(other_host.url(FOREIGN)) == CLIP
    assert ranges(server)[0] is not None


def test_a_redirect_keeps_the_key_on_the_same_host_and_drops_it_on_another(
    server: FaultServer, other_host: FaultServer, run: Run
) -> None:
    elsewhere = other_host.serve("/blob", Resource(CLIP)) + f"?X-Signature={SIGNATURE}"
    server.reply("/second", redirect(elsewhere), needs_key=True)
    assert run(server.reply("/first", redirect("/second"), needs_key=True)) == CLIP
    assert [request.key for request in server.requests] == [KEY, KEY]
    assert [request.key for request in other_host.requests] == [None]


@pytest.mark.parametrize("location", ["/first", "http://192.0.2.7/clip.mp4", "ftp://127.0.0.1/x", "http://["])
def test_a_redirect_that_may_not_be_followed_is_an_error(
    server: FaultServer, run: Run, location: str
) -> None:
    with pytest.raises(RushesError) as caught:
        run(server.reply("/first", redirect(location)))
    assert isinstance(caught.value, (NetworkError, DownloadError))


@pytest.mark.parametrize(
    "uri",
    [
        "http://192.0.2.7/clip.mp4",
        "ftp://192.0.2.7/clip.mp4",
        "file:///etc/passwd",
        "http://[",
        "clip.mp4",
        "",
    ],
)
def test_an_address_that_is_not_fetched_is_refused_before_connecting(run: Run, uri: str) -> None:
    with pytest.raises(DownloadError):
        run(uri)
    assert run.slept_s == []
    assert run.left == []


def test_an_address_of_this_machine_is_not_fetched_for_another(server: FaultServer, tmp_path: Path) -> None:
    run = Run(server, tmp_path, GPTPROTO)
    with pytest.raises(DownloadError, match="this machine"):
        run(server.serve("/a", Resource(CLIP)))
    assert server.requests == []


def test_a_video_in_google_storage_names_the_command(run: Run) -> None:
    with pytest.raises(DownloadError) as caught:
        run("gs://bucket/take one.mp4")
    assert "gcloud storage cp 'gs://bucket/take one.mp4' ." in str(caught.value)
    with pytest.raises(DownloadError) as caught:
        run("gs://bucket/x.mp4;rm -rf ~\n")
    assert "'gs://bucket/x.mp4;rm -rf ~' ." in str(caught.value)


# Videos that need no request.


def inline(content: bytes) -> Video:
    body = {
        "done": True,
        "response": {"videos": [{"bytesBase64Encoded": base64.b64encode(content).decode()}]},
    }
    return read_operation(body, "m", "x").videos[0]


def test_an_inline_video_is_written_without_a_request(server: FaultServer, run: Run) -> None:
    big = clips.clip(3_000_000)
    assert run(inline(big)) == big
    assert run.left == ["clip.mp4"]
    assert server.requests == []


def test_an_inline_video_that_is_none_leaves_nothing(run: Run) -> None:
    with pytest.raises(DownloadError, match="not a video"):
        run(inline(b"hello, I am not a video"))
    with pytest.raises(DownloadError, match="longer than 1,000"):
        run(inline(CLIP), max_bytes=1_000)
    assert run.left == []


def test_a_video_that_is_here_already_is_copied(server: FaultServer, run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.mp4"
    kept.write_bytes(CLIP)
    assert run(Video(uri=server.url("/a")).with_path(kept)) == CLIP
    assert server.requests == []


# The place.


def test_the_same_bytes_in_the_place_are_fine(server: FaultServer, run: Run) -> None:
    run.destination.write_bytes(CLIP)
    assert run(server.serve("/a", Resource(CLIP))) == CLIP
    assert run.left == ["clip.mp4"]


def test_another_file_in_the_place_is_never_replaced_and_the_video_is_kept(
    server: FaultServer, run: Run
) -> None:
    run.destination.write_bytes(OTHER)
    uri = server.serve("/a", Resource(CLIP))
    with pytest.raises(SaveError, match="holds something else") as caught:
        run(uri)
    assert run.destination.read_bytes() == OTHER
    assert str(run.part) in str(caught.value)
    requests = len(server.requests)
    run.destination.unlink()
    assert run(uri) == CLIP
    assert len(server.requests) == requests  # what was kept is not fetched again


def test_another_file_of_another_size_is_told_before_the_video_is_fetched(
    server: FaultServer, run: Run
) -> None:
    run.destination.write_bytes(b"a home video")
    with pytest.raises(SaveError):
        run(server.serve("/a", Resource(CLIP)))
    assert run.destination.read_bytes() == b"a home video"
    assert run.left == ["clip.mp4"]


def test_a_missing_directory_and_a_directory_in_the_place_are_save_errors(
    server: FaultServer, run: Run, tmp_path: Path
) -> None:
    uri = server.serve("/a", Resource(CLIP))
    run.destination.mkdir()
    with pytest.raises(SaveError):
        run(uri)
    run.destination = tmp_path / "missing" / "clip.mp4"
    with pytest.raises(SaveError):
        run(uri)
    assert server.requests == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_the_place_of_the_partial_is_not_followed(
    server: FaultServer, run: Run, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    run.part.symlink_to(victim)
    with pytest.raises(SaveError, match="symbolic link"):
        run(server.serve("/a", Resource(CLIP)))
    assert victim.read_bytes() == b"precious"


def test_a_disk_too_small_is_told_before_the_video_is_fetched(
    server: FaultServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(100_000, 50_000, 50_000))
    with pytest.raises(SaveError, match="50,000"):
        run(server.serve("/a", Resource(CLIP)))
    assert run.left == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_fills_up_leaves_nothing_broken(
    server: FaultServer, run: Run, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write = os.write
    written = 0

    def filling(descriptor: int, data: bytes) -> int:
        nonlocal written
        if len(data) < 1_000:  # the server's own business
            return write(descriptor, data)
        if written > 60_000:
            raise OSError(code, os.strerror(code))
        count = write(descriptor, data[:20_000])
        written += count
        return count

    monkeypatch.setattr(os, "write", filling)
    with pytest.raises(SaveError) as caught:
        run(server.serve("/a", Resource(CLIP)))
    assert caught.value.next_step
    assert run.left == []


# Who else is there.


def test_stopping_keeps_what_has_arrived_and_the_next_download_goes_on_with_it(
    server: FaultServer, run: Run
) -> None:
    uri = server.serve("/a", Resource(CLIP), Drip(10_000))
    with pytest.raises(WatchStoppedError):
        run(uri, cancelled=lambda: run.part.exists() and run.part.stat().st_size > 50_000)
    assert run.left == ["clip.mp4.part", "clip.mp4.part.json"]
    assert run(uri) == CLIP
    assert ranges(server)[-1] is not None
    assert run.left == ["clip.mp4"]


def test_stopping_is_heard_during_a_wait(server: FaultServer, run: Run) -> None:
    uri = server.serve("/a", Resource(CLIP), busy(503, "100"))
    with pytest.raises(WatchStoppedError):
        run(uri, cancelled=lambda: len(run.slept_s) > 5)
    assert sum(run.slept_s) < 5


def test_a_network_that_stays_away_keeps_what_has_arrived(server: FaultServer, run: Run) -> None:
    uri = server.serve("/a", Resource(CLIP), Truncate(150_000), *[Drop()] * 20)
    with pytest.raises(NetworkError):
        run(uri)
    assert run.part.read_bytes() == CLIP[:150_000]
    assert not run.destination.exists()


def test_the_note_beside_a_partial_holds_no_address_and_no_key(server: FaultServer, run: Run) -> None:
    resource = Resource(CLIP, etag=f'"{KEY}"', last_modified=OLD)
    uri = server.serve("/a", resource, Truncate(150_000), *[Drop()] * 20)
    with pytest.raises(NetworkError):
        run(f"{uri}?sig={SIGNATURE}")
    note = run.note.read_text()
    assert json.loads(note)["total"] == len(CLIP)
    for secret in (KEY, SIGNATURE, "127.0.0.1", "http"):
        assert secret not in note


def test_a_partial_of_another_video_is_not_gone_on_with(server: FaultServer, run: Run) -> None:
    first = server.serve("/a", Resource(CLIP), Truncate(150_000), *[Drop()] * 20)
    with pytest.raises(NetworkError):
        run(first)
    assert run(server.serve("/b", Resource(OTHER))) == OTHER
    assert [request.headers.get("range") for request in server.requests if request.path == "/b"] == [None]


@pytest.mark.parametrize(
    "note", ["", "{", "[]", '{"video": 1}', '{"total": -1}', "\0" * 10_000, "[" * 10_000]
)
def test_a_partial_with_a_torn_note_begins_again(server: FaultServer, run: Run, note: str) -> None:
    run.part.write_bytes(b"leftover")
    run.note.write_text(note)
    assert run(server.serve("/a", Resource(CLIP))) == CLIP
    assert ranges(server) == [None]


HOLDER = """
import sys
from pathlib import Path
from rushes.credentials import Secret
from rushes.download import download
from rushes.operation import Video
from rushes.provider import provider_at
from rushes.transport import Transport

uri, destination = sys.argv[1:]
with Transport(provider_at(uri), Secret("k")) as transport:
    download(transport, Video(uri=uri), Path(destination))
"""


def test_the_partial_of_a_killed_process_is_gone_on_with(server: FaultServer, run: Run) -> None:
    uri = server.serve("/a", Resource(CLIP), Stall(150_000))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, uri, str(run.destination)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )
    with holder:
        wait_until(lambda: run.part.exists() and run.part.stat().st_size == 150_000)
        assert holder.poll() is None, "the other process ended by itself"
        holder.kill()
    assert run(uri) == CLIP
    assert server.requests[-1].headers["range"] == f"bytes={150_000 - 1024}-"


def test_two_downloads_to_the_same_place_fetch_the_video_once(server: FaultServer, tmp_path: Path) -> None:
    uri = server.serve("/a", Resource(CLIP), Stall(150_000))
    first, second = Run(server, tmp_path), Run(server, tmp_path)
    outcomes: list[bytes] = []
    begun, pause = threading.Event(), threading.Event()

    def fetch_first() -> None:
        with Transport(first.provider, Secret(KEY)) as transport:
            download(transport, Video(uri=uri), first.destination, on_progress=lambda progress: begun.set())
        outcomes.append(first.destination.read_bytes())

    def fetch_second() -> None:
        def sleep(seconds: float) -> None:
            second.slept_s.append(seconds)
            pause.wait(0.01)

        with Transport(second.provider, Secret(KEY)) as transport:
            download(transport, Video(uri=uri), second.destination, sleep=sleep)
        outcomes.append(second.destination.read_bytes())

    threads = [threading.Thread(target=fetch_first), threading.Thread(target=fetch_second)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    wait_until(lambda: bool(second.slept_s))
    server.release()
    for thread in threads:
        thread.join(20)
    assert outcomes == [CLIP, CLIP]
    assert len(server.requests) == 2  # the stalled one and its rest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]


# What an error may hold.


@pytest.mark.parametrize(
    "fault",
    [
        Drop(),
        Stall(),
        Garbage(),
        WrongLength(-500),
        sign_in_page(),
        busy(503),
        refused(403, f"No: https://h/x?sig={SIGNATURE} with {KEY}"),
        refused(401, f"The key {KEY} is bad"),
        redirect(f"http://192.0.2.7/?sig={SIGNATURE}"),
        redirect(f"ftp://{KEY}@h/?sig={SIGNATURE}"),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "status", "")),
)
def test_no_error_holds_the_key_or_the_query_of_an_address(
    server: FaultServer, run: Run, fault: faults.Fault
) -> None:
    uri = server.serve("/a", Resource(CLIP), *[fault] * 20)
    caught = None
    try:
        run(f"{uri}?X-Signature={SIGNATURE}")
    except RushesError as error:
        caught = error
    assert caught is not None
    assert traces_in(caught) == []
    assert all(isinstance(one, RushesError) for one in (caught.__context__, caught.__cause__) if one)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors as Linux lists them")
def test_no_descriptor_and_no_thread_is_left(server: FaultServer, run: Run) -> None:
    def held() -> tuple[int, int]:
        gc.collect()
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    uri = server.serve(
        "/a", Resource(CLIP), Truncate(1_000), Stall(2_000), Drop(), *[Plain(), sign_in_page()]
    )
    before = held()
    run(uri)
    for error, name in ((InvalidInputError, "a\nb"), (SaveError, "missing/b"), (SaveError, "clip.mp4/b")):
        run.destination = run.destination.parent / name
        with pytest.raises(error):
            run(uri)
    wait_until(lambda: not server.connections)
    wait_until(lambda: held() == before)
