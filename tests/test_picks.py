"""The videos of starred takes in a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from boards import fake_watch
from fake_watch import RUNNING, finished

from rushes.errors import InvalidInputError, SaveError
from rushes.picks import save_takes
from rushes.reference import Reference
from rushes.stars import Stars
from rushes.take import Take


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def take(number: int, label: str | None, store: Path, *, count: int = 1) -> Take:
    """A take whose videos say which they are."""
    place = store / f"{number}"
    place.mkdir(parents=True)
    watch = fake_watch(number, label)
    watch.move(finished(place, f"video {number}".encode(), count=count))
    return Take(watch, Stars())


def saved(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_files_are_called_after_their_labels_else_after_their_operations(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "picks"
    files = save_takes([take(1, "storm, take 1", store), take(2, None, store)], folder)
    assert files == [folder / "storm, take 1.mp4", folder / "op2.mp4"]
    assert saved(folder) == {"storm, take 1.mp4": "video 1", "op2.mp4": "video 2"}


def test_further_samples_are_numbered(store: Path, tmp_path: Path) -> None:
    save_takes([take(1, "storm", store, count=3)], tmp_path / "picks")
    assert sorted(saved(tmp_path / "picks")) == ["storm-2.mp4", "storm-3.mp4", "storm.mp4"]


@pytest.mark.parametrize("other", ["storm", "STORM"])
def test_two_takes_of_one_label_keep_apart(store: Path, tmp_path: Path, other: str) -> None:
    save_takes([take(1, "storm", store), take(2, other, store)], tmp_path / "picks")
    assert saved(tmp_path / "picks") == {"storm op1.mp4": "video 1", f"{other} op2.mp4": "video 2"}


def test_a_label_that_looks_like_a_further_sample_keeps_apart(store: Path, tmp_path: Path) -> None:
    save_takes([take(1, "storm", store, count=2), take(2, "storm-2", store)], tmp_path / "picks")
    assert sorted(saved(tmp_path / "picks").values()) == ["video 1", "video 1", "video 2"]


@pytest.mark.parametrize("label", ["../../etc/passwd", "a/b\\c", "con", ".hidden", "new\nline", "x" * 300])
def test_no_label_leads_out_of_the_folder_or_to_a_name_that_no_system_takes(
    store: Path, tmp_path: Path, label: str
) -> None:
    [file] = save_takes([take(1, label, store)], tmp_path / "picks")
    assert file.parent == tmp_path / "picks"
    assert not file.name.startswith(".")
    assert file.read_text() == "video 1"


def test_an_operation_that_comes_twice_is_copied_once(store: Path, tmp_path: Path) -> None:
    one = take(1, "storm", store)
    assert len(save_takes([one, one], tmp_path / "picks")) == 1


def test_takes_without_a_video_are_left_out(store: Path, tmp_path: Path) -> None:
    running = fake_watch(2)
    running.move(replace(RUNNING))
    assert save_takes([Take(running, Stars()), take(1, None, store)], tmp_path) == [tmp_path / "op1.mp4"]


def test_saving_again_changes_nothing(store: Path, tmp_path: Path) -> None:
    one = take(1, "storm", store)
    assert save_takes([one], tmp_path / "picks") == save_takes([one], tmp_path / "picks")


def test_another_file_is_never_replaced_and_nothing_is_copied_beside_it(store: Path, tmp_path: Path) -> None:
    (tmp_path / "calm.mp4").write_text("mine")
    with pytest.raises(SaveError, match=r"calm\.mp4 exists and holds something else; nothing was copied"):
        save_takes([take(1, "storm", store), take(2, "calm", store)], tmp_path)
    assert (tmp_path / "calm.mp4").read_text() == "mine"
    assert not (tmp_path / "storm.mp4").exists()


def test_a_folder_that_cannot_be_made_is_told(store: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SaveError, match="could not be written"):
        save_takes([take(1, "storm", store)], tmp_path / "file")


@pytest.mark.parametrize("folder", ["", "  ", 7])
def test_what_is_no_folder_is_refused(folder: object) -> None:
    with pytest.raises(InvalidInputError, match="folder"):
        save_takes([], folder)  # type: ignore[arg-type]


def test_the_same_id_of_two_models_keeps_apart(store: Path, tmp_path: Path) -> None:
    one, other = take(1, None, store), take(2, None, store)
    other._watch.reference = Reference("lyra", "op1")
    save_takes([one, other], tmp_path / "picks")
    assert saved(tmp_path / "picks") == {"veo-3.1 op1.mp4": "video 1", "lyra op1.mp4": "video 2"}
