"""The measurements (`make bench`). README.md tells what is measured, how, and what came out."""

import sys
from pathlib import Path

# JupyterLab is started as the browser tests start it.
_TESTS = Path(__file__).parents[1] / "tests"
sys.path += [str(_TESTS), str(_TESTS / "e2e")]
