"""`rushes.report()`: everything that a bug report needs, and nothing that it must not hold."""

from __future__ import annotations

import gc
import importlib.metadata
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_watch import RUNNING, FakeWatch, RecordingComm, made
from hand_driven import running
from IPython.lib.pretty import pretty
from live_watches import Watches, ended, live_watches
from timing import wait_until

import rushes
from rushes import watching
from rushes.bug_report import last_answer, report_on
from rushes.errors import AuthenticationError, InvalidInputError, OperationFilteredError, SaveError
from rushes.host import host_title
from rushes.operation import Operation
from rushes.poll_history import PollHistory
from rushes.publisher import shared_publisher
from rushes.stars import Stars
from rushes.take import Take
from rushes.watch_state import Retry, WatchState

pytest_plugins = ("widget_fixtures",)


def refused() -> WatchState:
    error = AuthenticationError(401, "401", "Invalid signature", provider="GPTProto")
    error.answer = '{"error": "Invalid signature"}'
    history = PollHistory().answered(running(), 200, sent_at=1_700_000_000.0, took_s=0.25)
    history = history.failed(error, sent_at=1_700_000_010.0, took_s=12.0)
    return replace(RUNNING, status="failed", polls=2, history=history, error=error, ended_at=1_700_000_022.0)


def facts(text: str) -> dict[str, str]:
    return {line[:12].strip(): line[13:] for line in text.splitlines()}


def test_it_names_the_operation_who_was_asked_and_where_the_key_came_from() -> None:
    told = facts(rushes.report(_Held(FakeWatch(refused()))))
    assert told["Operation"] == "models/veo-3.1/operations/op1"
    assert told["Provider"] == "GPTProto, https://api.gptproto.com"
    assert told["Key"] == "from GPTPROTO_API_KEY in the environment"
    assert told["Status"] == "failed, attempt 1"
    assert told["Began"] == "2023-11-14 22:13:20 UTC"
    assert told["Ended"] == "2023-11-14 22:13:42 UTC"


def test_words_of_a_server_bring_no_signature_no_video_and_no_command_along() -> None:
    words = "see \x1b[2J https:\\/\\/h\\/1?sig=canary\nKey   \u202efrom /files/1?sig=canary " + "A" * 1_000
    error = AuthenticationError(401, "401", words, provider="GPTProto")
    state = replace(refused(), error=error, retry=Retry(words, 0.0))
    report = rushes.report(_Held(FakeWatch(state)))
    assert "canary" not in report
    assert "A" * 200 not in report
    assert report.replace("\n", "").isprintable()
    assert facts(report)["Key"] == "from GPTPROTO_API_KEY in the environment"


def test_it_is_never_too_long_for_an_issue() -> None:
    error = OperationFilteredError(["no, " * 500] * 20)
    assert len(rushes.report(_Held(FakeWatch(replace(refused(), error=error))))) < 20_000


def test_it_names_nobody_by_the_path_of_their_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    report = rushes.report(
        _Held(FakeWatch(replace(refused(), error=SaveError(f"{tmp_path}/a.mp4 is full."))))
    )
    assert "Error        SaveError: ~/a.mp4 is full." in report
    assert str(tmp_path) not in report


class _Held:
    """Whatever holds a watch."""

    def __init__(self, watch: FakeWatch) -> None:
        self._watch = watch


def test_it_tells_the_error_with_its_page_the_polls_and_the_last_answer() -> None:
    state = refused()
    told = rushes.report(_Held(FakeWatch(state)))
    assert f"Error        AuthenticationError: {state.error}\n             {state.error.help_url}\n" in told  # type: ignore[union-attr]
    assert told.endswith(
        "\nPolls: 2, times in UTC\n"
        "2023-11-14 22:13:20  200    0.25 s  running\n"
        "2023-11-14 22:13:30  401   12.00 s  AuthenticationError\n"
        '\nLast answer\n{"error": "Invalid signature"}'
    )


def test_it_tells_the_versions_and_the_host() -> None:
    told = facts(report_on(None))
    for package in ("rushes", "anywidget", "ipywidgets", "ipykernel", "IPython", "requests"):
        assert told[package] == importlib.metadata.version(package)
    assert told["Python"].startswith(platform.python_version())
    assert told["System"] == platform.platform()
    assert told["Host"] == host_title()


