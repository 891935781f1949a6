"""What is remarked about a watch that begins: its name, that it is not new, and what could not be written down."""

from __future__ import annotations

import logging
from datetime import datetime, timezone

from rushes.credentials import Credentials
from rushes.data_directory import OperationKey
from rushes.errors import SaveError
from rushes.labels import OperationName
from rushes.ledger import Ledger

_logger = logging.getLogger(__name__)

KEPT = "kept on this machine, nothing was asked for"


def joined(*remarks: str | None) -> str | None:
    """The remarks in one line; None where there is none."""
    return "; ".join(filter(None, remarks)) or None


def write_down_start(key: OperationKey, credentials: Credentials, label: str | None) -> str | None:
    """Enter the operation into the ledger; a remark where that is not possible, which must not stop a watch."""
    provider = credentials.provider
    if credentials.secret is None:
        return None  # the key that comes later decides where the operation is
    try:
        Ledger().record_start(
            key,
            provider=provider.name,
            base_url=provider.base_url,
            label=label,
            started_at=datetime.now(timezone.utc),
        )
    except SaveError as error:
        _logger.warning("The operation could not be written down. %s", error)
        return "not written down: the data directory cannot be written"
    return None


def reuse_remark(operation: object) -> str | None:
    """That `once` did not submit it again, where it was so."""
    if isinstance(operation, OperationName) and operation.reused:
        return f"reused, submitted {operation.submitted_at.astimezone():%H:%M}"
    return None


def label_of(operation: object) -> str | None:
    """The label that an operation brings along."""
    label = getattr(operation, "label", None)
    return label if isinstance(label, str) else None
