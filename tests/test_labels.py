from __future__ import annotations

import copy
import os
import pickle
import threading
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from two_processes import other_process

from rushes import labels
from rushes.errors import InvalidInputError, SaveError
from rushes.labels import Labels, OperationName, forget, once

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=timezone.utc)
NAME = "models/veo-3.1-generate-preview/operations/mg3pt9cbmvr1"


class Submissions:
    """Counts the submissions, each of a new operation."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"models/veo/operations/op{self.count}"


def never() -> str:
    raise AssertionError("submitted again")


def test_the_second_run_submits_nothing_and_knows_when_the_first_did() -> None:
    submit = Submissions()
    first = Labels(now=lambda: NOW).once("fox", submit)
    assert (first, first.label, first.submitted_at, first.reused) == (
        "models/veo/operations/op1",
        "fox",
        NOW,
        False,
    )
    second = once("fox", never)
    assert (second, second.label, second.submitted_at, second.reused) == (first, "fox", NOW, True)
    assert once("owl", submit) == "models/veo/operations/op2"
    assert submit.count == 2


def test_an_exception_passes_untouched_and_the_next_run_submits() -> None:
    trouble = KeyError("mine")

    def fails() -> str:
        raise trouble

    with pytest.raises(KeyError) as raised:
        once("fox", fails)
    assert raised.value is trouble
    assert Labels().get("fox") is None
    assert once("fox", lambda: NAME) == NAME


def test_what_names_no_operation_is_not_written_down() -> None:
    with pytest.raises(InvalidInputError):
        once("fox", lambda: {"id": "x"})
    assert Labels().get("fox") is None


def test_nothing_is_submitted_where_nothing_can_be_written_down(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(SaveError, match="RUSHES_DATA_DIR"):
        Labels(in_the_way).once("fox", never)


def test_nothing_is_submitted_on_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SaveError, match="No space"):
        once("fox", never)


def test_a_name_that_could_not_be_written_down_is_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def submit_and_fill_the_disk() -> str:
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(labels, "write_json", full)
        return NAME

    with pytest.raises(SaveError) as raised:
        once("fox", submit_and_fill_the_disk)
    assert NAME in str(raised.value)


def test_an_interrupt_does_not_keep_the_name_from_being_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def submit_and_interrupt() -> str:
        def interrupted(*_: object) -> None:
            monkeypatch.setattr(os, "fsync", fsync)
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupted)
        return NAME

    with pytest.raises(KeyboardInterrupt):
        once("fox", submit_and_interrupt)
    assert once("fox", never) == NAME


def test_a_label_that_cannot_be_read_right_now_is_not_taken_for_a_new_one(
    own_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once("fox", lambda: NAME)
    [path] = own_environment.rglob("fox-*.json")
    content = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(SaveError, match="read"):
        once("fox", never)
    path.rmdir()
    path.write_bytes(content)
    assert once("fox", never) == NAME


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"label": "owl", "name": "operations/x"}', b'{"label": "fox"}']
)
def test_a_torn_label_is_healed_by_the_next_submission(own_environment: Path, content: bytes) -> None:
    once("fox", lambda: NAME)
    [path] = own_environment.rglob("fox-*.json")
    path.write_bytes(content)
    assert once("fox", lambda: "operations/second") == "operations/second"
    assert once("fox", never) == "operations/second"


def test_a_forgotten_label_submits_again() -> None:
    submit = Submissions()
    once("fox", submit)
    assert forget("fox")
    assert not forget("fox")
    assert once("fox", submit) == "models/veo/operations/op2"


@given(
    st.text(min_size=1, max_size=200)
    | st.sampled_from(["../../x", "CON", "a/b\\c:d", " ", "\ud800", "x" * 200])
)
def test_any_text_is_a_label_and_its_file_stays_in_the_data_directory(label: str) -> None:
    store = Labels()
    path = store._path(label, ".json")
    assert path.parent.name == "labels"
    assert path.resolve().parent == path.parent.resolve()
    store.forget(label)
    assert store.once(label, lambda: NAME).label == label
    assert store.once(label, never).reused


@pytest.mark.parametrize("label", ["", None, 3, b"fox", "x" * 201])
def test_what_is_no_label_is_refused_before_anything_is_submitted(label: object) -> None:
    for call in (lambda: once(label, never), lambda: forget(label)):  # type: ignore[arg-type]  # the point
        with pytest.raises(InvalidInputError):
            call()


def test_labels_that_differ_by_case_alone_are_two() -> None:
    assert once("Fox", lambda: "operations/a") == "operations/a"
    assert once("fox", lambda: "operations/b") == "operations/b"


@given(st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_the_name_is_a_str_that_survives_pickling_and_copying(protocol: int) -> None:
    name = OperationName(NAME, "fox", NOW, True)
    for other in (pickle.loads(pickle.dumps(name, protocol)), copy.copy(name), copy.deepcopy(name)):
        assert other == NAME
        assert type(other) is OperationName
        assert (other.label, other.submitted_at, other.reused) == ("fox", NOW, True)


def test_of_many_threads_one_submits_and_all_get_its_name() -> None:
    submit = Submissions()
    names: list[OperationName] = []
    together = threading.Barrier(6)

    def run() -> None:
        together.wait(30)
        names.append(once("fox", submit))

    threads = [threading.Thread(target=run, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert submit.count == 1
    assert names == ["models/veo/operations/op1"] * 6
    assert sorted(name.reused for name in names) == [False] + [True] * 5


SUBMIT = """
import sys
from rushes.labels import once
def submit():
    print("submitting")
    input()
    return "models/veo/operations/" + sys.argv[1]
print("ready")
input()
name = once("fox", submit)
print(name, name.reused)
"""


def test_of_two_kernels_that_run_the_same_notebook_one_submits() -> None:
    with ExitStack() as stack:
        one, other = (stack.enter_context(other_process(SUBMIT, name)) for name in ("one", "other"))
        assert (one.hears(), other.hears()) == ("ready", "ready")
        one.say()
        assert one.hears() == "submitting"
        other.say()
        one.say()
        assert one.hears() == "models/veo/operations/one False"
        assert other.hears() == "models/veo/operations/one True"


def test_a_kernel_killed_while_it_submits_does_not_lock_the_label_for_ever() -> None:
    with other_process(SUBMIT, "one") as one:
        assert one.hears() == "ready"
        one.say()
        assert one.hears() == "submitting"
        with pytest.raises(SaveError, match="Nothing was submitted here"):
            Labels(timeout_s=0).once("fox", never)
        one.kill()
        assert once("fox", lambda: NAME) == NAME


def test_nothing_but_label_name_and_time_is_kept(own_environment: Path) -> None:
    once("fox", lambda: {"name": NAME, "metadata": {"prompt": "canary"}})
    for path in own_environment.rglob("*"):
        if path.is_file():
            assert b"canary" not in path.read_bytes()
