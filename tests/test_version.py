"""The version is what git says: the last tag and the commits since, and something sensible where git says nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools

ROOT = Path(__file__).resolve().parent.parent


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "commit", "-q", "--allow-empty", "-m", "A commit")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project's own settings in a folder that is no clone."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def clone(folder: Path) -> Path:
    """The same in a git repository of two commits, without a tag."""
    git(folder, "init", "-q")
    git(folder, "add", ".")
    commit(folder)
    commit(folder)
    return folder


def version(folder: Path, **variables: str) -> str:
    """The public part: what names the commit comes after a plus sign."""
    command = [sys.executable, "-m", "hatchling", "metadata", "version"]
    ended = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip().partition("+")[0]


def test_a_tagged_commit_is_that_version(clone: Path) -> None:
    git(clone, "tag", "v7.8.9")
    assert version(clone) == "7.8.9"


def test_a_later_commit_is_on_its_way_to_the_next_version(clone: Path) -> None:
    git(clone, "tag", "v7.8.9")
    commit(clone)
    assert version(clone) == "7.8.10.dev1"


def test_a_clone_without_tags_counts_its_commits(clone: Path) -> None:
    assert version(clone) == "0.1.0.dev2"


def test_a_shallow_clone_has_a_version_too(clone: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(clone, "clone", "-q", "--depth", "1", clone.as_uri(), str(shallow))
    assert version(shallow) == "0.1.0.dev1"


def test_without_a_clone_or_without_git_there_is_a_version_too(folder: Path) -> None:
    assert version(folder) == "0.1.0.dev0"
    git(folder, "init", "-q")
    git(folder, "add", ".")
    commit(folder)
    assert version(folder, PATH=str(folder)) == "0.1.0.dev0"
