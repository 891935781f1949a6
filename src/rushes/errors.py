"""Every error that rushes raises, in one tree.

    RushesError
    ├── InvalidInputError (also ValueError)   a name, ID, URL or path that cannot be meant
    ├── CredentialsError                      no key, or a key that belongs to another provider
    ├── NetworkError                          nothing came back, or something in between answered
    ├── APIError                              the endpoint answered with an error
    │   ├── AuthenticationError
    │   ├── PermissionDeniedError
    │   ├── OperationNotFoundError
    │   ├── RateLimitError
    │   └── ServerError
    ├── UnreadableResponseError               an answer that is not an operation
    ├── OperationFailedError                  the generation itself failed
    ├── OperationFilteredError                a safety filter withheld every video
    ├── NoVideoError                          finished without a video
    ├── DownloadError                         the video could not be fetched
    ├── SaveError                             the video could not be written
    ├── WatchStoppedError
    └── WatchTimeoutError

Each message says what happened and what it means; `next_step` says what to do about it. Neither ever holds an
API key, a signed URL or an exception of the HTTP library. `help_url` leads to the page about it, from
`docs/errors/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from rushes.error_pages import error_page_url

NetworkFault = Literal[
    "refused", "reset", "timeout", "dns", "tls", "proxy", "truncated", "sign_in", "redirect", "other"
]

#: HTTP statuses that pass by themselves; everything else will be the same on the next try.
TRANSIENT_STATUS_CODES = frozenset({407, 408, 425, 429, 500, 502, 503, 504})


class RushesError(Exception):
    """Base of every error of this package.

    Attributes:
        next_step: one or two sentences on what to do about it; may be empty.
        transient: whether the same request may succeed a little later.
        answer: what the endpoint sent in place of an operation, cut, and without the key, queries of addresses and long
            data; None where it sent nothing.
    """

    default_next_step: ClassVar[str] = ""

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.next_step = self.default_next_step if next_step is None else next_step
        self.transient = False
        self.answer: str | None = None

    @property
    def help_url(self) -> str | None:
        """The page of the documentation that explains this kind of error; None where the address is not known."""
        return error_page_url(
            next(kind.__name__ for kind in type(self).__mro__ if kind.__module__ == __name__)
        )

    @property
    def words(self) -> str | None:
        """What the provider itself said, None where it said nothing."""
        return None

    @property
    def explanation(self) -> str:
        """What happened, in the provider's words too, and what it means; without the next step."""
        return str(self.args[0])

    @property
    def summary(self) -> str:
        """The explanation without the provider's words, for a view that sets them apart."""
        return (
            self.explanation
            if self.words is None
            else self.explanation.replace(f": {_as_sentence(self.words)}", ".")
        )

    def __str__(self) -> str:
        return f"{self.explanation} {self.next_step}".strip()


