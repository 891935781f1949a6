"""The pages about errors: there is one for each, a link leads to it, and it says what the code says and does."""

from __future__ import annotations

import ast
import contextlib
import inspect
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import clips
import pytest
from faults import FaultServer, Resource, finished, json_reply, refused
from live_watches import live_watches

import rushes
from rushes import errors
from rushes.error_pages import page_name
from rushes.publisher import shared_publisher
from rushes.snapshot import Caption, take_snapshot
from rushes.watch_state import WatchState

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "errors"


def every_error(base: type[errors.RushesError] = errors.RushesError) -> list[type[errors.RushesError]]:
    found = []
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            found += [child, *every_error(child)]
    return found


EVERY_ERROR = [errors.RushesError, *every_error()]
KEY = "a-key-of-the-tests"


def instance(kind: type[errors.RushesError]) -> errors.RushesError:
    return kind(418) if issubclass(kind, errors.APIError) else kind("What happened.")


def text_of(kind: type[errors.RushesError]) -> str:
    return (PAGES / f"{page_name(kind.__name__)}.md").read_text("utf-8")


def section(page: str, heading: str) -> str:
    return page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0].strip()


def paragraph(text: str) -> str:
    return " ".join(text.strip().split("\n\n", 1)[0].split())


def block(page: str, language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return found


# The links.


@pytest.mark.parametrize("kind", EVERY_ERROR, ids=lambda kind: kind.__name__)
def test_the_link_of_an_error_leads_to_its_page(kind: type[errors.RushesError]) -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    root = re.search(r'^Documentation = "(.*/)"$', project, re.MULTILINE)
    url = instance(kind).help_url
    assert root is not None
    assert url is not None
    name = re.fullmatch(re.escape(f"{root[1]}errors/") + r"([a-z-]+)/", url)
    assert name is not None, "a directory for each page: the site is built so"
    assert (PAGES / f"{name[1]}.md").read_text("utf-8").startswith(f"# {kind.__name__}\n")


def test_the_card_is_given_the_link() -> None:
    failed = WatchState(status="failed", error=errors.NoVideoError())
    snapshot = take_snapshot(failed, Caption("veo", "op1", "GPTProto"), version=1, now=0.0)
    assert snapshot["error"] is not None
    assert snapshot["error"]["help_url"] == errors.NoVideoError().help_url


def test_a_kind_of_error_that_somebody_derives_has_the_page_of_what_it_derives_from() -> None:
    class Special(errors.RateLimitError):
        pass

    assert Special(429).help_url == errors.RateLimitError(429).help_url


def test_every_page_is_about_an_error_and_listed_in_the_order_of_the_tree() -> None:
    index = (PAGES / "index.md").read_text("utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\(([\w-]+)\.md\) \| (.*) \|$", index, re.MULTILINE)
    assert listed == [
        (kind.__name__, page_name(kind.__name__), paragraph(inspect.getdoc(kind) or ""))
        for kind in EVERY_ERROR
    ]
    assert {path.stem for path in PAGES.iterdir()} == {"index", *(name for _, name, _ in listed)}


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = block((PAGES / "index.md").read_text("utf-8"), "text").splitlines()
    at_the_top = re.findall(r"^    ((?:[│├└].*)?\w+Error.*)$", errors.__doc__ or "", re.MULTILINE)
    # The module says a few words after each name.
    assert [re.split(r"\s{2,}(?=\w)", line)[0].rstrip() for line in at_the_top] == drawn


def test_pages_link_to_pages_that_are_there() -> None:
    links = [
        link for page in PAGES.iterdir() for link in re.findall(r"\]\(([^):#]+)\)", page.read_text("utf-8"))
    ]
    assert links
    assert [link for link in links if not (PAGES / link).is_file()] == []


# What the pages say.


@pytest.mark.parametrize("kind", EVERY_ERROR, ids=lambda kind: kind.__name__)
def test_a_page_says_what_the_class_says(kind: type[errors.RushesError]) -> None:
    page = text_of(kind)
    title, rest = page.split("\n", 1)
    assert title == f"# {kind.__name__}"
    assert paragraph(rest) == paragraph(inspect.getdoc(kind) or "")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == [
        "Cause",
        "What it means",
        "What to do",
        "In Python",
    ]
    assert len(section(page, "Cause")) > 60
    assert len(section(page, "What it means")) > 60
    if kind is not errors.RushesError:
        said = paragraph(section(page, "What to do"))
        assert said == kind.default_next_step or not kind.default_next_step
        assert len(said) > 20


# What the pages do: each block of Python meets the very error, in the words that the page quotes.


class Situation:
    """What is around a block of Python: an endpoint in the environment, and an operation on it."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, demo: rushes.embedded.DemoEndpoint, faults: FaultServer
    ) -> None:
        self.monkeypatch = monkeypatch
        self.demo = demo
        self.faults = faults
        self.names = {"model_name": "veo", "operation_id": "op1"}

    def at(self, base_url: str, api_key: str) -> None:
        self.monkeypatch.setenv("GPTPROTO_BASE_URL", base_url)
        self.monkeypatch.setenv("GPTPROTO_API_KEY", api_key)

    def demo_ends(self, status: str) -> None:
        self.at(self.demo.base_url, self.demo.api_key)
        _, model_name, _, operation_id = self.demo.create_operation(status=status).split("/")
        self.names = {"model_name": model_name, "operation_id": operation_id}

    def answers(self, *answers: object) -> None:
        self.at(self.faults.origin, KEY)
        self.faults.operation("veo", "op1", *answers)


def refused_file(situation: Situation) -> None:
    place = "/upload/v1beta/files/abc:download"
    situation.faults.reply(place, refused(403, "File not found"), needs_key=True)
    situation.answers(finished(situation.faults.url(f"{place}?alt=media")))


def withheld(situation: Situation) -> None:
    words = ["It may go against the usage guidelines."]
    situation.answers(json_reply({"done": True, "response": {"raiMediaFilteredReasons": words}}))


def vanished(situation: Situation) -> None:
    situation.at("http://127.0.0.1:9", KEY)


def nobody_foresaw(situation: Situation) -> None:
    situation.answers(finished(situation.faults.serve("/clip.mp4", Resource(clips.clip()))))
    situation.monkeypatch.setattr("rushes.poller.retrieve", lambda *_, **__: 1 / 0)


SITUATIONS: dict[str, Callable[[Situation], None]] = {
    "RushesError": nobody_foresaw,
    "InvalidInputError": lambda situation: None,
    "CredentialsError": lambda situation: None,
    "NetworkError": vanished,
    "APIError": lambda situation: situation.answers(refused(400, "The model cannot be polled.")),
    "AuthenticationError": lambda situation: situation.demo_ends("http_401"),
    "PermissionDeniedError": lambda situation: situation.demo_ends("http_403"),
    "OperationNotFoundError": lambda situation: situation.demo_ends("http_404"),
    "RateLimitError": lambda situation: situation.demo_ends("http_429"),
    "ServerError": lambda situation: situation.answers(
        refused(500, "Internal server error"), json_reply({"name": "operations/op1", "done": True})
    ),
    "UnreadableResponseError": lambda situation: situation.answers(
        json_reply({"id": "1", "status": "completed"})
    ),
    "OperationFailedError": lambda situation: situation.demo_ends("failed"),
    "OperationFilteredError": withheld,
    "NoVideoError": lambda situation: situation.demo_ends("empty"),
    "DownloadError": refused_file,
    "SaveError": lambda situation: situation.demo_ends("succeeded"),
    "WatchStoppedError": lambda situation: situation.demo_ends("running"),
    "WatchTimeoutError": lambda situation: situation.demo_ends("running"),
}


@pytest.fixture
def situation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Situation]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rushes.watcher.NOT_FOUND_GRACE_S", 0.0)
    monkeypatch.setattr("getpass.getpass", lambda _: KEY)
    with live_watches(monkeypatch), rushes.demo_endpoint(seconds=0) as demo, FaultServer(key=KEY) as faults:
        yield Situation(monkeypatch, demo, faults)


class Witness(ast.NodeTransformer):
    """Lets each handler of exceptions tell what it has caught."""

    def visit_ExceptHandler(self, handler: ast.ExceptHandler) -> ast.ExceptHandler:
        handler.name = handler.name or "error"
        handler.body.insert(0, ast.parse(f"caught.append({handler.name})").body[0])
        return handler


@pytest.mark.parametrize("kind", EVERY_ERROR, ids=lambda kind: kind.__name__)
def test_the_python_of_a_page_meets_the_error_that_the_page_quotes(
    kind: type[errors.RushesError], situation: Situation
) -> None:
    page = text_of(kind)
    SITUATIONS[kind.__name__](situation)
    situation.monkeypatch.setattr(time, "sleep", lambda _: None)
    caught: list[errors.RushesError] = []
    names: dict[str, object] = {**situation.names, "caught": caught}
    code = ast.fix_missing_locations(Witness().visit(ast.parse(block(page, "python"))))
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: shared_publisher().join(5))
        stack.callback(
            lambda: [
                widget.close() for widget in names.values() if isinstance(widget, rushes.OperationWidget)
            ]
        )
        exec(compile(code, page, "exec"), names)
    [error] = caught
    assert type(error) is kind
    assert paragraph(block(page, "text")) == paragraph(as_elsewhere(str(error)))


def as_elsewhere(message: str) -> str:
    """What the endpoint of the test says, as GPTProto's would."""
    title = re.sub(
        r"^127\.0\.0\.1(:\d+)?(?= answered HTTP \d+:)|127\.0\.0\.1(:\d+)?(?= was asked)", "GPTProto", message
    )
    return re.sub(r"127\.0\.0\.1(:\d+)?", "api.gptproto.com", title).replace(os.getcwd(), "/home/you")
