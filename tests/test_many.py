"""Many watches at once: one budget for each endpoint, few threads, connections that are kept alive."""

from __future__ import annotations

import threading
import time

import pytest
from faults import FaultServer, Resource, Stall, busy, finished, json_reply, running
from live_watches import LIMIT_S, Watches, ended, videos
from timing import wait_until
from watched_video import CLIP, FILE, KEY, video_server

from rushes import rate_budget
from rushes.admission import Admission
from rushes.rate_budget import MOST_UNDER_WAY, PollRequest
from rushes.scheduler import DOWNLOAD_WORKERS, POLL_WORKERS, Scheduler

pytest_plugins = ("watch_fixtures",)

server = pytest.fixture(video_server)


def asked(server: FaultServer, operation_id: str) -> int:
    """How many polls of an operation have come in."""
    return sum(request.path.endswith(f"/{operation_id}") for request in server.requests)


def test_a_429_slows_all_watches_of_its_endpoint_and_none_of_another(
    watches: Watches, server: FaultServer
) -> None:
    with FaultServer(key=KEY) as other:
        server.operation("veo", "refused", running(), running(), busy(429, "500"), running())
        server.operation("veo", "bystander", running())
        other.operation("veo", "elsewhere", running())
        options = {"base_url": server.origin, "api_key": KEY}
        bystander = watches("veo", "bystander", **options)
        wait_until(lambda: asked(server, "bystander"))
        refused = watches("veo", "refused", **options)
        elsewhere = watches("veo", "elsewhere", base_url=other.origin, api_key=KEY)
        for watch in (refused, bystander):
            wait_until(lambda watch=watch: (watch.state.next_poll_at or 0.0) - time.time() > 400.0)
        assert refused.state.retry is not None
        assert bystander.state.retry is None, "its own polls have not failed"
        assert (asked(server, "refused"), asked(server, "bystander") > 0) == (3, True)

        before, polls = asked(server, "bystander"), elsewhere.state.polls
        newcomer = watches("veo", "newcomer", **options)
        wait_until(lambda: (newcomer.state.next_poll_at or 0.0) - time.time() > 400.0)
        wait_until(lambda: elsewhere.state.polls > polls + 20)
        assert (asked(server, "bystander"), asked(server, "newcomer")) == (before, 0)
        bystander.stop()
        assert ended(bystander).status == "stopped"


def test_the_endpoint_is_asked_again_by_all_once_the_pause_is_over(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "refused", busy(429, "1"), finished(server.url(FILE)))
    server.operation("veo", "bystander", finished(server.url(FILE)))
    options = {"base_url": server.origin, "api_key": KEY}
    refused = watches("veo", "refused", **options)
    wait_until(lambda: refused.state.retry)
    bystander = watches("veo", "bystander", **options)
    assert [len(videos(watch)) for watch in (refused, bystander)] == [1, 1]
    # Whichever of the two goes first once it is over.
    assert (asked(server, "refused"), asked(server, "bystander")) == (2, 1)


def test_many_watches_take_turns_on_few_threads_and_kept_connections(
    watches: Watches, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_budget, "FULL_RATE_PER_S", 200.0)
    count = 60
    others = set(threading.enumerate())  # what earlier tests have left, such as the publisher of the cards
    for number in range(count):
        server.operation("veo", f"op{number}", running(), running(), json_reply({"name": "x", "done": True}))
    opened = [watches("veo", f"op{number}", base_url=server.origin, api_key=KEY) for number in range(count)]
    most_threads = 0

    def all_ended() -> bool:
        nonlocal most_threads
        threads = {thread for thread in threading.enumerate() if thread.name.startswith("rushes-")}
        most_threads = max(most_threads, len(threads - others))
        assert server.connections <= MOST_UNDER_WAY
        return all(watch.future.done() for watch in opened)

    wait_until(all_ended)
    assert {watch.state.status for watch in opened} == {"empty"}
    assert {watch.state.polls for watch in opened} == {3}
    assert len(server.requests) == 3 * count
    # The scheduler, the disk and the notifier have one each.
    assert most_threads <= POLL_WORKERS + DOWNLOAD_WORKERS + 3


def test_downloads_that_hang_delay_no_poll(watches: Watches, server: FaultServer) -> None:
    options = {"base_url": server.origin, "api_key": KEY}
    stalled = DOWNLOAD_WORKERS + 4
    for number in range(stalled):
        server.serve(f"/files/{number}", Resource(CLIP, needs_key=True), *[Stall(after_bytes=10)] * 9)
        server.operation("veo", f"op{number}", finished(server.url(f"/files/{number}")))
        watches("veo", f"op{number}", **options)
    wait_until(
        lambda: sum(request.path.startswith("/files/") for request in server.requests) == DOWNLOAD_WORKERS
    )
    server.operation(
        "veo", "polled", *(running() for _ in range(20)), json_reply({"name": "x", "done": True})
    )
    assert ended(watches("veo", "polled", **options)).status == "empty"
    files = [request for request in server.requests if request.path.startswith("/files/")]
    assert len(files) == DOWNLOAD_WORKERS, "no more downloads at once than that"


def test_a_request_that_fails_to_be_sent_keeps_none_behind_it_waiting() -> None:
    scheduler = Scheduler()
    scheduler.start()
    admission = Admission(scheduler)
    sent = threading.Event()

    def broken() -> bool:
        raise ZeroDivisionError

    def last() -> bool:
        sent.set()
        return True

    def ask() -> None:
        for send in [broken] * (2 * MOST_UNDER_WAY) + [lambda: False] * (2 * MOST_UNDER_WAY) + [last]:
            admission.ask("https://api.example.com", PollRequest(0.0, send, lambda at: None))

    scheduler.post(ask)
    assert sent.wait(LIMIT_S)
    scheduler.stop()
    assert scheduler.join(LIMIT_S)
