"""A key that is wrong, missing, typed in later, or found by looking again."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults import FaultServer, Resource, finished
from live_watches import Watches, error, videos
from timing import within
from watched_video import CLIP, FILE, KEY, polls_of, video_server

import rushes
from rushes.credentials import Secret
from rushes.errors import AuthenticationError, CredentialsError, InvalidInputError

pytest_plugins = ("watch_fixtures",)

server = pytest.fixture(video_server)


def test_a_wrong_key_shows_within_a_second_and_another_goes_on(watches: Watches, server: FaultServer) -> None:
    server.operation("veo", "op1", finished(server.url(FILE)))
    within(1.0, lambda: error(watches("veo", "op1", base_url=server.origin, api_key="not-the-key")))
    watch = watches.opened[-1]
    assert isinstance(watch.state.error, AuthenticationError)
    assert watch.state.needs_key
    asked = len(polls_of(server))
    watch.resume(Secret(KEY))
    assert videos(watch)[0].data == CLIP
    assert len(polls_of(server)) == asked + 1


def test_a_missing_key_shows_within_a_second_and_names_every_place(watches: Watches) -> None:
    within(1.0, lambda: error(watches("veo", "op1")))
    watch = watches.opened[-1]
    missing = watch.state.error
    assert isinstance(missing, CredentialsError)
    for place in ("GPTPROTO_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        assert place in str(missing)
    assert watch.state.needs_key
    assert watch.state.can_resume
    assert watch.key_source is None
    assert watch.state.polls == 0


def test_a_key_that_is_typed_in_later_begins_the_watch_and_is_written_down_nowhere(
    watches: Watches, server: FaultServer, own_environment: Path
) -> None:
    server.operation("veo", "op1", finished(server.url(FILE)))
    watch = watches("veo", "op1", base_url=server.origin, label="fox")
    assert isinstance(error(watch), CredentialsError)
    assert server.requests == []
    assert rushes.recent() == []  # where the operation is, the key decides
    watch.resume(Secret(KEY))
    assert videos(watch)[0].data == CLIP
    [entry] = rushes.recent()
    assert (entry.label, entry.base_url, entry.status) == ("fox", server.origin, "succeeded")
    assert KEY not in repr(vars(watch))
    for path in own_environment.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


def test_a_resume_looks_for_a_key_again(
    watches: Watches, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.operation("veo", "op1", finished(server.url("/upload/v1beta/files/abc:download")))
    server.serve("/upload/v1beta/files/abc:download", Resource(CLIP, needs_key=True))
    monkeypatch.setenv("GPTPROTO_BASE_URL", server.origin)
    watch = watches("veo", "op1")
    assert isinstance(error(watch), CredentialsError)
    monkeypatch.setenv("GPTPROTO_API_KEY", "not-the-key")
    watch.resume()
    assert isinstance(error(watch), AuthenticationError)
    monkeypatch.setenv("GPTPROTO_API_KEY", KEY)
    watch.resume()
    videos(watch)
    assert watch.key_source == "GPTPROTO_API_KEY in the environment"


def test_a_resume_that_cannot_begin_leaves_the_watch_as_it_was(
    watches: Watches, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watches("veo", "op1")
    missing = error(watch)
    monkeypatch.setenv("GPTPROTO_BASE_URL", "ftp://nowhere")
    with pytest.raises(InvalidInputError):
        watch.resume()
    assert watch.state.status == "failed"
    assert watch.future.exception(0) is missing