def test_polls_that_are_no_longer_listed_are_counted_and_those_without_an_answer_have_no_status() -> None:
    history = PollHistory(earlier=7).failed(rushes.NetworkError("No.", kind="dns"), sent_at=0.0, took_s=1.0)
    told = report_on(FakeWatch(replace(RUNNING, polls=8, history=history)))
    assert "Polls: 8, times in UTC\n(7 earlier ones are not listed)\n1970-01-01 00:00:00  ---" in told
    assert "Last answer" not in told


def test_the_last_answer_is_the_operation_as_it_came_but_for_what_is_secret() -> None:
    raw = {"done": True, "uri": "https://h.example/x?sig=canary"}
    operation = Operation("operations/x", "veo", "x", done=True, status="empty", raw=raw)
    assert last_answer(replace(RUNNING, operation=operation)) == (
        '{\n "done": true,\n "uri": "https://h.example/x"\n}'
    )
    assert last_answer(RUNNING) is None


def test_addresses_in_the_words_of_an_error_have_no_query() -> None:
    error = AuthenticationError(401, None, "See https://h.example/x?sig=canary")
    told = report_on(FakeWatch(replace(refused(), error=error)))
    assert "https://h.example/x" in told
    assert "canary" not in told


def test_a_notebook_shows_it_as_it_stands() -> None:
    told = report_on(None)
    assert pretty(told) == repr(told) == str(told)
    assert isinstance(told, str)


def test_a_widget_and_a_take_have_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = FakeWatch(refused())
    widget = made(watch, RecordingComm(), monkeypatch)
    try:
        assert "models/veo-3.1/operations/op1" in rushes.report(widget)
    finally:
        widget.close()
        shared_publisher().join(5)
    assert "models/veo-3.1/operations/op1" in rushes.report(Take(watch, Stars()))


def test_anything_else_has_none_and_the_error_says_what_has() -> None:
    for other in ("models/veo/operations/op1", [], 3):
        with pytest.raises(InvalidInputError, match=r"report\(board\[0\]\)"):
            rushes.report(other)


# Without an argument.


@pytest.fixture
def watches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watches]:
    monkeypatch.setattr(watching, "_latest", None)
    with live_watches(monkeypatch) as opened:
        yield opened


def test_without_an_argument_it_is_about_the_watch_that_began_last(watches: Watches) -> None:
    assert "Operation" not in facts(rushes.report())
    with rushes.demo_endpoint(seconds=0, status="http_401") as endpoint:
        for _ in range(2):
            ended(watches(endpoint.create_operation(), base_url=endpoint.base_url, api_key=endpoint.api_key))
    last = watches.opened[-1].reference.name
    assert facts(rushes.report())["Operation"] == last


def test_a_form_that_was_filled_in_is_the_watch_that_began_last(watches: Watches) -> None:
    with rushes.demo_endpoint(seconds=0, status="empty") as endpoint:
        idle = watching.idle_watch()
        watches.opened.append(idle)
        assert "Operation" not in facts(rushes.report(_Held(idle)))  # type: ignore[arg-type]
        name = endpoint.create_operation()
        reference = watching.read_reference(f"{endpoint.base_url}/v1beta/{name}")
        idle.choose(reference, watching.Secret.wrap(endpoint.api_key))
        ended(idle)
        assert facts(rushes.report())["Operation"] == name


def test_it_keeps_no_watch_alive(watches: Watches) -> None:
    with rushes.demo_endpoint(seconds=0, status="http_401") as endpoint:
        watch = watches(endpoint.create_operation(), base_url=endpoint.base_url, api_key=endpoint.api_key)
        ended(watch)
    watches.opened.clear()
    watch.close()
    assert watching.latest_watch() is watch
    del watch

    def forgotten() -> bool:
        gc.collect()
        return watching.latest_watch() is None

    wait_until(forgotten)  # the scheduler's thread has its part to do first
    assert "Operation" not in facts(rushes.report())
