"""What `watch_all` takes, and what it says of what it does not take."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rushes.batch import prepare_batch
from rushes.credentials import Secret
from rushes.errors import InvalidInputError, SaveError
from rushes.ledger import recent
from rushes.preparation import PreparedWatch

A, B = "models/veo/operations/a", "models/veo/operations/b"


def prepared(operations: object, **options: Any) -> list[PreparedWatch]:
    given: dict[str, Any] = dict.fromkeys(
        ("model_name", "labels", "provider", "base_url", "save_to", "timeout"), None
    )
    return prepare_batch(operations, **(given | {"secret": Secret.wrap("sk-0123456789abcdef")} | options))


def names(operations: object, **options: Any) -> list[str]:
    return [each.reference.name for each in prepared(operations, **options)]


def test_names_urls_objects_dicts_and_pairs_are_taken_side_by_side() -> None:
    assert names(
        [
            A,
            "https://api.gptproto.com/v1beta/models/veo/operations/b",
            SimpleNamespace(name=A),
            {"name": B},
            ("lyra", "c"),
            ("lyra", SimpleNamespace(name="operations/d")),
        ]
    ) == [A, B, A, B, "models/lyra/operations/c", "models/lyra/operations/d"]


def test_bare_ids_take_the_model_that_is_given_and_whole_names_keep_their_own() -> None:
    assert names(["a", "operations/b", "models/lyra/operations/c"], model_name="veo") == [
        A,
        B,
        "models/lyra/operations/c",
    ]


def test_any_iterable_will_do() -> None:
    assert names(iter([A, B])) == [A, B]


def test_the_same_operation_may_come_twice() -> None:
    assert names([A, A]) == [A, A]


@pytest.mark.parametrize("operations", [A, b"x", {"name": A}, 7, None])
def test_one_operation_is_not_a_list(operations: object) -> None:
    with pytest.raises(InvalidInputError, match="not a list"):
        prepared(operations)


def test_an_empty_list_is_told() -> None:
    with pytest.raises(InvalidInputError, match="empty"):
        prepared([])


@pytest.mark.parametrize("entry", ["b", "operations/b", 7, "models/ve o/operations/b", ("veo", "b", "c")])
def test_an_entry_that_cannot_be_meant_is_named_and_nothing_is_written_down(entry: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^operations\[1\]: "):
        prepared([A, entry])
    assert recent() == []


def test_a_bare_id_is_told_how_to_name_its_model() -> None:
    with pytest.raises(InvalidInputError, match="model_name="):
        prepared(["b"])


def test_an_entry_of_another_providers_address_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"^operations\[1\]: .*belongs to Google"):
        prepared(
            [A, "https://generativelanguage.googleapis.com/v1beta/models/veo/operations/b"],
            provider="gptproto",
        )


def test_labels_as_a_list_follow_the_operations() -> None:
    assert [each.label for each in prepared([A, B], labels=["fox", None])] == ["fox", None]


def test_labels_as_a_dict_go_by_id_or_whole_name() -> None:
    assert [each.label for each in prepared([A, B], labels={"b": "owl", A: "fox"})] == ["fox", "owl"]


@pytest.mark.parametrize("labels", [["fox"], ["fox", "owl", "cat"], "ab", 7, {"c": "owl"}])
def test_labels_that_do_not_fit_are_refused(labels: object) -> None:
    with pytest.raises(InvalidInputError, match="label"):
        prepared([A, B], labels=labels)


def test_a_label_that_is_no_text_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"^operations\[1\]: The label is a int"):
        prepared([A, B], labels=["fox", 7])


def test_a_directory_gets_a_file_for_each(tmp_path: Path) -> None:
    files = [each.wish.save_to for each in prepared([A, B], save_to=tmp_path)]
    assert files == [tmp_path / "a.mp4", tmp_path / "b.mp4"]


def test_one_file_for_many_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="directory"):
        prepared([A, B], save_to=tmp_path / "clip.mp4")


def test_another_file_in_an_entrys_place_is_told_with_the_entry(tmp_path: Path) -> None:
    (tmp_path / "b.mp4").write_bytes(b"another")
    with pytest.raises(SaveError, match=r"^operations\[1\]: .*exists already"):
        prepared([A, B], save_to=tmp_path)


def test_a_key_is_looked_for_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    from rushes import preparation

    find = preparation.find_credentials

    def counted(**options: Any) -> Any:
        looked.append(options["url_base"])
        return find(**options)

    monkeypatch.setattr(preparation, "find_credentials", counted)
    prepared([A, B, "https://api.gptproto.com/v1beta/models/veo/operations/c"], secret=None)
    assert looked == [None, "https://api.gptproto.com"]
