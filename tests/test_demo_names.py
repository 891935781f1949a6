"""`rushes.demo()` is a function, whatever was imported before; its endpoint is one, and starts with the first."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import rushes.widget
from rushes.embedded import showing
from rushes.embedded.showing import demo, demo_endpoint
from rushes.errors import InvalidInputError

ORDERS = (
    "import rushes",
    "import rushes.embedded, rushes",
    "import rushes.embedded.showing, rushes",
    "from rushes.embedded import demo; import rushes",
    "from rushes import demo, demo_endpoint; import rushes.embedded; import rushes",
    "import rushes; rushes.demo_endpoint; import rushes.embedded.endpoint",
    "import rushes.widget; import rushes",
)


@pytest.mark.parametrize("order", ORDERS)
def test_demo_is_a_function_in_every_order_of_imports(order: str) -> None:
    check = (
        "import types; assert type(rushes.demo) is types.FunctionType; assert callable(rushes.demo_endpoint)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", f"{order}\n{check}"], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr


def test_the_endpoint_alone_needs_nothing_but_the_standard_library() -> None:
    script = (
        "import sys, rushes.embedded\n"
        "with rushes.embedded.demo_endpoint(seconds=0) as e: e.create_operation()\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'requests', 'anywidget', 'ipywidgets', 'IPython', 'numpy', 'filelock'}, loaded\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What `demo` hands to `watch`, in a process that has no shared endpoint yet."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def watch(name: str, **options: Any) -> str:
        calls.append((name, options))
        return "widget"

    monkeypatch.setattr(rushes.widget, "watch", watch)
    monkeypatch.setattr(showing, "_shared", None)
    return calls


def test_all_demos_share_one_endpoint_and_watch_operations_of_their_own(
    watched: list[tuple[str, dict[str, Any]]],
) -> None:
    assert demo() == "widget"
    demo(seconds=1, status="filtered", samples=2)
    (first, options), (second, others) = watched
    assert first.startswith("models/")
    assert first != second
    assert options == others
    assert showing._shared is not None
    assert options["base_url"] == showing._shared.base_url
    showing._shared.stop()


def test_a_stopped_endpoint_is_started_again(watched: list[tuple[str, dict[str, Any]]]) -> None:
    demo()
    assert showing._shared is not None
    showing._shared.stop()
    demo()
    assert showing._shared.running
    showing._shared.stop()


def test_timed_out_is_an_endless_operation_and_a_short_watch(
    watched: list[tuple[str, dict[str, Any]]],
) -> None:
    demo(status="timed_out", seconds=2)
    (_, options) = watched[0]
    assert options["timeout"] == 2.0
    assert showing._shared is not None
    showing._shared.stop()


@pytest.mark.parametrize("status", ["idle", "downloading", "stopped", "done", "", "http_418"])
def test_a_status_that_cannot_be_shown_is_refused_with_those_that_can(status: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        demo(status=status)
    for allowed in ("succeeded", "timed_out", "http_503"):
        assert allowed in str(refused.value)


def test_an_endpoint_shows_where_it_is_and_its_key_says_that_it_is_none() -> None:
    endpoint = demo_endpoint()
    assert repr(endpoint) == "<DemoEndpoint stopped>"
    with endpoint:
        assert repr(endpoint) == f"<DemoEndpoint {endpoint.base_url}>"
        assert endpoint.api_key == "demo-key-not-secret"
