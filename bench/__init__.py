"""The measurements (`make bench`). README.md tells what is measured, how, and what came out."""

import sys
from pathlib import Path

# JupyterLab is started as the browser tests start it.
sys.path.append(str(Path(__file__).parents[1] / "tests" / "e2e"))
