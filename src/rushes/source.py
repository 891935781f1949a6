"""The addresses that a video may be fetched from, in the order in which to ask."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from rushes.errors import DownloadError, InvalidInputError
from rushes.file_answer import host_of
from rushes.provider import Provider, is_loopback, may_be_this_machine
from rushes.shown import PrivateUrl
from rushes.transport import Exchange, Transport
from rushes.video import Video

# With the backoff between them, about 25 seconds without a network are waited out.
_PATIENCE = 7
# Somebody for whom Google's hosts are out of reach must not wait long for the provider's own copy.
_PATIENCE_WITH_FOREIGN_HOST = 2
#: Names of buckets and of the objects in them have 1,246 characters at most together.
_LONGEST_ADDRESS = 2048


class Source:
    """A URL that a video may be fetched from. Prints without it: its query can be as good as a password.

    Args:
        url: the address, query included.
        patience: how many requests in a row may bring nothing new before it is given up.
    """

    def __init__(self, url: str, patience: int) -> None:
        self._url = PrivateUrl(url)
        self.patience = patience

    @property
    def host(self) -> str:
        """Who is asked, for the words of errors."""
        return host_of(self._url)

    def open(self, transport: Transport, headers: Mapping[str, str]) -> Exchange:
        """Ask for the file.

        Raises:
            InvalidInputError: the address cannot be used, or is one of this machine that another machine
                named.
            NetworkError: nothing came back.
        """
        if self._points_at_this_machine() and not is_loopback(transport.provider.base_url):
            raise InvalidInputError(
                "It is an address of this machine, which another machine has no say about."
            )
        return transport.open(self._url, headers=headers)

    def _points_at_this_machine(self) -> bool:
        try:
            return may_be_this_machine(self._url)
        except ValueError:  # the transport says what is wrong with it
            return False


def sources_of(video: Video, provider: Provider) -> tuple[Source, ...]:
    """The video's URI as the answer gave it, then the provider's own address of the same file.

    Raises:
        DownloadError: it has no URI, or one that HTTP does not fetch.
    """
    if not video.uri:
        raise DownloadError(
            "The video has neither an address nor bytes.", next_step="Watch the operation again."
        )
    if video.uri.startswith("gs://"):
        raise _in_google_storage(video)
    own = _own_address(video, provider)
    if own is None or own.partition("?")[0] == video.uri.partition("?")[0]:
        return (Source(video.uri, _PATIENCE),)
    patience = _PATIENCE if provider.owns(video.uri) else _PATIENCE_WITH_FOREIGN_HOST
    return (Source(video.uri, patience), Source(own, _PATIENCE))


def _own_address(video: Video, provider: Provider) -> str | None:
    try:
        return provider.file_url(video.uri or "")
    except ValueError:  # no URL at all, which the transport says in better words
        return None


def _in_google_storage(video: Video) -> DownloadError:
    """The command that fetches it, safe to paste whatever the server put into the URI."""
    address = (video.uri or "").partition("?")[0]
    printable = "".join(letter for letter in address if letter.isprintable())
    next_step = "Fetch it with gcloud storage cp; its address is in operation.videos."
    if len(printable) <= _LONGEST_ADDRESS:
        next_step = f"Fetch it with: gcloud storage cp {shlex.quote(printable)} ."
    return DownloadError(
        "The video is finished and lies in a Google Cloud Storage bucket, which needs a Google Cloud login.",
        next_step=next_step,
    )


__all__ = ["Source", "sources_of"]
