"""Keeps the key that a page sends out of the debug log of the packages that carry the message."""

from __future__ import annotations

import logging

#: `comm` logs each message whole, on a logger that follows the root's level; ipykernel does with `--debug`.
_LOGGERS = ("Comm", "IPKernelApp")


class _WithoutKeys(logging.Filter):
    """Replaces a record about a message with a key in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  whose format does not fit: its handlers tell, and raise nothing
            return True
        ours = "'type': 'key'" in message or "'type': 'watch'" in message
        if ours and "'key': " in message:
            record.msg, record.args = "(a message with an API key in it)", ()
        return True


def keep_keys_out_of_logs() -> None:
    """Install the filter. Once is enough; more does no harm."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(other, _WithoutKeys) for other in logger.filters):
            logger.addFilter(_WithoutKeys())
