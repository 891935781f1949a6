"""A finished video to a file, whole or absent, from whatever it is made of, and nothing told that is private."""

from __future__ import annotations

import base64
import gc
import os
import threading
from pathlib import Path

import clips
import faults
import pytest
from download_runs import CLIP, Run
from faults import (
    Drip,
    Drop,
    FaultServer,
    Garbage,
    Plain,
    Resource,
    Stall,
    Truncate,
    WrongLength,
    busy,
    redirect,
    refused,
    sign_in_page,
)
from leaks import KEY, SIGNATURE, traces_in
from timing import wait_until

from rushes.credentials import Secret
from rushes.download import Progress, download
from rushes.errors import (
    DownloadError,
    InvalidInputError,
    RushesError,
    SaveError,
)
from rushes.operation import Video, read_operation
from rushes.transport import Transport

pytest_plugins = ("server_fixtures",)


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


def test_progress_tells_that_all_bytes_are_here_before_they_are_moved(server: FaultServer, run: Run) -> None:
    run(server.serve("/clip.mp4", Resource(CLIP)))
    before, last = run.progress[-2:]
    assert before.bytes_done == last.bytes_done == len(CLIP)
    assert before.path == run.destination.with_name("clip.mp4.part")


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


def test_a_video_of_just_the_length_that_is_allowed_is_fetched(run: Run) -> None:
    assert run(inline(CLIP), max_bytes=len(CLIP)) == CLIP


def test_bytes_inside_an_answer_that_are_no_video_leave_nothing_to_do(run: Run) -> None:
    with pytest.raises(DownloadError) as caught:
        run(inline(b"hello, I am not a video"))
    assert (caught.value.explanation, caught.value.next_step) == (
        "The bytes inside the answer are not a video.",
        "",
    )


def test_an_address_that_is_no_text_ends_in_an_error_of_rushes(server: FaultServer, run: Run) -> None:
    with pytest.raises(RushesError):
        run(Video(uri=server.url("/\ud800")))


def test_a_video_that_is_here_already_is_copied(server: FaultServer, run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.mp4"
    kept.write_bytes(CLIP)
    assert run(Video(uri=server.url("/a")).with_path(kept)) == CLIP
    assert server.requests == []


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
        refused(403, f"No: https:&#x2F;&#x2F;h&#x2F;x?sig&#x3D;{SIGNATURE} with /x?sig={SIGNATURE}"),
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
    run.read_timeout_s = 0.5 if isinstance(fault, Stall) else run.read_timeout_s
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
    run.read_timeout_s = 0.5
    run(uri)
    for error, name in ((InvalidInputError, "a\nb"), (SaveError, "missing/b"), (SaveError, "clip.mp4/b")):
        run.destination = run.destination.parent / name
        with pytest.raises(error):
            run(uri)
    wait_until(lambda: not server.connections)
    wait_until(lambda: held() == before)
