"""Stars in a file that several kernels share."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from rushes.data_directory import OperationKey
from rushes.errors import SaveError
from rushes.process_lock import ProcessLock
from rushes.stars import Stars

FOX = OperationKey("https://api.gptproto.com", "veo", "fox")
OWL = OperationKey("https://api.gptproto.com", "veo", "owl")


def loaded(root: Path) -> Stars:
    """The stars as a kernel that has just started sees them."""
    stars = Stars(root)
    stars.load()
    return stars


def test_a_star_is_seen_at_once_and_outlives_the_kernel(tmp_path: Path) -> None:
    stars = Stars(tmp_path)
    stars.set(FOX, True)
    assert FOX in stars
    assert FOX not in loaded(tmp_path)
    stars.write()
    assert FOX in loaded(tmp_path)
    assert OWL not in loaded(tmp_path)


def test_a_star_that_is_taken_away_stays_away(tmp_path: Path) -> None:
    stars = Stars(tmp_path)
    stars.set(FOX, True)
    stars.write()
    stars.set(FOX, False)
    stars.write()
    assert FOX not in stars
    assert FOX not in loaded(tmp_path)


def test_the_same_operation_elsewhere_has_a_star_of_its_own(tmp_path: Path) -> None:
    stars = Stars(tmp_path)
    stars.set(FOX, True)
    assert OperationKey("https://another.example", "veo", "fox") not in stars


def test_two_kernels_keep_each_others_stars(tmp_path: Path) -> None:
    one, other = Stars(tmp_path), Stars(tmp_path)
    one.set(FOX, True)
    other.set(OWL, True)
    one.write()
    other.write()
    assert FOX in loaded(tmp_path)
    assert OWL in loaded(tmp_path)


def test_many_threads_lose_no_star(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rushes.stars._LOCK_TIMEOUT_S", 60.0)
    keys = [OperationKey("https://a.example", "veo", f"op{number}") for number in range(12)]
    stars = Stars(tmp_path)

    def star(key: OperationKey) -> None:
        stars.set(key, True)
        stars.write()

    threads = [threading.Thread(target=star, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(key in loaded(tmp_path) for key in keys)


def test_the_file_is_private_and_holds_names_alone(tmp_path: Path) -> None:
    stars = Stars(tmp_path / "data")
    stars.set(FOX, True)
    stars.write()
    file = tmp_path / "data" / "stars.json"
    assert json.loads(file.read_text()) == {
        "version": 1,
        "starred": [["https://api.gptproto.com", "veo", "fox"]],
    }
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content", ["", "{", '{"starred": 7}', '{"starred": [1, ["a"], ["a", "b", 3]]}', "[]"]
)
def test_a_garbled_file_has_no_stars_and_is_healed(tmp_path: Path, content: str) -> None:
    (tmp_path / "stars.json").write_text(content)
    stars = loaded(tmp_path)
    assert FOX not in stars
    stars.set(FOX, True)
    stars.write()
    assert FOX in loaded(tmp_path)


def test_a_star_that_cannot_be_written_is_taken_back_and_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the place of the directory")
    stars = Stars(tmp_path / "data")
    changes: list[bool] = []
    stars.subscribe(lambda: changes.append(FOX in stars))
    stars.set(FOX, True)
    with pytest.raises(SaveError):
        stars.write()
    assert changes == [True, False]


def test_a_lock_that_is_never_released_ends_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rushes.stars._LOCK_TIMEOUT_S", 0.0)
    stars = Stars(tmp_path)
    stars.set(FOX, True)
    with (
        ProcessLock(tmp_path / "stars.lock", root=tmp_path),
        pytest.raises(SaveError, match="another kernel"),
    ):
        stars.write()


def test_listeners_hear_of_changes_until_they_leave(tmp_path: Path) -> None:
    stars = Stars(tmp_path)
    heard: list[str] = []
    leave = stars.subscribe(lambda: heard.append("one"))
    stars.set(FOX, True)
    leave()
    stars.set(OWL, True)
    assert heard == ["one"]


def test_a_listener_that_fails_does_not_keep_the_others_from_hearing(tmp_path: Path) -> None:
    stars = Stars(tmp_path)
    heard: list[str] = []

    def fail() -> None:
        raise RuntimeError

    stars.subscribe(fail)
    stars.subscribe(lambda: heard.append("other"))
    stars.set(FOX, True)
    assert heard == ["other"]
