"""What holds for every test: no key, proxy or data directory of the machine is seen or touched."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from proofs import Proofs

# No deadline per example: how long one takes on a busy machine says nothing about the code.
settings.register_profile("rushes", deadline=None, print_blob=True)
settings.load_profile("rushes")

# Requests go to servers of the tests alone, and the keys in them are of the tests' own making.
HIDDEN = (
    *("GPTPROTO_", "GEMINI_", "GOOGLE_", "RUSHES_DATA_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("COLAB_", "KAGGLE_", "BINDER_"),
)


def pytest_configure(config: pytest.Config) -> None:
    # A shell lets what it starts in the background ignore Ctrl-C, and tests are about that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    path = os.environ.get("RUSHES_PROOFS")
    if path:
        config.pluginmanager.register(Proofs(Path(path)), "rushes-proofs")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory of the test's own, and none of the variables that keys, proxies, endpoints come from.

    Returns the data directory, which does not exist yet, as on a new machine.
    """
    for name in list(os.environ):
        if name.startswith(HIDDEN) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    data_directory = tmp_path_factory.mktemp("user") / "data"
    monkeypatch.setenv("RUSHES_DATA_DIR", str(data_directory))
    return data_directory
