from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.data_directory import (
    OperationKey,
    data_directory,
    file_name_for,
    make_private,
    using_data_directory,
)
from rushes.errors import SaveError

# What a server or a user might call things: any text, and what file systems trip over.
names = st.text(max_size=400) | st.sampled_from(
    [
        "",
        ".",
        "..",
        "../..",
        "/etc/passwd",
        "C:\\x",
        "con",
        "NUL.txt",
        "a:b",
        "x" * 5000,
        "\ud800",
        "a\0b",
        ".",
    ]
)
keys = st.builds(OperationKey, names, names, names)


@given(keys)
def test_a_directory_name_never_leaves_its_parent_and_is_valid_everywhere(key: OperationKey) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,80}", key.directory_name)
    assert key.directory_name[0] != "-"
    parent = Path("/data/operations")
    assert Path(os.path.normpath(parent / key.directory_name)).parent == parent


@given(keys, keys)
def test_different_operations_have_different_directories_even_where_case_is_ignored(
    one: OperationKey, other: OperationKey
) -> None:
    assert (one.directory_name.casefold() == other.directory_name.casefold()) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OperationKey("o", "ab", "c"), OperationKey("o", "a", "bc")),
        (OperationKey("o", "veo", "Abc"), OperationKey("o", "veo", "abc")),
        (OperationKey("https://a:443", "veo", "x"), OperationKey("https://b:443", "veo", "x")),
        (OperationKey("o", "veo", "x" * 300 + "1"), OperationKey("o", "veo", "x" * 300 + "2")),
    ],
)
def test_operations_that_look_alike_are_kept_apart(one: OperationKey, other: OperationKey) -> None:
    assert one.directory_name != other.directory_name


@pytest.mark.parametrize("device", ["con", "NUL", "com1", "aux.mp4", "LPT9"])
def test_a_file_name_is_no_device_of_windows(device: str) -> None:
    assert file_name_for(device, device).split(".")[0].upper() != device.split(".")[0].upper()


def test_a_directory_name_tells_a_person_which_operation_it_is() -> None:
    key = OperationKey("https://api.gptproto.com:443", "veo-3.1-generate-preview", "mg3pt9cbmvr1")
    assert key.directory_name.startswith("veo-3-1-generate-preview-mg3pt9cbmvr1-")


def test_one_variable_moves_everything_and_is_read_at_each_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUSHES_DATA_DIR", str(tmp_path / "drive"))
    assert data_directory() == tmp_path / "drive"
    monkeypatch.setenv("RUSHES_DATA_DIR", "~/films")
    assert data_directory() == Path.home() / "films"
    monkeypatch.setenv("RUSHES_DATA_DIR", "here")
    assert data_directory() == Path.cwd() / "here"
    monkeypatch.setenv("RUSHES_DATA_DIR", " ")
    assert data_directory().name == "rushes"
    assert data_directory().is_absolute()


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_what_is_created_is_for_this_user_alone_and_what_exists_stays_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "share" / "rushes"
    make_private(root / "operations" / "x", root=root)
    for created in (root, root / "operations", root / "operations" / "x"):
        assert stat.S_IMODE(created.stat().st_mode) == 0o700
    chosen = tmp_path / "chosen"
    chosen.mkdir(mode=0o755)
    chosen.chmod(0o755)
    make_private(chosen / "operations", root=chosen)
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o755
    assert stat.S_IMODE((chosen / "operations").stat().st_mode) == 0o700


def test_a_place_that_cannot_be_written_is_named_with_the_reason_and_the_way_out(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(SaveError) as raised, using_data_directory("The video", in_the_way):
        make_private(in_the_way / "operations", root=in_the_way)
    assert str(in_the_way) in str(raised.value)
    assert "RUSHES_DATA_DIR" in raised.value.next_step
