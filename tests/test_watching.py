"""A watch as its holder sees it, end to end: it begins, it ends, and it tells."""

from __future__ import annotations

import base64
import logging
import os
import threading
from datetime import datetime, timezone
from pathlib import Path

import clips
import pytest
from faults import (
    Drop,
    FaultServer,
    Recorded,
    Resource,
    Stall,
    Truncate,
    busy,
    finished,
    json_reply,
    refused,
    running,
)
from live_watches import LIMIT_S, Watches, ended, error, videos
from timing import wait_until, within
from watched_video import CLIP, FILE, KEY, files_of, polls_of, video_server

import rushes
from rushes.errors import (
    DownloadError,
    InvalidInputError,
    NetworkError,
    OperationNotFoundError,
    RushesError,
    WatchTimeoutError,
)
from rushes.labels import OperationName
from rushes.ledger import Ledger
from rushes.watching import Watch

pytest_plugins = ("watch_fixtures",)

server = pytest.fixture(video_server)


# It begins.


def test_a_finished_operation_shows_within_a_second(watches: Watches) -> None:
    with rushes.demo_endpoint(seconds=0) as endpoint:

        def show() -> None:
            name = endpoint.create_operation(samples=2)
            videos(watches(name, base_url=endpoint.base_url, api_key=endpoint.api_key))

        within(1.0, show)
    watch = watches.opened[-1]
    found = watch.state.videos
    assert [video.data[4:8] for video in found] == [b"ftyp", b"ftyp"]
    assert (watch.state.status, watch.state.polls, watch.state.videos) == ("succeeded", 1, found)
    assert [sample.state for sample in watch.state.samples] == ["ready", "ready"]
    assert watch.state.operation is not None
    assert watch.state.operation.videos == found


def test_an_operation_is_watched_from_running_to_its_video(watches: Watches, server: FaultServer) -> None:
    script = Stall(), running(), busy(), Truncate(5), running(), finished(server.url(FILE))
    server.operation("veo", "op1", *script)
    seen: list[str] = []
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    watch.subscribe(lambda: seen.append(watch.state.status))
    server.release()
    [video] = videos(watch)
    assert video.data == CLIP
    assert watch.state.polls == 6
    assert {request.path for request in polls_of(server)} == {"/v1beta/models/veo/operations/op1"}
    assert [status for index, status in enumerate(seen) if status not in seen[:index]] == [
        "running",
        "downloading",
        "succeeded",
    ]


@pytest.mark.parametrize("outcome", ["filtered", "empty", "failed"])
def test_an_operation_without_a_video_ends_its_watch_and_is_written_down(
    watches: Watches, outcome: str
) -> None:
    with rushes.demo_endpoint(seconds=0, status=outcome) as endpoint:
        watch = watches(endpoint.create_operation(), base_url=endpoint.base_url, api_key=endpoint.api_key)
        assert ended(watch).status == outcome
        assert not watch.state.can_resume
        wait_until(lambda: rushes.recent()[0].status == outcome)


