"""A JupyterLab of the tests' own: no news, no extension store."""

from __future__ import annotations

import json
import shutil
import sys

from notebook_server import NotebookServer

# A bare Lab: nothing in it asks the internet for anything, and nothing covers a screenshot.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Light", "adaptive-theme": False},
    "@jupyterlab/completer-extension:manager": {"autoCompletion": False},
}
# What no test needs, and every page would load.
UNUSED = [
    "@jupyterlab/celltags-extension",
    "@jupyterlab/debugger-extension",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/help-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/running-extension",
    "@jupyterlab/terminal-extension",
    "@jupyterlab/toc-extension",
    "@jupyterlab/tooltip-extension",
]


class LabServer(NotebookServer):
    """JupyterLab, with the Python that runs the tests as its kernel."""

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            f"--LabApp.user_settings_dir={self.home / 'user' / 'settings'}",
            f"--LabApp.workspaces_dir={self.home / 'user' / 'workspaces'}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.expose_app_in_browser=True",
        ]

    def configure(self) -> None:
        configuration = self.home / "config" / "labconfig"
        configuration.mkdir()
        (configuration / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
        (configuration / "page_config.json").write_text(
            json.dumps({"disabledExtensions": dict.fromkeys(UNUSED, True)})
        )

    def forget_settings(self) -> None:
        """Go back to the settings that it started with: a theme that a test chose is the next one's otherwise."""
        shutil.rmtree(self.home / "user" / "settings", ignore_errors=True)
