"""The form of a card that has no operation yet: what was typed, and why it cannot be watched."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rushes.errors import CredentialsError, InvalidInputError
from rushes.messages import WatchAsked
from rushes.reference import KNOWN_MODEL_NAMES, read_typed
from rushes.snapshot import Form, FormError

if TYPE_CHECKING:
    from rushes.credentials import Secret
    from rushes.watching import Watch

log = logging.getLogger(__name__)


class WatchForm:
    """Turns an idle watch into one of the operation that was typed.

    Args:
        watch: the watch; one that is not idle has no form.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        # A key that was typed beside a name that cannot be meant is not asked for twice.
        self._secret: Secret | None = None
        self._error: FormError | None = None

    @property
    def shown(self) -> Form | None:
        """What the page shows; None once an operation is watched."""
        if self._watch.state.status != "idle":
            return None
        return Form(model_names=list(KNOWN_MODEL_NAMES), has_key=self._secret is not None, error=self._error)

    def submit(self, asked: WatchAsked) -> None:
        """Watch what was typed, or keep the error for the field that it belongs to.

        Nothing here waits for the disk or the network; on Colab the search for a key asks the page, which only the
        main thread may do.
        """
        if self._watch.state.status != "idle":
            return
        self._secret = asked.secret or self._secret
        try:
            self._watch.choose(read_typed(asked.model_name, asked.operation_id), self._secret)
        except InvalidInputError as error:
            self._error = FormError(request=asked.id, field=error.part, message=error.summary)
        except CredentialsError as error:
            self._secret = None
            self._error = FormError(request=asked.id, field="key", message=error.summary)
        else:
            self._secret = self._error = None
