"""`python -m bench`: all measurements, as tables."""

import shutil
import sys

from bench.transport import main

if __name__ == "__main__":
    if shutil.which("ffmpeg") is None:
        sys.exit(
            "The clips of the measurements are made by ffmpeg, which is not installed here: apt install ffmpeg."
        )
    main()