class Witness(list[Recorded]):
    """The recorded requests; looks into the ledger at the moment each arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def append(self, request: Recorded) -> None:
        self.written.append(f"{[entry.name for entry in Ledger().recent()]}")
        super().append(request)


def test_an_operation_is_written_down_before_its_first_poll(watches: Watches, server: FaultServer) -> None:
    server.requests = witness = Witness()
    server.operation("veo", "op1", running())
    watches("veo", "op1", base_url=server.origin, api_key=KEY)
    wait_until(lambda: witness)
    assert witness.written[0] == "['models/veo/operations/op1']"


def test_what_the_ledger_lists_is_watched_again(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", running(), finished(server.url(FILE)))
    first = watches("veo", "op1", base_url=server.origin, api_key=KEY, label="fox")
    wait_until(lambda: first.state.polls)
    first.close()
    again = watches(rushes.recent()[0], api_key=KEY)
    assert videos(again)[0].data == CLIP
    assert (again.label, again.reference.name) == ("fox", "models/veo/operations/op1")


def test_an_operation_submitted_once_says_that_it_was_reused(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", running())
    submitted_at = datetime(2026, 11, 23, 14, 2, tzinfo=timezone.utc)
    name = OperationName("models/veo/operations/op1", "fox", submitted_at, True)
    watch = watches(name, base_url=server.origin, api_key=KEY)
    assert watch.notice == f"reused, submitted {submitted_at.astimezone():%H:%M}"
    assert watch.label == "fox"
    fresh = OperationName("models/veo/operations/op1", "owl", submitted_at, False)
    assert watches(fresh, base_url=server.origin, api_key=KEY, label="mine").notice is None


@pytest.mark.parametrize(
    "options",
    [
        {"label": 3},
        {"timeout": -1},
        {"timeout": "soon"},
        {"provider": "acme"},
        {"base_url": "http://example.com"},
        {"save_to": 7},
        {"save_to": ""},
    ],
)
def test_what_cannot_be_meant_is_refused_and_written_down_nowhere(
    watches: Watches, options: dict[str, object]
) -> None:
    with pytest.raises(InvalidInputError):
        watches("veo", "op1", **{"api_key": KEY, **options})
    assert rushes.recent() == []


# It ends.


def test_an_operation_that_is_not_known_yet_has_a_grace(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", refused(404), refused(404), finished(server.url(FILE)))
    assert videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))


def test_an_unknown_operation_ends_with_who_was_asked(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", refused(404))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, timeout=0.1)
    unknown = error(watch)
    assert isinstance(unknown, OperationNotFoundError)
    assert "127.0.0.1" in unknown.next_step


def test_the_time_is_up_when_a_poll_after_it_says_running(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", running(), running(), running(), running(), finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, timeout=0)
    assert isinstance(error(watch), WatchTimeoutError)
    assert (watch.state.status, watch.state.polls) == ("timed_out", 1)
    watch.resume()
    assert isinstance(error(watch), WatchTimeoutError)
    again = watches("veo", "op1", base_url=server.origin, api_key=KEY, timeout=60)
    assert videos(again)
    assert videos(watch)


def test_a_dead_network_ends_with_its_error_and_a_resume_goes_on(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", Drop(), finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY, timeout=0)
    assert isinstance(error(watch), NetworkError)
    watch.resume()
    assert videos(watch)


def test_a_video_in_googles_storage_is_a_success_whose_error_has_the_command(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", finished("gs://bucket/clip.mp4"))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    told = error(watch)
    assert isinstance(told, DownloadError)
    assert "gcloud storage cp gs://bucket/clip.mp4" in told.next_step
    assert (watch.state.status, watch.state.can_resume) == ("succeeded", False)


def test_a_video_inside_the_answer_is_kept_on_disk_and_not_in_memory(
    watches: Watches, server: FaultServer
) -> None:
    encoded = base64.b64encode(CLIP).decode()
    sample = {"bytesBase64Encoded": encoded, "mimeType": "video/mp4"}
    server.operation("veo", "op1", json_reply({"done": True, "response": {"videos": [sample]}}))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    [video] = videos(watch)
    assert video.data == CLIP
    assert watch.state.operation is not None
    assert all(kept._base64 is None for kept in watch.state.operation.videos)
    assert encoded[:40] not in repr(watch.state.operation.raw)


def test_one_sample_that_is_lost_keeps_the_others_and_a_resume_fetches_it_alone(
    watches: Watches, server: FaultServer
) -> None:
    lost = "/v1beta/files/lost:download"
    server.reply(lost, refused(403))
    server.operation("veo", "op1", finished(server.url(FILE), server.url(lost)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    assert isinstance(error(watch), RushesError)
    assert watch.state.status == "failed"
    assert [sample.state for sample in watch.state.samples] == ["ready", "unavailable"]
    [video] = watch.state.videos
    assert video.data == CLIP
    server.serve(lost, Resource(clips.clip(seed=1)))
    watch.resume()
    assert [found.data for found in videos(watch)] == [CLIP, clips.clip(seed=1)]
    assert len(files_of(server)) == 1
    assert len(polls_of(server)) == 1


def test_of_two_samples_that_are_lost_the_first_one_tells_why(watches: Watches, server: FaultServer) -> None:
    for name, status in (("first", 403), ("second", 400)):
        server.reply(f"/v1beta/files/{name}:download", refused(status, f"The {name} is gone."))
    lost = (server.url(f"/v1beta/files/{name}:download") for name in ("first", "second"))
    server.operation("veo", "op1", finished(*lost))
    assert "first" in str(error(watches("veo", "op1", base_url=server.origin, api_key=KEY)))


# It tells.


def test_callbacks_run_on_the_notifier_thread_and_what_they_raise_is_logged(
    watches: Watches, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.operation("veo", "op1", Stall(), finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    told: list[tuple[str, str]] = []
    all_told = threading.Event()

    def broken(_: Watch) -> None:
        raise ValueError("mine")

    def leaving(_: Watch) -> None:
        raise SystemExit

    def tell(finished_watch: Watch) -> None:
        told.append((finished_watch.state.status, threading.current_thread().name))
        finished_watch.future.result(0)
        if len(told) == 2:
            all_told.set()

    for callback in (broken, leaving, tell):
        watch.add_done_callback(callback)
    wait_until(lambda: server.requests)
    assert told == []
    with caplog.at_level(logging.ERROR, "rushes"):
        server.release()
        videos(watch)
        watch.add_done_callback(tell)  # it has ended: soon
        assert all_told.wait(LIMIT_S)
    assert told == [("succeeded", "rushes-notifier-1")] * 2
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [
        ValueError,
        SystemExit,
    ]


def test_a_callback_is_called_once_for_the_attempt_it_was_added_to(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", running())
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    told: list[str] = []
    watch.add_done_callback(lambda told_watch: told.append(told_watch.state.status))
    watch.stop()
    error(watch)
    wait_until(lambda: told)
    server.operation("veo", "op1", finished(server.url(FILE)))
    watch.resume()
    videos(watch)
    last = threading.Event()
    watch.add_done_callback(lambda _: last.set())
    assert last.wait(LIMIT_S)
    assert told == ["stopped"]


def test_a_listener_that_fails_keeps_nobody_else_from_hearing(
    watches: Watches, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.operation("veo", "op1", Stall(), finished(server.url(FILE)))
    one, other = (watches("veo", "op1", base_url=server.origin, api_key=KEY) for _ in range(2))
    done = threading.Event()
    one.subscribe(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    one.add_done_callback(lambda _: done.set())
    wait_until(lambda: server.requests)
    server.release()
    assert videos(one) == videos(other)
    assert done.wait(LIMIT_S)
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)


def test_a_data_directory_that_cannot_be_written_leaves_the_outcome_told(
    watches: Watches, server: FaultServer, own_environment: Path
) -> None:
    own_environment.parent.mkdir(parents=True, exist_ok=True)
    own_environment.write_text("a file is in the way")
    server.operation("veo", "op1", finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    told = error(watch)
    assert isinstance(told, rushes.SaveError)
    assert "RUSHES_DATA_DIR" in str(told)
    assert watch.notice is not None
    assert "not written down" in watch.notice
    server.operation("veo", "op2", json_reply({"done": True, "response": {"raiMediaFilteredCount": 1}}))
    assert ended(watches("veo", "op2", base_url=server.origin, api_key=KEY)).status == "filtered"
    os.unlink(own_environment)
    watch.resume()
    assert videos(watch)[0].data == CLIP
