"""Threads that carry out blocking work: none waits for another while one is free, none is lost, none is left."""

from __future__ import annotations

import contextvars
import logging
import sys
import threading

import pytest

from rushes.workers import WorkerPool

LIMIT_S = 10.0


def alive(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith(name)]


def test_threads_start_only_as_jobs_come_and_are_used_again() -> None:
    pool = WorkerPool("few", 64)
    assert alive("few") == []
    for number in range(50):
        done = threading.Event()
        pool.submit(done.set)
        assert done.wait(LIMIT_S), number
    # A job may come while the thread of the one before is on its way back, seldom.
    assert 1 <= len(alive("few")) < 25
    pool.stop()
    assert pool.join(LIMIT_S)
    assert alive("few") == []


def test_threads_are_daemons_so_that_a_hung_request_does_not_hold_the_interpreter_up() -> None:
    pool = WorkerPool("daemon", 2)
    pool.submit(lambda: None)
    assert all(thread.daemon for thread in alive("daemon"))
    pool.stop()
    assert pool.join(LIMIT_S)


def test_a_hung_job_delays_no_other_while_a_worker_is_free() -> None:
    pool = WorkerPool("hung", 3)
    release = threading.Event()
    hung = [threading.Event() for _ in range(2)]
    for event in hung:
        pool.submit(lambda event=event: (event.set(), release.wait(LIMIT_S)))  # type: ignore[misc]
    assert all(event.wait(LIMIT_S) for event in hung)
    for _ in range(50):
        done = threading.Event()
        pool.submit(done.set)
        assert done.wait(LIMIT_S)
    assert len(alive("hung")) == 3
    pool.stop()
    release.set()
    assert pool.join(LIMIT_S)


def test_as_many_jobs_as_workers_run_together_whatever_ran_before() -> None:
    for before in range(20):
        pool = WorkerPool("together", 4)
        for _ in range(before % 4):
            done = threading.Event()
            pool.submit(done.set)
            assert done.wait(LIMIT_S)
        meeting = threading.Barrier(5)
        for _ in range(4):
            pool.submit(lambda meeting=meeting: meeting.wait(LIMIT_S))  # type: ignore[misc]
        meeting.wait(LIMIT_S)  # breaks if one job waits behind another
        pool.stop()
        assert pool.join(LIMIT_S)


def test_jobs_beyond_the_size_wait_their_turn() -> None:
    pool = WorkerPool("turn", 1)
    seen: list[int] = []
    done = threading.Event()
    for number in range(100):
        pool.submit(lambda number=number: seen.append(number))  # type: ignore[misc]
    pool.submit(done.set)
    assert done.wait(LIMIT_S)
    assert seen == list(range(100))
    assert len(alive("turn")) == 1
    pool.stop()
    assert pool.join(LIMIT_S)


@pytest.mark.parametrize("error", [ValueError("mine"), SystemExit(1), KeyboardInterrupt()])
def test_what_a_job_raises_is_logged_and_the_thread_lives_on(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    pool = WorkerPool("raising", 1)
    done = threading.Event()

    def fail() -> None:
        raise error

    with caplog.at_level(logging.ERROR, "rushes"):
        pool.submit(fail)
        pool.submit(done.set)
        assert done.wait(LIMIT_S)
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is error
    assert "raising" in record.getMessage()
    pool.stop()
    assert pool.join(LIMIT_S)


def test_stop_ends_the_threads_after_what_was_submitted_and_takes_nothing_more() -> None:
    pool = WorkerPool("stopping", 1)
    begun, release, later = threading.Event(), threading.Event(), threading.Event()
    seen: list[str] = []
    pool.submit(lambda: (begun.set(), release.wait(LIMIT_S)))
    pool.submit(lambda: seen.append("before"))
    assert begun.wait(LIMIT_S)
    pool.stop()
    pool.submit(later.set)
    assert not pool.join(0)
    release.set()
    assert pool.join(LIMIT_S)
    assert seen == ["before"]
    assert not later.is_set()


def test_a_pool_that_never_worked_ends_too() -> None:
    pool = WorkerPool("idle", 3)
    pool.stop()
    assert pool.join(0)


def test_a_finished_job_is_let_go() -> None:
    pool = WorkerPool("memory", 1)
    finished, done = threading.Event(), threading.Event()

    class Job:
        def __call__(self) -> None:
            done.set()

        def __del__(self) -> None:
            finished.set()

    pool.submit(Job())
    assert done.wait(LIMIT_S)
    assert finished.wait(LIMIT_S), "an idle thread holds on to its last job, and to the video in it"
    pool.stop()
    assert pool.join(LIMIT_S)


def test_jobs_see_the_context_that_the_thread_was_started_in() -> None:
    cell = contextvars.ContextVar("cell", default="none")
    pool = WorkerPool("context", 1)
    seen: list[str] = []
    done = threading.Event()
    cell.set("cell 7")
    pool.submit(lambda: (seen.append(cell.get()), done.set()))
    assert done.wait(LIMIT_S)
    assert seen == ["cell 7"]
    pool.stop()
    assert pool.join(LIMIT_S)


def test_many_threads_may_submit_at_once() -> None:
    pool = WorkerPool("crowd", 4)
    count = 0
    lock = threading.Lock()
    all_done = threading.Event()

    def job() -> None:
        nonlocal count
        with lock:
            count += 1
            if count == 800:
                all_done.set()

    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        crowd = [
            threading.Thread(target=lambda: [pool.submit(job) for _ in range(100)], daemon=True)
            for _ in range(8)
        ]
        for thread in crowd:
            thread.start()
        assert all_done.wait(LIMIT_S)
    finally:
        sys.setswitchinterval(interval_s)
    for thread in crowd:
        thread.join(LIMIT_S)
    pool.stop()
    assert pool.join(LIMIT_S)
