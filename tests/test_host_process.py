"""What a watch leaves as it is in the process that it runs in: one that is no kernel has no shell after it."""

from __future__ import annotations

import subprocess
import sys

# What the packages below it do to a process when they are imported is theirs; what comes after is ours. `_renewed_for`
# says that the publisher's thread has had its look at the outputs.
SCRIPT = """
import builtins, logging, os, pickle, signal, sys, threading, time, warnings
import anywidget, filelock, requests
from IPython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

class OfACell:
    pass

def process():
    return {
        "__main__": id(sys.modules["__main__"]),
        "pickled": pickle.dumps(OfACell()),
        "shell": (get_ipython(), InteractiveShell.initialized()),
        "threads": {thread.name for thread in threading.enumerate() if not thread.name.startswith("rushes-")},
        "builtins": set(vars(builtins)),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook, sys.displayhook, sys.stdout, sys.stderr),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "warnings": (warnings.showwarning, list(warnings.filters)),
        "logging": (logging.root.level, list(logging.root.handlers), list(logging.root.filters)),
        "environment": (dict(os.environ), os.getcwd(), list(sys.path)),
    }

before = process()
import rushes
with rushes.demo_endpoint(seconds=0) as endpoint:
    address = {"base_url": endpoint.base_url, "api_key": endpoint.api_key}
    card = rushes.watch(endpoint.create_operation(), **address)
    board = rushes.watch_all([endpoint.create_operation()], **address)
    for widget in (card, board):
        widget._repr_mimebundle_()
        widget._page.handle({"type": "sync", "page": 0.5}, [])
    card.result(30)
    board.wait(timeout=30)
    deadline = time.monotonic() + 30
    while card._page._renewed_for is None or board._page._renewed_for is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    card.close()
    board.close()
after = process()
print([name for name in before if before[name] != after[name]])
"""


def test_a_watch_with_a_page_leaves_a_process_without_a_kernel_as_it_was() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.stdout.strip() == "[]", ended.stdout + ended.stderr
