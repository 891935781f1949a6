"""`%watch`, for those who would rather not type quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from rushes.widget import OperationWidget

_LOOKS_LIKE_A_KEY = re.compile(r"(?:^|[\s=\"'])(?:--?(?:api[-_]?)?key\b|sk-|AIza)", re.IGNORECASE)


@magics_class
class RushesMagics(Magics):
    """The magics of `%load_ext rushes`."""

    @magic_arguments()
    @argument("model_name", help='a model name; or, alone, an operation: "models/M/operations/X" or a URL')
    @argument("operation_id", nargs="?", help="an operation ID")
    @argument(
        "--provider", choices=("gptproto", "google"), help="whose endpoint it is; without it, the key decides"
    )
    @argument("--base-url", help="another endpoint that speaks the same contract")
    @argument("--save-to", help="a file, or a directory with a trailing slash, for the video")
    @argument(
        "--timeout", type=float, default=3600.0, help="seconds awake until the watch gives up (default: 3600)"
    )
    @argument("--autoplay", action="store_true", help="play as soon as the video is there, without sound")
    @argument("--loop", action="store_true", help="play again and again")
    @argument("--label", help="a name of your own, for the card and for rushes.recent()")
    @argument("--no-poster", action="store_true", help="keep no picture of the video in the saved notebook")
    @line_magic
    def watch(self, line: str) -> OperationWidget:
        """Watch a video generation, and show it in the cell.

        `%watch MODEL OPERATION_ID`, or `%watch models/MODEL/operations/OPERATION_ID`. Returns the widget:
        `w = %watch ...`. The API key is read from the environment or from Colab's secrets, or typed into the
        card; it is never taken from this line, which the notebook and IPython's history keep.
        """
        if _LOOKS_LIKE_A_KEY.search(line):
            raise UsageError(
                "%watch takes no API key: this line stays in the notebook and in IPython's history. If a "
                "real key was in it, replace it at the provider. Set GPTPROTO_API_KEY or GEMINI_API_KEY, or "
                "type the key into the card."
            )
        from rushes.widget import watch

        options = vars(parse_argstring(self.watch, line))
        # IPython splits the line and leaves the quotes on, for the sake of Windows paths.
        options = {
            name: value.strip("\"'") if isinstance(value, str) else value for name, value in options.items()
        }
        options["poster"] = not options.pop("no_poster")
        return watch(options.pop("model_name"), options.pop("operation_id"), **options)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics: `%load_ext rushes`."""
    shell.register_magics(RushesMagics)
