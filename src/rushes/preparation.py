"""What a watch is asked for with, checked before anything begins."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from rushes.credentials import Credentials, Secret, find_credentials
from rushes.data_directory import OperationKey, operation_key
from rushes.errors import InvalidInputError
from rushes.ledger_entry import LedgerEntry
from rushes.reference import Reference
from rushes.save_to import check_save_to
from rushes.store import Store


@dataclass(frozen=True)
class Wish:
    """What the arguments of a watch asked for, kept for a resume that looks for a key again."""

    provider: str | None
    secret: Secret | None
    base_url: str | None
    save_to: Path | None
    timeout_s: float | None


@dataclass(frozen=True)
class PreparedWatch:
    """A watch whose arguments are in order; nothing of it has begun, and nothing is written down.

    Attributes:
        named: the argument that the operation was read from.
        reference: the operation.
        credentials: what it is asked for with.
        wish: the options.
        label: the user's own name for it.
        finished: what the store has of it, all videos included; else None.
    """

    named: object
    reference: Reference
    credentials: Credentials
    wish: Wish
    label: str | None
    finished: LedgerEntry | None

    @property
    def key(self) -> OperationKey:
        """What the operation is called on disk."""
        return operation_key(self.credentials.provider.base_url, self.reference)


def credentials_for(wish: Wish, reference: Reference) -> Credentials:
    """Match a provider and a key (`rushes.credentials.find_credentials`).

    Raises:
        InvalidInputError: an unknown provider or a URL that cannot be used.
    """
    return find_credentials(
        provider=wish.provider, secret=wish.secret, base_url=wish.base_url, url_base=reference.base_url
    )


def prepare_watch(
    named: object,
    reference: Reference,
    credentials: Credentials,
    wish: Wish,
    *,
    save_to: str | os.PathLike[str] | None,
    label: str | None,
) -> PreparedWatch:
    """Check the rest: label and destination. Blocks for a look at the disk.

    Raises:
        InvalidInputError: the label is no text, or the path cannot be meant.
        SaveError: `save_to` cannot be written to, or holds another file.
    """
    if label is not None and not isinstance(label, str):
        raise InvalidInputError(f"The label is a {type(label).__name__}.", next_step="Give text, or None.")
    finished = Store().finished(operation_key(credentials.provider.base_url, reference))
    if save_to is not None:
        wish = replace(wish, save_to=check_save_to(save_to, reference, finished))
    return PreparedWatch(named, reference, credentials, wish, label, finished)
