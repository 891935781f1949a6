"""Watch a video generation in a notebook: status while it runs, then the video itself.

    import rushes
    rushes.watch("veo-3.1-generate-preview", "mg3pt9cbmvr1")

Importing this package loads none of its parts: each is imported when it is first used, and nothing of
Jupyter before a widget is made.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from rushes.board import Board, watch_all
    from rushes.bug_report import report
    from rushes.client import Client
    from rushes.embedded import demo, demo_endpoint
    from rushes.errors import (
        APIError,
        AuthenticationError,
        CredentialsError,
        DownloadError,
        InvalidInputError,
        NetworkError,
        NoVideoError,
        OperationFailedError,
        OperationFilteredError,
        OperationNotFoundError,
        PermissionDeniedError,
        RateLimitError,
        RushesError,
        SaveError,
        ServerError,
        UnreadableResponseError,
        WatchStoppedError,
        WatchTimeoutError,
    )
    from rushes.labels import forget, once
    from rushes.ledger import recent
    from rushes.operation import Operation
    from rushes.store import Store
    from rushes.video import Video
    from rushes.widget import OperationWidget, watch

    __version__: str

__all__ = [
    "APIError",
    "AuthenticationError",
    "Board",
    "Client",
    "CredentialsError",
    "DownloadError",
    "InvalidInputError",
    "NetworkError",
    "NoVideoError",
    "Operation",
    "OperationFailedError",
    "OperationFilteredError",
    "OperationNotFoundError",
    "OperationWidget",
    "PermissionDeniedError",
    "RateLimitError",
    "RushesError",
    "SaveError",
    "ServerError",
    "Store",
    "UnreadableResponseError",
    "Video",
    "WatchStoppedError",
    "WatchTimeoutError",
    "__version__",
    "demo",
    "demo_endpoint",
    "forget",
    "once",
    "recent",
    "report",
    "watch",
    "watch_all",
]

_HOMES = {
    "Board": "board",
    "Client": "client",
    "Operation": "operation",
    "OperationWidget": "widget",
    "Store": "store",
    "Video": "video",
    "demo": "embedded",
    "demo_endpoint": "embedded",
    "forget": "labels",
    "once": "labels",
    "recent": "ledger",
    "report": "bug_report",
    "watch": "widget",
    "watch_all": "board",
}

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:  # Any: whatever the attribute is; type checkers read the imports above
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        value: Any = importlib.import_module("importlib.metadata").version(__name__)
    else:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%watch`: `%load_ext rushes`."""
    importlib.import_module(f"{__name__}.magics").load_ipython_extension(shell)
