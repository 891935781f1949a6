"""The one thread that owns the state of all watches: calls in order, timers on time, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import FaultServer, Stall, running
from timing import wait_until, within

from rushes import scheduler as module
from rushes.scheduler import Scheduler, shared_scheduler

LIMIT_S = 30.0
SOURCE = str(Path(__file__).parents[1] / "src")


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    made = Scheduler()
    made.start()
    yield made
    made.stop()
    assert made.join(LIMIT_S)


def called(scheduler: Scheduler) -> None:
    """Wait until everything posted before has been called."""
    done = threading.Event()
    scheduler.post(done.set)
    assert done.wait(LIMIT_S)


def test_calls_are_made_in_order_on_one_daemon_thread(scheduler: Scheduler) -> None:
    seen: list[tuple[int, threading.Thread]] = []
    for number in range(100):
        scheduler.post(lambda number=number: seen.append((number, threading.current_thread())))  # type: ignore[misc]
    called(scheduler)
    assert [number for number, _ in seen] == list(range(100))
    [thread] = {thread for _, thread in seen}
    assert thread.daemon
    assert thread is not threading.current_thread()


def test_a_call_that_raises_is_logged_and_the_next_is_made(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler.post(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    called(scheduler)
    [record] = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)


def test_timers_fire_in_the_order_of_their_times_and_those_of_one_time_as_they_were_set(
    scheduler: Scheduler,
) -> None:
    seen: list[str] = []
    done = threading.Event()

    def set_all() -> None:
        now = time.monotonic()
        for name, delay_s in (("d", 0.06), ("b", 0.03), ("c", 0.03), ("a", 0.01)):
            scheduler.at(now + delay_s, lambda name=name: seen.append(name))  # type: ignore[misc]
        scheduler.at(now + 0.06, done.set)

    scheduler.post(set_all)
    assert done.wait(LIMIT_S)
    assert seen == ["a", "b", "c", "d"]


def test_a_timer_never_fires_early_and_one_that_is_overdue_fires_at_once(scheduler: Scheduler) -> None:
    fired: list[float] = []
    done = threading.Event()
    due = time.monotonic() + 0.05
    scheduler.post(lambda: scheduler.at(due, lambda: (fired.append(time.monotonic()), done.set())) and None)
    assert done.wait(LIMIT_S)
    assert fired[0] >= due
    late = threading.Event()
    scheduler.post(lambda: scheduler.at(0.0, late.set) and None)
    assert late.wait(LIMIT_S)


def test_a_cancelled_timer_does_not_fire(scheduler: Scheduler) -> None:
    seen: list[str] = []
    done = threading.Event()

    def set_both() -> None:
        now = time.monotonic()
        scheduler.at(now + 0.01, lambda: seen.append("cancelled")).cancel()
        scheduler.at(now + 0.02, done.set)

    scheduler.post(set_both)
    assert done.wait(LIMIT_S)
    assert seen == []


def test_a_timer_is_not_held_up_by_calls_that_keep_coming(scheduler: Scheduler) -> None:
    fired = threading.Event()

    def again() -> None:
        if not fired.is_set():
            scheduler.post(again)

    scheduler.post(lambda: scheduler.at(time.monotonic() + 0.02, fired.set) and None)
    scheduler.post(again)
    assert fired.wait(LIMIT_S)


def test_a_timer_years_away_does_not_stop_the_thread(scheduler: Scheduler) -> None:
    scheduler.post(lambda: scheduler.at(time.monotonic() + 1e10, lambda: None) and None)
    called(scheduler)
    called(scheduler)


def test_stop_ends_every_thread_and_forgets_the_timers() -> None:
    before = set(threading.enumerate())
    scheduler = Scheduler()
    scheduler.start()
    scheduler.start()
    seen: list[str] = []
    done = [threading.Event() for _ in range(4)]
    pools = (scheduler.polls, scheduler.downloads, scheduler.disk, scheduler.notifier)
    for pool, event in zip(pools, done, strict=True):
        pool.submit(event.set)
    assert all(event.wait(LIMIT_S) for event in done)
    assert len(set(threading.enumerate()) - before) == 5
    scheduler.post(lambda: scheduler.at(time.monotonic() + 60.0, lambda: seen.append("late")) and None)
    scheduler.stop()
    assert scheduler.join(LIMIT_S)
    assert set(threading.enumerate()) <= before
    assert seen == []


def test_a_scheduler_that_was_never_started_is_joined_at_once() -> None:
    assert Scheduler().join(0)


def test_join_tells_that_a_job_still_hangs() -> None:
    scheduler = Scheduler()
    scheduler.start()
    begun, release = threading.Event(), threading.Event()
    scheduler.downloads.submit(lambda: (begun.set(), release.wait(LIMIT_S)))
    assert begun.wait(LIMIT_S)
    scheduler.stop()
    assert not scheduler.join(0.01)
    release.set()
    assert scheduler.join(LIMIT_S)


def test_all_watches_of_a_process_share_one_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_shared", None)
    found: list[Scheduler] = []
    together = threading.Barrier(8)

    def run() -> None:
        together.wait(LIMIT_S)
        found.append(shared_scheduler())

    threads = [threading.Thread(target=run, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    assert len(found) == 8
    assert len(set(map(id, found))) == 1
    found[0].stop()
    assert found[0].join(LIMIT_S)


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


FORK = """
import os, warnings
warnings.simplefilter("ignore")
import rushes
from rushes.watching import open_watch

with rushes.demo_endpoint(seconds=0) as endpoint:
    names = [endpoint.create_operation() for _ in range(2)]
    watches = [open_watch(names[0], base_url=endpoint.base_url, api_key=endpoint.api_key)]
    watches[0].future.result(20)
    child = os.fork()
    if child == 0:
        try:
            watch = open_watch(names[1], base_url=endpoint.base_url, api_key=endpoint.api_key)
            [video] = watch.future.result(20)
            os._exit(len(video.data) == 0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), watches[0].state.status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_watches_on_threads_of_its_own() -> None:
    ended = python(FORK)
    assert ended.stdout.split() == ["0", "succeeded"], ended.stderr


HANG = """
import sys, time
from rushes.watching import open_watch
watch = open_watch("veo", "op1", base_url=sys.argv[1], api_key="k")
input()
print(time.time())
"""


@pytest.mark.parametrize("stall", [Stall(), Stall(after_bytes=10)])
def test_a_hung_request_does_not_hold_the_interpreter_up(stall: Stall) -> None:
    with FaultServer(key="k") as server:
        within(2.0, lambda: exits(server, stall))


def exits(server: FaultServer, stall: Stall) -> float:
    """Seconds from the last line of a program whose watch hangs in a request to the end of its process."""
    server.requests.clear()
    server.operation("veo", "op1", stall, running())
    process = subprocess.Popen(
        [sys.executable, "-c", HANG, server.origin],
        env={**os.environ, "PYTHONPATH": SOURCE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            wait_until(lambda: server.requests)
            last_line_at, complaints = process.communicate("go\n", timeout=30)
            took_s = time.time() - float(last_line_at)
        finally:
            process.kill()
    assert (process.returncode, complaints) == (0, "")
    return took_s
