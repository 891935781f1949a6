"""Requests that are cut, refused and lied to, until the file is whole or a typed error says why not."""

from __future__ import annotations

import clips
import faults
import pytest
from download_runs import CLIP, OLD, OTHER, Run, ranges
from faults import (
    Change,
    Drip,
    Drop,
    FaultServer,
    Garbage,
    IgnoreRange,
    NoLength,
    Plain,
    Reply,
    Reset,
    Resource,
    Stall,
    Truncate,
    WrongLength,
    WrongRange,
    busy,
    refused,
    sign_in_page,
)
from leaks import KEY

from rushes.credentials import Secret
from rushes.download import download
from rushes.errors import (
    AuthenticationError,
    DownloadError,
    NetworkError,
    ServerError,
)
from rushes.operation import Video
from rushes.transport import Transport

pytest_plugins = ("server_fixtures",)


@pytest.mark.parametrize(
    "validators", [('"v1"', None), (None, OLD), ('"v1"', OLD), ('W/"v1"', None), (None, None)]
)
@pytest.mark.parametrize("cut", [Truncate(150_000), Stall(150_000)])
def test_a_cut_transfer_goes_on_where_it_stopped(
    server: FaultServer, run: Run, validators: tuple[str | None, str | None], cut: faults.Fault
) -> None:
    etag, modified = validators
    resource = Resource(CLIP, etag=etag, last_modified=modified)
    run.read_timeout_s = 0.5 if isinstance(cut, Stall) else run.read_timeout_s
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


def test_what_comes_beyond_the_announced_range_is_not_taken(server: FaultServer, run: Run) -> None:
    first = 150_000 - 1024
    announced = ("Content-Range", f"bytes {first}-{len(CLIP) - 1}/{len(CLIP)}"), ("ETag", '"v1"')
    longer = Reply(206, CLIP[first:] + bytes(100), announced, "video/mp4")
    assert run(server.serve("/a", Resource(CLIP), Truncate(150_000), longer)) == CLIP
    assert ranges(server) == [None, f"bytes={first}-", None]


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
    run.read_timeout_s = 0.5 if isinstance(fault, Stall) else run.read_timeout_s
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
    limit = len(CLIP) - 1
    with pytest.raises(DownloadError, match=rf"the limit is {limit:,} bytes.* by other means"):
        run(server.serve("/a", Resource(CLIP)), max_bytes=limit)
    assert run.left == []
    assert {progress.bytes_done for progress in run.progress} == {0}


def test_a_video_that_turns_out_too_large_is_given_up(server: FaultServer, run: Run) -> None:
    with pytest.raises(DownloadError, match=r"the limit is 100,000 bytes.* by other means"):
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
