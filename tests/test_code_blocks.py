"""Every code block of the README and the documentation runs, at the embedded endpoint, without a network or a key."""

from __future__ import annotations

import getpass
import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import ipywidgets
import pytest
from code_blocks import PAGES, PARSERS, ROOT, check_command

import rushes
from rushes.embedded import DEMO_MODEL, DemoEndpoint, generations

pytestmark = pytest.mark.tools

WRITTEN = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if path.parent.name != "notebooks"  # made from notebooks/, which other tests run
)
#: The operation ID that the pages use for the reader's own.
EXAMPLE = "mg3pt9cbmvr1"
_FENCED = re.compile(r"^( *)(`{3,})(.*?)\n.*?^\1\2 *$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoEndpoint]:
    """The reader's provider, which knows the operation of the examples and answers it quickly."""
    with rushes.demo_endpoint(seconds=0) as endpoint:
        with monkeypatch.context() as patched:
            random_id, given = generations._random_id, iter([EXAMPLE])
            patched.setattr(generations, "_random_id", lambda: next(given, None) or random_id())
            assert endpoint.create_operation(model_name=DEMO_MODEL, seconds=0).endswith(EXAMPLE)
        monkeypatch.setenv("GPTPROTO_BASE_URL", endpoint.base_url)
        monkeypatch.setenv("GPTPROTO_API_KEY", endpoint.api_key)
        yield endpoint
        ipywidgets.Widget.close_all()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine alone can be reached."""
    resolve = socket.getaddrinfo

    def local(host: str, *arguments: object, **options: object) -> object:
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise socket.gaierror(socket.EAI_NONAME, "there is no network here")
        return resolve(host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", local)


@pytest.fixture
def own_logging() -> Iterator[None]:
    """What a page sets up for logging ends with it."""
    loggers = [logging.getLogger(), logging.getLogger("rushes")]
    before = [(logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.mark.usefixtures("no_network", "own_logging")
@pytest.mark.parametrize("page", WRITTEN)
def test_the_code_blocks_of_a_page_run(
    page: str, endpoint: DemoEndpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(getpass, "getpass", lambda _: endpoint.api_key)
    document = PAGES.parse(ROOT / page)
    # What the reference of calls in the README leaves to the reader.
    document.namespace.update(
        model_name=DEMO_MODEL,
        operation_id=EXAMPLE,
        operations=[endpoint.create_operation(), endpoint.create_operation()],
        submit=endpoint.create_operation,
        fn=lambda widget: None,
    )
    for example in document.examples():
        example.evaluate()


@pytest.mark.parametrize("page", WRITTEN)
def test_every_block_says_what_it_is(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert {found[2] for found in _FENCED.findall(text)} <= {*PARSERS, "text"}
    assert not re.search(r"\n\n {4}\S", _FENCED.sub("", text)), "an indented block is run by nobody: fence it"


def test_blocks_that_do_not_run_are_few() -> None:
    skipped = [page for page in WRITTEN if "<!-- skip: next -->" in (ROOT / page).read_text("utf-8")]
    assert skipped == ["docs/guides/saving.md"]


@pytest.mark.parametrize(
    "command",
    [
        "export RUSHES_NOTHING=1",
        "pip install rush",
        "make nothing",
        "python nothing.py",
        "jupyter nothing",
        "nothing",
    ],
)
def test_a_command_that_does_not_exist_is_found(command: str) -> None:
    with pytest.raises(AssertionError):
        check_command(command.split())
