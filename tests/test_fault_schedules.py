"""Whatever happens on the way: a run ends in a whole file or a typed error, and nothing leaks.

Each schedule comes from a seed that is printed with a failure. `RUSHES_FAULT_SEED=n` runs that one alone;
`RUSHES_SOAK_SCHEDULES` sets how many the soak runs.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import FaultServer
from leaks import KEY, traces_in
from live_watches import LIMIT_S, Watches, live_watches
from schedules import DownloadSchedule, download_schedule, watch_schedule
from timing import wait_until

import rushes.client
import rushes.retrieval
import rushes.schedule
import rushes.watcher
from rushes.credentials import Secret
from rushes.download import download
from rushes.errors import RushesError, WatchStoppedError
from rushes.operation import Video
from rushes.provider import provider_at
from rushes.scheduler import shared_scheduler
from rushes.transport import Transport

# Long enough for a busy machine: a foreign host is given up after two requests that bring nothing.
READ_TIMEOUT_S = 1.0
#: How many watches run at the same time.
TOGETHER = 25
#: What the scheduler of the watches holds while it lives, such as the pipe of a selector.
ALLOWANCE = 4
SOAK = int(os.environ.get("RUSHES_SOAK_SCHEDULES", "20000"))


@pytest.fixture(scope="module")
def own() -> Iterator[FaultServer]:
    with FaultServer(key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def foreign() -> Iterator[FaultServer]:
    with FaultServer("127.0.0.2", key=KEY) as server:
        yield server


def seeds(count: int) -> range:
    one = os.environ.get("RUSHES_FAULT_SEED")
    return range(int(one), int(one) + 1) if one else range(count)


def descriptors() -> int:
    """How many this process holds; 0 where the system does not list them."""
    listing = Path("/proc/self/fd")
    return len(os.listdir(listing)) if listing.exists() else 0


def run_all(count: int, check: Callable[[int], None]) -> None:
    """Run the schedules of all seeds, and tell how many failed and the first of them."""
    failed: list[tuple[int, BaseException]] = []
    for seed in seeds(count):
        try:
            check(seed)
        except (AssertionError, Exception) as error:
            failed.append((seed, error))
            if len(failed) == 20:
                break
    print(f"\n{len(seeds(count)):,} schedules, {len(failed)} failed, seeds {[seed for seed, _ in failed]}")
    if failed:
        seed, first = failed[0]
        print(f"RUSHES_FAULT_SEED={seed}")
        raise first


class Outcome:
    """How the calls of one schedule ended."""

    def __init__(self, plan: DownloadSchedule, own: FaultServer, foreign: FaultServer, place: Path) -> None:
        self.plan = plan
        self.destination = place / "clip.mp4"
        self.error: RushesError | None = None
        self.generations: list[list[int]] = []
        uri = plan.lay_out(own, foreign)
        with Transport(provider_at(own.origin), Secret(KEY), read_timeout_s=READ_TIMEOUT_S) as transport:
            for stop in (*plan.stops, None):
                if not self._call(transport, uri, stop):
                    break

    def _call(self, transport: Transport, uri: str, stop: int | None) -> bool:
        """Download once; whether it was stopped."""
        looks = 0

        def cancelled() -> bool:
            nonlocal looks
            looks += 1
            return stop is not None and looks > stop

        self.error = None
        generations: list[int] = []
        self.generations.append(generations)
        try:
            download(
                transport,
                Video(uri=uri),
                self.destination,
                max_bytes=self.plan.max_bytes,
                on_progress=lambda progress: generations.append(progress.generation),
                cancelled=cancelled,
                sleep=lambda seconds: None,
            )
        except WatchStoppedError:
            assert stop is not None, "stopped though nobody asked for it"
            return True
        except RushesError as error:
            self.error = error
        return False


def check_download(seed: int, own: FaultServer, foreign: FaultServer, place: Path) -> None:
    held = descriptors()
    threads = threading.active_count()
    plan = download_schedule(seed)
    place.mkdir()
    outcome = Outcome(plan, own, foreign, place)
    left = {path.name for path in place.iterdir()}
    if plan.errors:
        assert outcome.error is not None, "it should have failed"
        assert type(outcome.error) in plan.errors, repr(outcome.error)
        assert "clip.mp4" not in left
        assert traces_in(outcome.error) == []
        assert outcome.error.next_step
    else:
        assert outcome.error is None, repr(outcome.error)
        assert outcome.destination.read_bytes() == plan.content(own, foreign)
        assert left == {"clip.mp4"}
    for generations in outcome.generations:
        assert generations == sorted(generations)
    assert {request.key for request in foreign.requests} <= {None}
    assert {request.key for request in own.requests} <= {KEY}
    for note in place.glob("*.json"):
        assert "http" not in note.read_text()
    shutil.rmtree(place)
    wait_until(lambda: not own.connections and not foreign.connections, "a connection is left")
    if descriptors() > held:
        gc.collect()
    assert descriptors() <= held, "a file descriptor is left"
    wait_until(lambda: threading.active_count() <= threads, "a thread is left")
    own.clear()
    foreign.clear()


class WatchRun:
    """One watch through its schedule, and what its page would have been told."""

    def __init__(self, seed: int, own: FaultServer, foreign: FaultServer, watches: Watches) -> None:
        self.plan = watch_schedule(seed)
        self.plan.lay_out(own, foreign)
        self.told: dict[int, list[int]] = {}
        self.watch = watches(
            "veo", self.plan.operation_id, base_url=own.origin, api_key=KEY, timeout=self.plan.timeout_s
        )
        self.watch.subscribe(self._listen)

    def _listen(self) -> None:
        for index, sample in enumerate(self.watch.state.samples):
            if sample.path is not None:
                self.told.setdefault(index, []).append(sample.generation)

    def finish(self) -> None:
        """Stop and resume as planned, then wait for the end."""
        watch, plan = self.watch, self.plan
        if plan.stop_after_polls is not None:
            polls = plan.stop_after_polls
            self._interrupt(lambda: watch.state.polls >= polls)
        if plan.stop_in_download:
            self._interrupt(lambda: watch.state.status == "downloading")
        watch.future.exception(LIMIT_S)

    def _interrupt(self, ripe: Callable[[], bool]) -> None:
        watch = self.watch
        wait_until(lambda: ripe() or watch.state.done)
        watch.stop()
        if isinstance(watch.future.exception(LIMIT_S), WatchStoppedError):
            watch.resume()

    def check(self, own: FaultServer, foreign: FaultServer) -> None:
        state = self.watch.state
        error = self.watch.future.exception()
        assert state.status == self.plan.status, (state.status, error)
        assert error is not None or not self.plan.errors
        assert error is None or type(error).__name__ in self.plan.errors, repr(error)
        assert error is None or traces_in(error) == []
        assert len(state.samples) >= len(self.plan.downloads)
        for plan, sample in zip(self.plan.downloads, state.samples, strict=False):
            assert (sample.state == "ready") == (not plan.errors)
            if sample.path is not None and sample.state == "ready":
                content = plan.content(own, foreign)
                assert sample.path.read_bytes() == content
                assert sample.sha256 == hashlib.sha256(content).hexdigest()
        assert KEY not in repr(state) + repr(self.watch)
        for generations in self.told.values():
            assert generations == sorted(generations), "a page ignores what is below what it has seen"


@pytest.fixture
def watches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watches]:
    """Watches without the pauses that spare a real endpoint."""
    with live_watches(monkeypatch) as opened:
        monkeypatch.setattr(rushes.watcher, "poll_interval_s", lambda *_: 0.002)
        monkeypatch.setattr(rushes.schedule, "FIRST_RETRY_S", 0.002)
        monkeypatch.setattr(rushes.watcher, "NOT_FOUND_GRACE_S", 0.02)
        hurried = functools.partial(download, sleep=lambda seconds: None)
        monkeypatch.setattr(rushes.retrieval, "download", hurried)
        impatient = functools.partial(Transport, read_timeout_s=READ_TIMEOUT_S)
        monkeypatch.setattr(rushes.client, "Transport", impatient)
        yield opened


def run_watches(
    count: int, own: FaultServer, foreign: FaultServer, watches: Watches, data_directory: Path
) -> None:
    """Run the schedules of all seeds, some at the same time as in a notebook full of cards."""
    held = descriptors()
    started: dict[int, WatchRun] = {}

    def check(seed: int) -> None:
        if seed % TOGETHER == 0 or not started:
            started.clear()
            for each in range(seed, seed + TOGETHER):
                started[each] = WatchRun(each, own, foreign, watches)
        run = started[seed]
        run.finish()
        run.check(own, foreign)
        if seed % TOGETHER == TOGETHER - 1:
            settle()

    def settle() -> None:
        for run in started.values():
            run.finish()
        watches.close()
        watches.opened.clear()
        wait_until(lambda: not own.connections and not foreign.connections, "a connection is left")
        assert {request.key for request in foreign.requests} <= {None}
        assert {request.key for request in own.requests} <= {KEY}
        assert all(KEY not in request.path for request in (*own.requests, *foreign.requests))
        written = threading.Event()  # what a watch writes down once its future is settled
        shared_scheduler().disk.submit(written.set)
        assert written.wait(LIMIT_S)
        for path in data_directory.rglob("*"):
            assert path.suffix == ".mp4" or not path.is_file() or KEY not in path.read_text("latin-1")
        shutil.rmtree(data_directory, ignore_errors=True)
        own.clear()
        foreign.clear()

    run_all(count, check)
    settle()
    gc.collect()
    wait_until(lambda: descriptors() <= held + ALLOWANCE, "a file descriptor is left")


@pytest.mark.timeout(300)
def test_every_download_ends_in_a_whole_file_or_a_typed_error(
    own: FaultServer, foreign: FaultServer, tmp_path: Path
) -> None:
    run_all(1_000, lambda seed: check_download(seed, own, foreign, tmp_path / str(seed)))


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_download_of_the_soak_ends_so_too(
    own: FaultServer, foreign: FaultServer, tmp_path: Path
) -> None:
    run_all(SOAK, lambda seed: check_download(seed, own, foreign, tmp_path / str(seed)))


@pytest.mark.timeout(300)
def test_every_watch_ends_in_the_right_state(
    own: FaultServer, foreign: FaultServer, watches: Watches, own_environment: Path
) -> None:
    run_watches(1_000, own, foreign, watches, own_environment)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_watch_of_the_soak_ends_so_too(
    own: FaultServer, foreign: FaultServer, watches: Watches, own_environment: Path
) -> None:
    run_watches(SOAK, own, foreign, watches, own_environment)
