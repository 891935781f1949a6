"""What `watch_all` is given: every entry read and checked before any of them begins."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeGuard

from rushes.client import checked_timeout
from rushes.credentials import Credentials, Secret
from rushes.destination import means_directory
from rushes.errors import InvalidInputError, SaveError
from rushes.preparation import PreparedWatch, Wish, credentials_for, prepare_watch
from rushes.reference import Reference, read_reference

Labels = Iterable[str | None] | Mapping[str, str]

_AS_IN = 'As in watch_all(["models/M/operations/A", "models/M/operations/B"]).'
_WHOLE_NAMES = (
    "Give whole operation names, or the model of the bare IDs: "
    'watch_all([...], model_name="veo-3.1-generate-preview").'
)


def prepare_batch(
    operations: object,
    *,
    model_name: str | None,
    labels: Labels | None,
    provider: str | None,
    secret: Secret | None,
    base_url: str | None,
    save_to: str | os.PathLike[str] | None,
    timeout: float | None,
) -> list[PreparedWatch]:
    """Read all entries; the arguments are those of `watch_all`. Begins nothing.

    Raises:
        InvalidInputError: an entry, a label or an option that cannot be meant; says which entry.
        SaveError: `save_to` cannot be written to, or holds another file of an entry's name.
    """
    entries = _entries(operations)
    references = []
    for index, entry in enumerate(entries):
        with _named_in_errors(index):
            references.append(_reference(entry, model_name))
    own_labels = _labels(labels, references)
    if save_to is not None:
        _check_directory(save_to)
    wish = Wish(provider, secret, base_url, None, checked_timeout(timeout))
    # Looked for once for each endpoint: Colab's secrets are a question to the page each time.
    found: dict[str | None, Credentials] = {}
    prepared = []
    for index, (entry, reference, label) in enumerate(zip(entries, references, own_labels, strict=True)):
        with _named_in_errors(index):
            if reference.base_url not in found:
                found[reference.base_url] = credentials_for(wish, reference)
            credentials = found[reference.base_url]
            named = entry[1] if _is_pair(entry) else entry
            prepared.append(prepare_watch(named, reference, credentials, wish, save_to=save_to, label=label))
    return prepared


def _entries(operations: object) -> list[object]:
    if isinstance(operations, (str, bytes, Mapping)) or not isinstance(operations, Iterable):
        raise InvalidInputError(
            f"The operations are a {type(operations).__name__}, not a list of them.", next_step=_AS_IN
        )
    entries = list(operations)
    if not entries:
        raise InvalidInputError("There is no operation to watch: the list is empty.", next_step=_AS_IN)
    return entries


def _reference(entry: object, model_name: str | None) -> Reference:
    """The entry's own model comes first; `model_name` is for those that name none."""
    if _is_pair(entry):
        return read_reference(entry[0], entry[1])
    try:
        return read_reference(entry)
    except InvalidInputError as error:
        if model_name is None:
            bare = isinstance(entry, str) and "models/" not in entry and "://" not in entry
            raise InvalidInputError(
                error.explanation, next_step=_WHOLE_NAMES if bare else error.next_step
            ) from None
    return read_reference(model_name, entry)


def _is_pair(entry: object) -> TypeGuard[Sequence[object]]:
    return isinstance(entry, (tuple, list)) and len(entry) == 2


def _labels(labels: Labels | None, references: Sequence[Reference]) -> list[str | None]:
    if labels is None:
        return [None] * len(references)
    if isinstance(labels, Mapping):
        known = {name for reference in references for name in (reference.operation_id, reference.name)}
        strangers = [key for key in labels if key not in known]
        if strangers:
            raise InvalidInputError(
                f"labels names {str(strangers[0])[:80]!r}, which is none of these operations.",
                next_step="The keys of labels are operation IDs, or whole operation names.",
            )
        return [labels.get(reference.name, labels.get(reference.operation_id)) for reference in references]
    if isinstance(labels, (str, bytes)) or not isinstance(labels, Iterable):
        raise InvalidInputError(
            f"labels is a {type(labels).__name__}.",
            next_step="Give a list with a label for each operation, or a dict from operation IDs to labels.",
        )
    given = list(labels)
    if len(given) != len(references):
        raise InvalidInputError(
            f"There are {len(given)} labels for {len(references)} operations.",
            next_step="Give one for each, None where there is none; or a dict from operation IDs to labels.",
        )
    return given


def _check_directory(save_to: str | os.PathLike[str]) -> None:
    """Many videos cannot go to one file."""
    if not means_directory(save_to):
        raise InvalidInputError(
            "save_to has to be a directory here: each video gets a file of its own.",
            next_step='Pass a directory, as in save_to="takes/".',
        )


@contextmanager
def _named_in_errors(index: int) -> Iterator[None]:
    """Say in an error which entry it is about."""
    trouble: InvalidInputError | SaveError
    try:
        yield
        return
    except (InvalidInputError, SaveError) as error:
        trouble = type(error)(f"operations[{index}]: {error.explanation}", next_step=error.next_step)
    raise trouble
