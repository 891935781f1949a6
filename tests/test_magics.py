from __future__ import annotations

from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import rushes.widget
from rushes.magics import load_ipython_extension


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    shell = InteractiveShell()
    load_ipython_extension(shell)
    return shell


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def watch(*args: Any, **options: Any) -> str:
        calls.append((args, options))
        return "the widget"

    monkeypatch.setattr(rushes.widget, "watch", watch)
    return calls


def test_a_model_and_an_operation_are_watched_with_the_defaults_of_watch(
    shell: InteractiveShell, watched: list[Any]
) -> None:
    assert shell.run_line_magic("watch", "veo-3.1 op1") == "the widget"
    [(args, options)] = watched
    assert args == ("veo-3.1", "op1")
    assert options == {
        "provider": None,
        "base_url": None,
        "save_to": None,
        "timeout": 3600.0,
        "autoplay": False,
        "loop": False,
        "label": None,
        "poster": True,
    }


def test_an_operation_name_alone_is_watched(shell: InteractiveShell, watched: list[Any]) -> None:
    shell.run_line_magic("watch", "models/veo-3.1/operations/op1")
    assert watched[0][0] == ("models/veo-3.1/operations/op1", None)


def test_options_are_handed_on(shell: InteractiveShell, watched: list[Any]) -> None:
    shell.run_line_magic(
        "watch",
        "veo-3.1 op1 --provider google --timeout 60 --label 'a river' --save-to clips/ --loop --autoplay --no-poster",
    )
    options = watched[0][1]
    assert (options["provider"], options["timeout"], options["label"]) == ("google", 60.0, "a river")
    assert (options["save_to"], options["loop"], options["autoplay"]) == ("clips/", True, True)
    assert options["poster"] is False


def test_variables_of_the_notebook_can_be_named(shell: InteractiveShell, watched: list[Any]) -> None:
    shell.user_ns["name"] = "models/veo-3.1/operations/op2"
    shell.run_cell("%watch {name}")
    assert watched[0][0][0] == "models/veo-3.1/operations/op2"


@pytest.mark.parametrize(
    "line",
    [
        "veo-3.1 op1 --api-key canary",
        "veo-3.1 op1 --api_key=canary",
        "veo-3.1 op1 --key canary",
        "veo-3.1 op1 -key canary",
        "veo-3.1 op1 sk-canary",
        "veo-3.1 op1 'AIzacanary'",
        "--api-key canary",
    ],
)
def test_a_key_on_the_line_is_refused_and_not_repeated(
    shell: InteractiveShell, watched: list[Any], line: str
) -> None:
    with pytest.raises(UsageError, match="takes no API key") as refused:
        shell.run_line_magic("watch", line)
    assert "canary" not in str(refused.value)
    assert watched == []


@pytest.mark.parametrize(
    "line", ["", "veo-3.1 op1 op2", "veo-3.1 op1 --provider openai", "veo-3.1 --timeout soon"]
)
def test_a_line_that_cannot_be_meant_is_a_usage_error(
    shell: InteractiveShell, watched: list[Any], line: str
) -> None:
    with pytest.raises(UsageError):
        shell.run_line_magic("watch", line)
    assert watched == []


def test_its_help_lists_the_options_and_says_where_keys_belong(shell: InteractiveShell) -> None:
    magic = shell.find_line_magic("watch")
    assert magic is not None
    text = str(magic.__doc__)
    assert "--save-to" in text
    assert "never taken from this line" in " ".join(text.split())
