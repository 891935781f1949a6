"""Where a video is fetched from, in which order, and who gets the key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import faults
import pytest
from download_runs import CLIP, Run, ranges
from faults import (
    Drop,
    FaultServer,
    Resource,
    Truncate,
    busy,
    redirect,
    refused,
    sign_in_page,
)
from leaks import KEY, SIGNATURE

from rushes.errors import (
    AuthenticationError,
    DownloadError,
    NetworkError,
    RushesError,
)
from rushes.provider import GPTPROTO, Provider, provider_at

pytest_plugins = ("server_fixtures",)


@pytest.fixture
def other_host() -> Iterator[FaultServer]:
    with FaultServer("127.0.0.2", key=KEY) as running:
        yield running


def gptproto_like(server: FaultServer) -> Provider:
    base = provider_at(server.origin)
    return Provider(
        base.name, "GPTProto", base.base_url, base.origins, base.key_variables, files_path=GPTPROTO.files_path
    )


FOREIGN = "/v1beta/files/abc123:download"
OWN = "/upload/v1beta/files/abc123:download"


def test_a_foreign_address_is_asked_without_the_key_and_is_enough(
    server: FaultServer, other_host: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    assert run(other_host.serve(FOREIGN, Resource(CLIP)) + "?alt=media") == CLIP
    assert [request.key for request in other_host.requests] == [None]
    assert server.requests == []


@pytest.mark.parametrize("answer", [refused(403), refused(401), sign_in_page(), busy(503)], ids=repr)
def test_a_foreign_refusal_leads_to_the_providers_own_address_with_the_key(
    server: FaultServer, other_host: FaultServer, tmp_path: Path, answer: faults.Reply
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    server.serve(OWN, Resource(CLIP, needs_key=True))
    assert run(other_host.reply(FOREIGN, answer) + "?alt=media") == CLIP
    assert {request.key for request in other_host.requests} == {None}
    assert [request.path for request in server.requests] == [f"{OWN}?alt=media"]


def test_a_foreign_host_out_of_reach_costs_two_tries(server: FaultServer, tmp_path: Path) -> None:
    with FaultServer("127.0.0.2") as gone:
        uri = gone.url(FOREIGN)
    run = Run(server, tmp_path, gptproto_like(server))
    server.serve(OWN, Resource(CLIP, needs_key=True))
    assert run(uri) == CLIP
    assert sum(run.slept_s) < 2


def test_the_error_of_two_refusals_names_both_hosts(
    server: FaultServer, other_host: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    server.reply(OWN, refused(404, "No such file."))
    with pytest.raises(DownloadError) as caught:
        run(other_host.reply(FOREIGN, refused(403, "Not yours.")) + f"?sig={SIGNATURE}")
    text = str(caught.value)
    for words in ("127.0.0.2", "127.0.0.1", "Not yours.", "No such file.", "expired"):
        assert words in text
    assert not caught.value.transient


def test_of_two_refusals_the_last_says_what_to_do_and_one_that_passes_is_worth_another_try(
    server: FaultServer, other_host: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    server.reply(OWN, refused(404, "No such file."))
    with pytest.raises(RushesError) as last:
        run(server.url(OWN))
    with pytest.raises(DownloadError) as caught:
        run(other_host.reply(FOREIGN, busy(503)))
    assert caught.value.next_step == last.value.next_step != ""
    assert caught.value.transient


def test_a_key_that_the_provider_refuses_is_told_at_once_so_that_another_is_asked_for(
    server: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    server.serve(OWN, Resource(CLIP, needs_key=True))
    with pytest.raises(AuthenticationError):
        run(server.reply(FOREIGN, refused(401)))
    assert [request.path for request in server.requests] == [FOREIGN]


def test_the_second_host_goes_on_where_the_first_was_cut(
    server: FaultServer, other_host: FaultServer, tmp_path: Path
) -> None:
    run = Run(server, tmp_path, gptproto_like(server))
    other_host.serve(FOREIGN, Resource(CLIP), Truncate(150_000), *[Drop()] * 20)
    server.serve(OWN, Resource(CLIP, needs_key=True))
    assert run(other_host.url(FOREIGN)) == CLIP
    assert ranges(server)[0] is not None


def test_a_redirect_keeps_the_key_on_the_same_host_and_drops_it_on_another(
    server: FaultServer, other_host: FaultServer, run: Run
) -> None:
    elsewhere = other_host.serve("/blob", Resource(CLIP)) + f"?X-Signature={SIGNATURE}"
    server.reply("/second", redirect(elsewhere), needs_key=True)
    assert run(server.reply("/first", redirect("/second"), needs_key=True)) == CLIP
    assert [request.key for request in server.requests] == [KEY, KEY]
    assert [request.key for request in other_host.requests] == [None]


@pytest.mark.parametrize("location", ["/first", "http://192.0.2.7/clip.mp4", "ftp://127.0.0.1/x", "http://["])
def test_a_redirect_that_may_not_be_followed_is_an_error(
    server: FaultServer, run: Run, location: str
) -> None:
    with pytest.raises(RushesError) as caught:
        run(server.reply("/first", redirect(location)))
    assert isinstance(caught.value, (NetworkError, DownloadError))


@pytest.mark.parametrize(
    "uri",
    [
        "http://192.0.2.7/clip.mp4",
        "ftp://192.0.2.7/clip.mp4",
        "file:///etc/passwd",
        "http://[",
        "clip.mp4",
        "",
    ],
)
def test_an_address_that_is_not_fetched_is_refused_before_connecting(run: Run, uri: str) -> None:
    with pytest.raises(DownloadError):
        run(uri)
    assert run.slept_s == []
    assert run.left == []


def test_an_address_of_this_machine_is_not_fetched_for_another(server: FaultServer, tmp_path: Path) -> None:
    run = Run(server, tmp_path, GPTPROTO)
    uri = server.serve("/a", Resource(CLIP))
    for host in ("127.0.0.1", "localhost", "2130706433", "127.1", "0.0.0.0"):
        with pytest.raises(DownloadError, match="this machine"):
            run(uri.replace("127.0.0.1", host))
    assert server.requests == []


def test_a_video_in_google_storage_names_the_command(run: Run) -> None:
    with pytest.raises(DownloadError) as caught:
        run("gs://bucket/take one.mp4")
    assert "gcloud storage cp 'gs://bucket/take one.mp4' ." in str(caught.value)
    with pytest.raises(DownloadError) as caught:
        run("gs://bucket/x.mp4;rm -rf ~\n")
    assert "'gs://bucket/x.mp4;rm -rf ~' ." in str(caught.value)
    with pytest.raises(DownloadError) as caught:
        run(f"gs://bucket/{'x' * 1_000_000}")
    assert "gcloud storage cp; its address" in str(caught.value)
    assert len(str(caught.value)) < 300
