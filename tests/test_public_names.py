"""The public names: each can be had, none is forgotten, and the contract's signatures stay as they are."""

from __future__ import annotations

import ast
import inspect
import logging
from pathlib import Path
from typing import Any

import pytest

import rushes


def names_for_type_checkers() -> set[str]:
    """What `rushes/__init__.py` imports for type checkers alone."""
    module = ast.parse(Path(str(rushes.__file__)).read_text(encoding="utf-8"))
    [block] = [node for node in module.body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports if str(node.module).startswith("rushes.") for alias in node.names}


def test_every_public_name_can_be_had_and_type_checkers_know_the_same() -> None:
    assert rushes.__all__ == sorted(rushes.__all__)
    assert set(rushes.__all__) == names_for_type_checkers() | {"__version__"}
    assert dir(rushes) == rushes.__all__
    assert all(getattr(rushes, name) is not None for name in rushes.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'wtach'"):
        rushes.wtach  # noqa: B018


def test_the_package_logs_under_its_name_and_shows_nothing_by_itself() -> None:
    logger = logging.getLogger("rushes")
    assert [type(handler) for handler in logger.handlers] == [logging.NullHandler]
    assert logger.level == logging.NOTSET


@pytest.mark.parametrize("name", [name for name in rushes.__all__ if name != "__version__"])
def test_every_public_name_says_what_it_is(name: str) -> None:
    public = getattr(rushes, name)
    assert inspect.getdoc(public)
    own = vars(public).items() if inspect.isclass(public) else ()
    methods = [method for key, method in own if not key.startswith("_") and inspect.isfunction(method)]
    assert [method.__name__ for method in methods if not inspect.getdoc(method)] == []


@pytest.mark.parametrize(
    ("call", "signature"),
    [
        (
            rushes.watch,
            "model_name, operation_id=None, *, provider=None, api_key=None, base_url=None, save_to=None, "
            "timeout=3600.0, autoplay=False, loop=False, label=None, poster=True",
        ),
        (rushes.OperationWidget.result, "self, timeout=None"),
        (rushes.OperationWidget.exception, "self, timeout=None"),
        (rushes.OperationWidget.add_done_callback, "self, fn"),
        (rushes.OperationWidget.stop, "self"),
        (rushes.OperationWidget.resume, "self, *, api_key=None"),
        (rushes.OperationWidget.save, "self, path, *, sample=0, overwrite=False"),
        (rushes.OperationWidget.close, "self"),
        (rushes.Client.__init__, "self, *, provider=None, api_key=None, base_url=None"),
        (rushes.Client.get, "self, model_name, operation_id=None"),
        (rushes.Client.wait, "self, model_name, operation_id=None, *, timeout=None"),
        (rushes.Client.download, "self, video, destination"),
        (rushes.demo, "*, seconds=8, status='succeeded', samples=1"),
        (rushes.recent, "n=20"),
        (rushes.once, "label, submit"),
        (rushes.report, "widget=None"),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_a_signature_that_users_rely_on_does_not_change(call: Any, signature: str) -> None:
    parameters = inspect.signature(call).parameters.values()
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    assert str(inspect.Signature(bare)) == f"({signature})"