class InvalidInputError(RushesError, ValueError):
    """A name, ID, URL, path or option that cannot be meant. Raised before any request.

    Attributes:
        part: which part of an operation's name is at fault, None where neither is alone.
    """

    def __init__(
        self,
        message: str,
        *,
        next_step: str | None = None,
        part: Literal["model_name", "operation_id"] | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.part = part


class CredentialsError(RushesError):
    """There is no API key, or the key belongs to another provider. Says where it looked."""

    default_next_step = (
        "Pass api_key=..., or set GPTPROTO_API_KEY (or GEMINI_API_KEY for Google), then resume."
    )


class NetworkError(RushesError):
    """Nothing came back from the endpoint, or something in between answered for it.

    Attributes:
        kind: what went wrong, as a short word ("refused", "timeout", "tls", ...).
    """

    def __init__(self, message: str, *, kind: NetworkFault = "other", next_step: str | None = None) -> None:
        super().__init__(message, next_step=next_step)
        self.kind = kind
        self.transient = True


class APIError(RushesError):
    """The endpoint answered with an HTTP error.

    Attributes:
        status_code: the HTTP status.
        code: the provider's own code, as it came (a number, a string, or None).
        message: the provider's words, or None where it sent none.
        provider: the provider's title, "" where it is not known.
        retry_after_s: seconds the provider asked to wait, or None.
    """

    meaning: ClassVar[str] = "The endpoint refused the request."
    default_next_step = "Check the model name and the operation ID."

    def __init__(
        self,
        status_code: int,
        code: int | str | None = None,
        message: str | None = None,
        *,
        provider: str = "",
        retry_after_s: float | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__("", next_step=next_step)
        self.args = (status_code, code, message)
        self.status_code = status_code
        self.code = code
        self.message = message
        self.provider = provider
        self.retry_after_s = retry_after_s
        self.transient = status_code in TRANSIENT_STATUS_CODES

    @property
    def words(self) -> str | None:
        return (self.message or "").strip() or None

    @property
    def explanation(self) -> str:
        words = f": {_as_sentence(self.message)}" if self.message else "."
        return f"{self.provider or 'The endpoint'} answered HTTP {self.status_code}{words} {self.meaning}"


class AuthenticationError(APIError):
    """The API key is not accepted (HTTP 401, or Google's 400 "API key not valid")."""

    meaning = "The API key was not accepted."
    default_next_step = "Check the key, enter another one, or set the environment variable anew and resume."


class PermissionDeniedError(APIError):
    """The key is known but may not do this (HTTP 403): its rights, its balance, or a file that has expired."""

    meaning = "The key is known but may not read this."
    default_next_step = (
        "Check that the key is the one that started the operation, that it may use this model, "
        "and that the account has balance."
    )


class OperationNotFoundError(APIError):
    """This provider knows no such operation (HTTP 404)."""

    meaning = "It knows no such operation for this model."
    default_next_step = (
        "Check the model name, the operation ID, and that it was started with this provider and key. "
        "Operations are forgotten after about two days."
    )


class RateLimitError(APIError):
    """Too many requests (HTTP 429)."""

    meaning = "Too many requests, or a quota is used up."
    default_next_step = "Wait, or check the quota of the account."

    @property
    def retry_after(self) -> float | None:
        """Seconds the provider asked to wait, or None where it did not say."""
        return self.retry_after_s


class ServerError(APIError):
    """The endpoint has trouble of its own (HTTP 5xx)."""

    meaning = "The endpoint has trouble of its own; this usually passes."
    default_next_step = "Try again in a while."


class UnreadableResponseError(RushesError):
    """An answer that is not an operation: cut-off JSON, another vendor's job, a page.

    Attributes:
        status_code: the HTTP status it came with.
        code: the same number, as on `APIError`.
        message: always None: there are no words of the provider to show.
    """

    default_next_step = (
        "Check that base_url is the root of an endpoint that speaks the Gemini video contract "
        "(/v1beta/models/{model}/operations/{id})."
    )

    def __init__(
        self, message: str, *, status_code: int = 200, transient: bool = False, next_step: str | None = None
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.status_code = status_code
        self.code = status_code
        self.message = None
        self.transient = transient


class OperationFailedError(RushesError):
    """The generation itself failed; the provider's words say why.

    Attributes:
        code: the provider's code (a google.rpc code such as 13, a string, or None).
        message: the provider's words, or None.
    """

    default_next_step = "Change the request as the message says, or submit it again."

    def __init__(
        self, code: int | str | None = None, message: str | None = None, *, next_step: str | None = None
    ) -> None:
        super().__init__("", next_step=next_step)
        self.args = (code, message)
        self.code = code
        self.message = message

    @property
    def words(self) -> str | None:
        return (self.message or "").strip() or None

    @property
    def explanation(self) -> str:
        code = f" (code {self.code})" if self.code not in (None, "") else ""
        words = f": {_as_sentence(self.message)}" if self.message else " and gave no reason."
        return f"The generation failed{code}{words}"


class OperationFilteredError(RushesError):
    """A safety filter withheld every video.

    Attributes:
        reasons: the provider's words, possibly empty.
    """

    default_next_step = (
        "Change the prompt or the input image and submit again; "
        "asking again for this operation changes nothing."
    )

    def __init__(self, reasons: Sequence[str] = (), *, next_step: str | None = None) -> None:
        super().__init__("", next_step=next_step)
        self.reasons = tuple(reasons)
        self.args = (self.reasons,)

    @property
    def words(self) -> str | None:
        return " ".join(map(_as_sentence, self.reasons)) or None

    @property
    def explanation(self) -> str:
        words = f": {self.words}" if self.words else "; it gave no reason."
        return f"The provider's safety filter withheld the video{words}"


class NoVideoError(RushesError):
    """The operation finished without a video and without an error."""

    default_next_step = (
        "Submit the request again; if it happens twice, show the operation ID to the provider's support."
    )

    def __init__(
        self, message: str = "The operation finished without a video.", *, next_step: str | None = None
    ) -> None:
        super().__init__(message, next_step=next_step)


class DownloadError(RushesError):
    """The video could not be fetched: expired, cut off, not a video, too large, gs://, a refused host."""

    default_next_step = "Resume or re-run the cell to try the download again; what has arrived is kept."


class SaveError(RushesError):
    """The video could not be written: disk full, no such directory, would overwrite."""

    default_next_step = "Choose another place with save(path)."


class WatchStoppedError(RushesError):
    """The watch was stopped before its videos were here. A generation that still runs goes on and may be billed."""

    default_next_step = "Call resume() to watch it again."

    def __init__(
        self,
        message: str = "The watch was stopped; the generation goes on and may be billed.",
        *,
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)


class WatchTimeoutError(RushesError):
    """The operation was still running when the watch's time was up. The generation goes on."""

    default_next_step = "Resume to watch it longer; watch(..., timeout=...) sets how long."

    def __init__(
        self,
        message: str = "The operation was still running when the watch's time was up; the generation goes on.",
        *,
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)


def _as_sentence(words: str | None) -> str:
    text = (words or "").strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
