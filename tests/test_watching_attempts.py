"""Equal watches share one poller; a watch is stopped, resumed and closed."""

from __future__ import annotations

import os
import threading

import pytest
from faults import FaultServer, Stall, finished, running
from live_watches import LIMIT_S, Watches, error, videos
from timing import wait_until
from watched_video import FILE, KEY, files_of, polls_of, video_server

from rushes import watching
from rushes.credentials import Secret
from rushes.errors import AuthenticationError, CredentialsError, InvalidInputError, WatchStoppedError
from rushes.scheduler import shared_scheduler

pytest_plugins = ("watch_fixtures",)

server = pytest.fixture(video_server)


# It shares.


def test_equal_watches_share_one_poller(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", Stall(), finished(server.url(FILE)))
    one, other = (watches("veo", "op1", base_url=server.origin, api_key=KEY) for _ in range(2))
    wait_until(lambda: server.requests)
    server.release()
    assert videos(one) == videos(other)
    assert len(polls_of(server)) == 2
    assert len(files_of(server)) == 1


def test_closing_one_of_two_equal_watches_keeps_the_other(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", running())
    one, other = (watches("veo", "op1", base_url=server.origin, api_key=KEY) for _ in range(2))
    wait_until(lambda: other.state.polls)
    one.close()
    assert isinstance(error(one), WatchStoppedError)
    seen = other.state.polls
    wait_until(lambda: other.state.polls > seen + 2)
    assert other.state.status == "running"
    seen = one.state.polls
    other.close()
    assert isinstance(error(other), WatchStoppedError)
    assert one.state.polls == seen  # and hears no more of it
    sent = len(server.requests)
    fresh = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    wait_until(lambda: len(server.requests) > sent)
    assert fresh.state.attempt == 1  # the poller went with its last watch


def test_closing_twice_counts_once(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", running())
    one, other = (watches("veo", "op1", base_url=server.origin, api_key=KEY) for _ in range(2))
    one.close()
    one.close()
    error(one)
    wait_until(lambda: other.state.polls > 3)
    assert other.state.status == "running"


def test_different_keys_do_not_share(watches: Watches, server: FaultServer) -> None:
    server.reply("/v1beta/models/veo/operations/op1", running())
    for key in ("one-key", "other-key"):
        watches("veo", "op1", base_url=server.origin, api_key=key)
    wait_until(lambda: {request.key for request in server.requests} == {"one-key", "other-key"})


def test_a_stop_is_for_all_that_share_and_watching_again_resumes_all(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", Stall(), finished(server.url(FILE)))
    one, other = (watches("veo", "op1", base_url=server.origin, api_key=KEY) for _ in range(2))
    wait_until(lambda: server.requests)
    waiting = one.future
    one.stop()
    assert isinstance(error(one), WatchStoppedError)
    assert isinstance(error(other), WatchStoppedError)
    third = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    assert videos(third) == videos(one) == videos(other)
    assert isinstance(waiting.exception(0), WatchStoppedError)


def test_a_watch_that_went_on_with_another_key_hears_no_more_of_the_first(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", finished(server.url(FILE)))
    wrong = {"base_url": server.origin, "api_key": "not-the-key"}
    watch = watches("veo", "op1", **wrong)
    error(watch)
    watch.resume(Secret(KEY))
    found = videos(watch)
    # The video is kept, so that only a removed one makes this ask with the first key again.
    os.unlink(found[0])
    assert isinstance(error(watches("veo", "op1", **wrong)), AuthenticationError)
    assert watch.state.status == "succeeded"


def test_the_last_watch_takes_its_connections_along(watches: Watches, server: FaultServer) -> None:
    for name in ("op1", "op2"):
        server.operation("veo", name, running())
    both = [watches("veo", name, base_url=server.origin, api_key=KEY) for name in ("op1", "op2")]
    wait_until(lambda: server.connections)
    for watch in both:
        watch.close()
    wait_until(lambda: not server.connections)


def test_a_hung_request_delays_no_other_watch(watches: Watches, server: FaultServer) -> None:
    for number in range(7):
        server.operation("veo", f"hung{number}", Stall(), running())
        watches("veo", f"hung{number}", base_url=server.origin, api_key=KEY)
    wait_until(lambda: len(server.requests) == 7)
    server.operation("veo", "op1", finished(server.url(FILE)))
    assert videos(watches("veo", "op1", base_url=server.origin, api_key=KEY))
    assert all(watch.state.poll_sent_at is not None for watch in watches.opened[:-1])


# It is stopped and resumed.


def test_a_stopped_watch_asks_no_more_and_a_resume_is_a_new_attempt(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", running())
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    wait_until(lambda: watch.state.polls > 2)
    earlier = watch.future
    watch.stop()
    stopped = error(watch)
    assert isinstance(stopped, WatchStoppedError)
    assert (watch.state.status, watch.state.next_poll_at) == ("stopped", None)
    watch.resume()
    assert watch.state.status == "running"
    assert not watch.state.done
    server.operation("veo", "op1", finished(server.url(FILE)))
    assert videos(watch)
    assert watch.future is not earlier
    assert earlier.exception(0) is stopped
    assert watch.state.error is None


def test_a_resume_while_it_runs_or_once_it_is_final_has_no_effect(
    watches: Watches, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.operation("veo", "op1", Stall(), finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    wait_until(lambda: server.requests)
    future = watch.future
    monkeypatch.setattr(watching, "credentials_for", None)  # no question to Colab's page either
    watch.resume()
    assert watch.future is future
    server.release()
    videos(watch)
    watch.resume()
    watch.stop()
    assert watch.future is future
    assert watch.state.status == "succeeded"


def test_a_stop_right_behind_a_resume_is_heard(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", running())
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    watch.stop()
    error(watch)
    for _ in range(10):
        watch.resume()
        watch.stop()
        assert isinstance(error(watch), WatchStoppedError)
    server.operation("veo", "op1", finished(server.url(FILE)))
    watch.resume()
    assert videos(watch)


def test_a_resume_with_another_key_is_not_lost_to_news_of_an_earlier_attempt(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", finished(server.url(FILE)))
    wrong = {"base_url": server.origin, "api_key": "not-the-key"}
    watch = watches("veo", "op1", **wrong)
    assert isinstance(error(watch), AuthenticationError)
    begun, go_on = threading.Event(), threading.Event()
    shared_scheduler().disk.submit(lambda: (begun.set(), go_on.wait(LIMIT_S)))
    assert begun.wait(LIMIT_S)
    watch.resume(Secret(KEY))  # looks at the disk first, which is slow
    assert isinstance(error(watches("veo", "op1", **wrong)), AuthenticationError)
    assert watch.state.status == "running"
    go_on.set()
    assert videos(watch)


def test_a_resume_that_cannot_be_done_is_an_attempt_that_ends_with_the_reason(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", running())
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    refusal = InvalidInputError("That is no URL.")
    watch.refuse(refusal)  # while it runs nothing is resumed
    watch.stop()
    error(watch)
    assert watch.state.attempt == 1
    watch.refuse(refusal)
    wait_until(lambda: watch.state.attempt == 2 and watch.state.done)
    assert (watch.state.status, watch.state.error, error(watch)) == ("failed", refusal, refusal)
    watch.resume()
    wait_until(lambda: watch.state.status == "running")


def test_a_resume_that_was_stopped_does_not_lend_its_key_to_the_next(
    watches: Watches, server: FaultServer
) -> None:
    server.operation("veo", "op1", finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin)
    assert isinstance(error(watch), CredentialsError)
    begun, go_on = threading.Event(), threading.Event()
    shared_scheduler().disk.submit(lambda: (begun.set(), go_on.wait(LIMIT_S)))
    assert begun.wait(LIMIT_S)
    watch.resume(Secret("not-the-key"))
    watch.stop()
    assert isinstance(error(watch), WatchStoppedError)
    watch.resume(Secret(KEY))
    go_on.set()
    assert videos(watch)
    assert {request.key for request in server.requests} == {KEY}


def test_a_closed_watch_stays_closed(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", running())
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    watch.close()
    closed = error(watch)
    assert "Call watch() again" in str(closed)
    assert "resume" not in str(closed)
    watch.resume()
    watch.stop()
    assert watch.future.exception(0) is closed
    assert watch.state.status == "stopped"


def test_nobody_who_waits_can_cancel_the_outcome_for_all(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", Stall(), finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin, api_key=KEY)
    assert not watch.future.cancel()
    wait_until(lambda: server.requests)
    server.release()
    assert videos(watch)
