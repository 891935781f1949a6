"""An endpoint to practise with, and the demo that runs on it.

The package is called `embedded` and not `demo` because importing a package `rushes.demo` would put a module
in the place of the function `rushes.demo()`.
"""

from __future__ import annotations

from rushes.embedded.endpoint import DEMO_KEY, DEMO_MODEL, DemoEndpoint
from rushes.embedded.showing import demo, demo_endpoint

__all__ = ["DEMO_KEY", "DEMO_MODEL", "DemoEndpoint", "demo", "demo_endpoint"]
