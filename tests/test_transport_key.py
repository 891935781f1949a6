"""Who gets the key with a request, and what else goes along."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchanges import OK, fetch
from faults import FaultServer, json_reply, redirect
from leaks import KEY

from rushes.credentials import Secret
from rushes.provider import provider_at
from rushes.transport import Transport

pytest_plugins = ("server_fixtures", "transport_fixtures")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_goes_along_to_the_same_origin(
    server: FaultServer, transport: Transport, status: int
) -> None:
    server.reply("/target", OK, needs_key=True)
    exchange, body = fetch(transport, server.reply("/start", redirect("/target", status)))
    assert (exchange.status_code, body) == (200, OK.body)
    assert [request.key for request in server.requests] == [KEY, KEY]


def test_the_key_stays_behind_when_a_redirect_leaves_the_origin(
    server: FaultServer, other: FaultServer, transport: Transport
) -> None:
    server.reply("/back", OK)
    url = server.reply("/start", redirect(other.reply("/away", redirect(server.url("/back")))))
    fetch(transport, url)
    assert [(request.path, request.key) for request in other.requests] == [("/away", None)]
    assert [request.key for request in server.requests] == [KEY, KEY]
    assert KEY not in str(other.requests[0])


def test_another_host_name_for_the_same_machine_is_another_origin(
    server: FaultServer, transport: Transport
) -> None:
    port = server.origin.rpartition(":")[2]
    server.reply("/target", OK)
    fetch(transport, server.reply("/start", redirect(f"http://localhost:{port}/target")))
    assert [request.key for request in server.requests] == [KEY, None]


def test_no_key_is_sent_where_there_is_none(server: FaultServer) -> None:
    with Transport(provider_at(server.origin), None) as transport:
        fetch(transport, server.reply("/x", OK))
    assert server.requests[0].key is None


def test_further_headers_go_along_and_identity_is_asked_for(
    server: FaultServer, transport: Transport
) -> None:
    with transport.open(server.reply("/x", OK), headers={"Range": "bytes=5-"}):
        pass
    headers = server.requests[0].headers
    assert headers["range"] == "bytes=5-"
    assert headers["accept-encoding"] == "identity"


def test_a_password_file_for_the_host_is_not_used(
    server: FaultServer, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(transport, server.reply("/x", OK))
    with Transport(provider_at(server.origin), Secret(KEY)) as with_environment:
        with_environment._loopback_session = (
            with_environment._session
        )  # as for a host that is not this machine
        fetch(with_environment, server.url("/x"))
    assert all("authorization" not in request.headers for request in server.requests)


def test_cookies_are_not_kept(server: FaultServer, transport: Transport) -> None:
    reply = json_reply({}, Set_Cookie="session=1; Path=/")
    server.reply("/a", reply, redirect("/a"))
    fetch(transport, server.url("/a"))
    fetch(transport, server.url("/a"))
    assert all("cookie" not in request.headers for request in server.requests)
    assert len(server.requests) == 3
