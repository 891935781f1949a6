"""The code blocks of Markdown files, run as the cells of a notebook would be, and commands looked at."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import sys
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parent.parent
_SHELL = "shell"


def run_cell(example: Example) -> None:
    """Run a block in the page's shell: what one defines the next ones use."""
    namespace = example.namespace
    if _SHELL not in namespace:
        namespace[_SHELL] = InteractiveShell(user_ns=dict(namespace))
    namespace[_SHELL].run_cell(example.parsed).raise_error()


def check_commands(example: Example) -> None:
    """Look whether the commands of a block, and the files and targets that they name, exist."""
    for line in re.sub(r"\\\n", "", example.parsed).splitlines():
        words = shlex.split(line, comments=True)
        if words:
            check_command(words)


def check_command(words: list[str]) -> None:
    """Raises AssertionError where a command names what is not there."""
    name, arguments = words[0], words[1:]
    operands = [argument for argument in arguments if not argument.startswith("-")]
    if name == "export":
        assert _read_by_rushes(operands[0].partition("=")[0]), f"rushes reads no variable {operands[0]}"
    elif words[:2] == ["pip", "install"]:
        assert operands[1:] == ["rushes"], words
    elif name == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert [operand for operand in operands if operand not in targets] == []
    elif name == "python" and arguments[0] == "-c":
        ast.parse(arguments[1])
    elif name == "python":
        assert (ROOT / operands[0]).is_file(), words
    elif name == "jupyter":
        assert _installed(f"jupyter-{operands[0]}"), words
    else:
        assert _installed(name), f"{name} is no command of the development environment"
        assert [file for file in operands if "/" in file and not (ROOT / file).exists()] == []


def _installed(command: str) -> bool:
    return shutil.which(command, path=str(Path(sys.executable).parent)) is not None


def _read_by_rushes(variable: str) -> bool:
    return any(f'"{variable}"' in path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))


#: What is done with a block, by the language that is written behind its fence.
PARSERS = {
    "python": run_cell,
    "ipython": run_cell,
    "sh": check_commands,
}
PAGES = Sybil([SkipParser(), *(CodeBlockParser(name, run) for name, run in PARSERS.items())])
