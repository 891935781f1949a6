"""No error of the public interface, no interrupt and no public object shows a secret."""

from __future__ import annotations

import pickle
import signal
from collections.abc import Callable
from pathlib import Path

import canary
import pytest
from canary_stage import CLIP, FILE, KEY, NAME, PLACE, SIGNATURE, Stage, echo, search, success
from faults import Drop, Fault, Reply, Resource, Stall, json_reply, redirect, refused, running
from interrupting import interrupted_while_reading

import rushes
from rushes.credentials import Secret, find_credentials
from rushes.errors import RushesError
from rushes.transport import Transport

pytest_plugins = ("canary_fixtures",)


CALLS: dict[str, Callable[[Stage], object]] = {
    "name that cannot be meant": lambda stage: rushes.watch("ve o", "op1", api_key=KEY),
    "no model": lambda stage: rushes.watch("operations/op1", api_key=KEY),
    "contradiction": lambda stage: rushes.watch(
        *PLACE, api_key=KEY, provider="google", base_url=stage.server.origin + "x"
    ),
    "unknown provider": lambda stage: rushes.watch(*PLACE, api_key=KEY, provider="nobody"),
    "timeout that is none": lambda stage: rushes.watch(*PLACE, api_key=KEY, timeout=-1),
    "label that is none": lambda stage: rushes.watch(*PLACE, api_key=KEY, label=3),  # type: ignore[arg-type]
    "place that cannot be": lambda stage: rushes.watch(*PLACE, api_key=KEY, save_to="/nowhere/x/y.mp4"),
    "client, unknown provider": lambda stage: rushes.Client(api_key=KEY, provider="nobody"),
    "client, broken key": lambda stage: rushes.Client(api_key=KEY + "\r\n x"),
    "client, key of another form": lambda stage: rushes.Client(api_key="AIza" + KEY, provider="gptproto"),
    "client, refused": lambda stage: client(stage, echo(401)).get(*PLACE),
    "client, unreadable": lambda stage: client(stage, json_reply({"url": stage.signed, "key": KEY})).get(
        *PLACE
    ),
    "client, not JSON": lambda stage: client(stage, Reply(200, f"{KEY} {stage.signed}".encode())).get(*PLACE),
    "client, dropped": lambda stage: client(stage, Drop()).get(*PLACE),
    "client, wait": lambda stage: client(stage, echo(403)).wait(*PLACE, timeout=0),
    "client, wait too short": lambda stage: client(stage, running()).wait(*PLACE, timeout=0),
    "client, another endpoint": lambda stage: client(stage).get(f"https://h/v1beta/{NAME}"),
    "client, file refused": lambda stage: fetched(stage, echo(403)),
    "client, file unreadable": lambda stage: fetched(
        stage, redirect(f"http://videos.example/?sig={SIGNATURE}")
    ),
    "client, nowhere to save": lambda stage: client(stage, running()).download(
        rushes.Video(uri=stage.signed), "/no/x.mp4"
    ),
    "client, pickled": lambda stage: pickle.dumps(client(stage, running())),
    "video, not here": lambda stage: rushes.Video(uri=stage.signed).data,
    "secret, pickled": lambda stage: pickle.dumps(find_credentials(secret=Secret(KEY))),
    "transport, refused": lambda stage: Transport(
        find_credentials(secret=Secret(KEY)).provider, Secret(KEY)
    ).open(f"http://videos.example/?sig={SIGNATURE}"),
}


def client(stage: Stage, *answers: Fault) -> rushes.Client:
    stage.answer(*answers, running())
    return rushes.Client(api_key=KEY, base_url=stage.server.origin)


def fetched(stage: Stage, *answers: Fault) -> Path:
    stage.server.reply(FILE, refused(403, "gone"), *answers, needs_key=True)
    with client(stage, running()) as reader:
        return reader.download(rushes.Video(uri=stage.signed), stage.data_directory.parent / "x.mp4")


@pytest.mark.parametrize("call", CALLS)
def test_no_error_of_the_public_interface_shows_a_canary(
    call: str, stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((RushesError, TypeError)) as caught:
        CALLS[call](stage)
    assert canary.verbose_traceback(caught.value), "frames of rushes are among those printed"
    assert canary.find(SIGNATURE, caught.value) == []
    search(stage, caplog, capfd, caught.value)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="interrupts as POSIX does")
@pytest.mark.parametrize("during", ["poll", "wait", "download", "rest of a download"])
def test_an_interrupt_in_the_middle_shows_no_canary(
    during: str, stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    stage.server.serve(
        FILE, Resource(CLIP, needs_key=True), Stall(500 if during.startswith("rest") else None)
    )
    stage.answer(Stall(), running())
    path = stage.data_directory.parent / "x.mp4"
    with rushes.Client(api_key=KEY, base_url=stage.server.origin) as reader:
        calls: dict[str, Callable[[], object]] = {
            "poll": lambda: reader.get(*PLACE),
            "wait": lambda: reader.wait(*PLACE),
            "download": lambda: reader.download(rushes.Video(uri=stage.signed), path),
            "rest of a download": lambda: reader.download(rushes.Video(uri=stage.signed), path),
        }
        with interrupted_while_reading(), pytest.raises(KeyboardInterrupt) as caught:
            calls[during]()
    assert canary.verbose_traceback(caught.value)
    search(stage, caplog, capfd, caught.value)


def test_every_public_object_prints_without_a_canary(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    success(stage)
    credentials = find_credentials(secret=Secret(KEY), base_url=stage.server.origin)
    with rushes.Client(api_key=KEY, base_url=stage.server.origin) as reader:
        operation = reader.wait(*PLACE)
        video = operation.videos[0]
        path = reader.download(video, stage.data_directory.parent / "clip.mp4")
        places = [
            reader,
            reader.transport,
            reader.provider,
            credentials,
            vars(reader),
            vars(reader.transport),
        ]
        places += [repr(operation), str(operation), repr(video), str(video), repr(video.with_path(path))]
        places += [pickle.dumps(operation), pickle.dumps(video), path.parent]
        search(stage, caplog, capfd, *places)
    assert video.uri == stage.signed, "the user can still get at the address"
