"""JupyterLab beside a build of the front end that runs at each change: `make dev`.

    python js/dev.py COMMAND...     the command that starts JupyterLab

anywidget takes each new build into the pages that are open. Ctrl-C ends both, and so does the end of either.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

BUILD = [sys.executable, str(Path(__file__).with_name("npm.py")), "run", "dev"]
#: JupyterLab ends its kernels first.
LONGEST_END_S = 20.0


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """A process group of its own: Ctrl-C reaches this script alone, which ends whole groups."""
    environment = os.environ | {"ANYWIDGET_HMR": "1"}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started, by force where it takes too long."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:  # nothing of it is left
            break
        try:
            process.wait(LONGEST_END_S)
        except subprocess.TimeoutExpired:
            continue
        break


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    processes = [start(BUILD), start(command)]
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        for process in processes:
            end(process)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
