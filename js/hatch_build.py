"""Hatchling's hook: no wheel, sdist or editable install without the front end of these very sources."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Hatchling loads this file by its path, so the files beside it are not importable by themselves.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import bundle
import npm


class FrontEndHook(BuildHookInterface[Any]):
    """Builds js/ into src/rushes/static where it is not there, or of other sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js from PyPI, only where something has to be built and the machine has none that is fit."""
        needed = None if bundle.is_current() else npm.requirement()
        return [needed] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        try:
            bundle.ensure()
        except npm.NpmError as error:
            # Ends the build with the message alone: a traceback of this hook would bury it.
            sys.exit(f"\n{error}\n")

    def clean(self, versions: list[str]) -> None:
        shutil.rmtree(bundle.STATIC, ignore_errors=True)
