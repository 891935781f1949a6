"""A JupyterLab, and a Notebook 7, of the tests' own: no news, no extension store."""

from __future__ import annotations

import json
import shutil

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
    "@jupyter-notebook/lab-extension",
    "@voila-dashboards/jupyterlab-preview",
]


class LabServer(NotebookServer):
    """JupyterLab; the Python that it runs in is its kernel as well."""

    module, application = "jupyterlab", "LabApp"

    def command(self) -> list[str]:
        return [
            *(self.python, "-m", self.module, "--no-browser", "--allow-root"),
            f"--{self.application}.user_settings_dir={self.home / 'user' / 'settings'}",
            f"--{self.application}.workspaces_dir={self.home / 'user' / 'workspaces'}",
            "--LabApp.extension_manager=readonly",
            f"--{self.application}.expose_app_in_browser=True",
        ]

    def page_url(self, name: str, workspace: str) -> str:
        """Where a notebook opens in a workspace that has nothing else in it."""
        return f"{self.url}/lab/workspaces/{workspace}/tree/{name}?reset&token={self.token}"

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


class NotebookSevenServer(LabServer):
    """Notebook 7, which is made of JupyterLab's parts."""

    module, application = "notebook", "JupyterNotebookApp"

    def page_url(self, name: str, workspace: str) -> str:
        return f"{self.url}/notebooks/{name}?token={self.token}"
