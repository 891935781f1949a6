"""Where videos go: names that mean the same everywhere, checks before the wait, copies that are whole or absent."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from disk_steps import disk_steps
from hypothesis import given
from hypothesis import strategies as st

from rushes.destination import check_destination, export, resolve_destination, safe_file_stem
from rushes.errors import InvalidInputError, SaveError

DEVICES = {"con", "prn", "aux", "nul", "com1", "lpt9", "conin$"}


def test_a_directory_gets_a_file_named_after_the_operation(tmp_path: Path) -> None:
    assert resolve_destination(tmp_path, "op1", 0, 1) == tmp_path / "op1.mp4"
    assert resolve_destination(f"{tmp_path}/new/", "op1", 0, 1) == tmp_path / "new" / "op1.mp4"


def test_anything_else_is_the_name_of_the_file(tmp_path: Path) -> None:
    assert resolve_destination(tmp_path / "take", "op1", 0, 1) == tmp_path / "take"


def test_further_samples_are_numbered_before_the_suffix(tmp_path: Path) -> None:
    names = [resolve_destination(tmp_path, "op1", sample, 3).name for sample in range(3)]
    assert names == ["op1.mp4", "op1-2.mp4", "op1-3.mp4"]
    assert resolve_destination(tmp_path / "a.b.webm", "op1", 1, 2).name == "a.b-2.webm"


def test_the_home_directory_and_the_present_directory_are_resolved_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert resolve_destination("~/x.mp4", "op1", 0, 1) == tmp_path / "x.mp4"
    assert resolve_destination("x.mp4", "op1", 0, 1) == tmp_path / "x.mp4"


@pytest.mark.parametrize("place", ["", "  ", b"x.mp4", 7, None])
def test_what_is_no_path_is_refused(place: Any) -> None:
    with pytest.raises(InvalidInputError):
        resolve_destination(place, "op1", 0, 1)


@pytest.mark.parametrize(
    "operation_id",
    [
        "../../etc/passwd",
        "..",
        ".",
        "",
        "/abs",
        "a\\..\\b",
        "C:evil",
        "NUL",
        "com1.mp4",
        "a\0b",
        "x" * 5000,
        "ü" * 300,
    ],
)
def test_an_operation_id_stays_inside_the_directory(tmp_path: Path, operation_id: str) -> None:
    target = resolve_destination(tmp_path, operation_id, 1, 2)
    assert target.parent == tmp_path
    check_destination(target)
    target.write_bytes(b"it can be written")


@given(st.text(max_size=300))
def test_any_text_becomes_a_name_that_every_system_takes(text: str) -> None:
    stem = safe_file_stem(text)
    assert stem
    assert stem.strip(" .") == stem
    assert not set(stem) & set('<>:"/\\|?*')
    assert all(ord(letter) >= 32 for letter in stem)
    assert stem.split(".")[0].lower() not in DEVICES
    assert len(stem.encode("utf-8")) <= 210


def test_a_missing_directory_is_told_before_the_wait(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="no directory") as caught:
        check_destination(tmp_path / "missing" / "x.mp4")
    assert "makedirs" in caught.value.next_step


def test_a_directory_in_the_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").mkdir()
    with pytest.raises(SaveError, match="is a directory"):
        check_destination(tmp_path / "x.mp4")


def test_a_file_where_a_directory_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SaveError):
        check_destination(tmp_path / "file" / "x.mp4")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_place_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    # Tests run as root in many containers, for whom no directory is read-only.
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(SaveError) as caught:
        check_destination(tmp_path / "x.mp4")
    assert caught.value.next_step


@pytest.mark.parametrize("name", ["a\nb.mp4", "a\x00b.mp4", "x" * 300 + ".mp4"])
def test_a_name_that_cannot_be_one_is_invalid_input(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError):
        check_destination(tmp_path / name)


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_destination(tmp_path / "x.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_export_has_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(os.urandom(3_000_000))
    target = export(source, tmp_path / "copy.mp4")
    assert target == tmp_path / "copy.mp4"
    assert target.read_bytes() == source.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.mp4", "source.mp4"]


def test_an_export_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(b"video")
    steps = disk_steps(tmp_path / "copy.mp4", monkeypatch)
    export(source, tmp_path / "copy.mp4")
    assert steps[:2] == ["5 bytes", "named"]
    assert steps[2:] == ([] if os.name == "nt" else ["directory"])


def test_an_export_follows_the_umask_like_any_file_of_the_user(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(b"1")
    source.chmod(0o600)
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert export(source, tmp_path / "copy.mp4").stat().st_mode == plain.stat().st_mode


def test_the_same_bytes_in_the_place_are_fine_and_left_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_bytes(b"video")
    target.write_bytes(b"video")
    before = target.stat().st_mtime_ns
    assert export(source, target) == target
    assert export(target, target) == target
    assert target.stat().st_mtime_ns == before


def test_other_bytes_in_the_place_are_kept_unless_overwriting_was_asked_for(tmp_path: Path) -> None:
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_bytes(b"video")
    target.write_bytes(b"other")
    with pytest.raises(SaveError, match="holds something else"):
        export(source, target)
    assert target.read_bytes() == b"other"
    export(source, target, overwrite=True)
    assert target.read_bytes() == b"video"


def test_what_is_saved_there_during_the_copy_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_bytes(b"video")
    copy = shutil.copyfileobj

    def copy_slowly(*arguments: object) -> None:
        target.write_bytes(b"other")
        copy(*arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(shutil, "copyfileobj", copy_slowly)
    with pytest.raises(SaveError, match="holds something else"):
        export(source, target)
    assert target.read_bytes() == b"other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_disk_that_fills_up_leaves_the_place_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_bytes(b"video")
    target.write_bytes(b"other")

    def full(reader: Any, writer: Any, length: int) -> None:
        writer.write(b"vi")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(SaveError, match="disk is full"):
        export(source, target, overwrite=True)
    assert target.read_bytes() == b"other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_source_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="no longer"):
        export(tmp_path / "gone.mp4", tmp_path / "b.mp4")
