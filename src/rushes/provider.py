"""The endpoints that operations live on, and the origins that a key of theirs may be sent to."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from rushes.errors import InvalidInputError

ProviderName = Literal["gptproto", "google", "custom"]

_DEFAULT_PORTS = {"https": 443, "http": 80}
#: A DNS name, or an IPv6 address; anything else is read differently by different libraries.
_HOST = re.compile(
    r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", re.ASCII
)
_FILE_ID = re.compile(r"/files/([A-Za-z0-9_-]{1,128})(?::download)?(?:$|[/?])")


@dataclass(frozen=True)
class Provider:
    """An endpoint: where operations are asked for, and which origins its key belongs to.

    Attributes:
        name: "gptproto", "google", or "custom".
        title: what a person calls it; the host for a custom one.
        base_url: scheme, host, port and path prefix, without a trailing slash.
        origins: the origins its key may be sent to, as "scheme://host:port".
        key_variables: environment variables and Colab secrets that hold its key, the first one found wins.
        files_path: where below `base_url` it serves files.
    """

    name: ProviderName
    title: str
    base_url: str
    origins: frozenset[str]
    key_variables: tuple[str, ...] = ()
    files_path: str = "/v1beta/files"

    def owns(self, url: str) -> bool:
        """Whether `url` has one of this provider's origins: the same scheme, host and port."""
        try:
            return origin_of(url) in self.origins
        except InvalidInputError:
            return False

    def operation_url(self, model_name: str, operation_id: str) -> str:
        """The URL of one operation. Both parts must have passed `rushes.reference`."""
        return f"{self.base_url}/v1beta/models/{model_name}/operations/{operation_id}"

    def file_url(self, uri: str) -> str | None:
        """This provider's own URL of the file that `uri` names, or None where it names none.

        GPTProto answers with URIs of Google's host and serves the same file itself (its documentation, "query task").
        """
        file_id = file_id_of(uri)
        return f"{self.base_url}{self.files_path}/{file_id}:download?alt=media" if file_id else None


GPTPROTO = Provider(
    name="gptproto",
    title="GPTProto",
    base_url="https://api.gptproto.com",
    origins=frozenset({"https://api.gptproto.com:443", "https://gptproto.com:443"}),
    key_variables=("GPTPROTO_API_KEY",),
    files_path="/upload/v1beta/files",
)
GOOGLE = Provider(
    name="google",
    title="Google",
    base_url="https://generativelanguage.googleapis.com",
    origins=frozenset({"https://generativelanguage.googleapis.com:443"}),
    key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
)
#: In the order in which a key is looked for.
KNOWN_PROVIDERS = (GPTPROTO, GOOGLE)


def provider_at(base_url: str) -> Provider:
    """The known provider whose origin `base_url` has, else a custom one.

    Raises:
        InvalidInputError: not an http(s) URL, plain http to another machine, or one that carries a user name.
    """
    parts = _split(base_url)
    origin = _origin(parts)
    for known in KNOWN_PROVIDERS:
        if origin in known.origins:
            return known
    if parts.scheme == "http" and not is_loopback(base_url):
        raise InvalidInputError(
            f"{origin} is plain http: everyone on the way could read the API key.",
            next_step="Use the https address of the endpoint.",
        )
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port not in (None, _DEFAULT_PORTS[parts.scheme]) else ""
    path = parts.path.rstrip("/").removesuffix("/v1beta").removesuffix("/v1")
    return Provider(
        name="custom",
        title=f"{shown}{port}",
        base_url=f"{parts.scheme}://{shown}{port}{path}",
        origins=frozenset({origin}),
    )


def provider_named(name: str) -> Provider:
    """The known provider of that name.

    Raises:
        InvalidInputError: there is no such provider.
    """
    for known in KNOWN_PROVIDERS:
        if isinstance(name, str) and known.name == name.strip().lower():
            return known
    raise InvalidInputError(
        f"{name!r} is not a provider.",
        next_step='Use provider="gptproto" or provider="google", '
        'or base_url="https://..." with api_key=... for another endpoint.',
    )


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, lower case, the port always written out.

    Raises:
        InvalidInputError: not an http(s) URL, or one that carries a user name.
    """
    return _origin(_split(url))


def file_id_of(uri: str) -> str | None:
    """The ID of the file that a URI names ("…/files/ID:download"), None where it names none."""
    try:
        found = _FILE_ID.search(urlsplit(uri).path)
    except ValueError:
        return None
    return found[1] if found else None


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine for certain: `localhost` or a loopback address, in plain notation.

    Names below `localhost` do not count: some resolvers ask the network for them.
    """
    host = _host(url)
    address = _ip_address(host)
    return host == "localhost" or (address is not None and address.is_loopback and not _mapped(address))


def may_be_this_machine(url: str) -> bool:
    """Whether the URL's host can be this machine in any notation that resolvers understand, "127.1" for one.

    Names that somebody's DNS server points here are not told.
    """
    host = _host(url)
    if is_loopback(url) or host.endswith(".localhost") or host == "localhost.localdomain":
        return True
    address = _ip_address(host)
    if address is None:
        try:
            address = ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return False
    address = _mapped(address) or address
    return address.is_loopback or address.is_unspecified


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().rstrip(".")


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _mapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None


def _origin(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower().rstrip(".")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{parts.port or _DEFAULT_PORTS[parts.scheme]}"


def _split(url: str) -> SplitResult:
    expected = 'Expected a URL such as "https://api.gptproto.com".'
    if not isinstance(url, str) or re.search(r"[\x00-\x20\x7f\\]", url):
        raise InvalidInputError(
            "The URL is not text, or has white space or control characters in it.", next_step=expected
        )
    trouble = ""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        trouble = "The URL cannot be read."
    else:
        if parts.scheme not in _DEFAULT_PORTS:
            trouble = f"The URL does not start with https:// ({parts.scheme or 'no'} scheme)."
        elif not parts.hostname or not _HOST.fullmatch(parts.hostname) or not _is_sound(parts):
            trouble = "The URL has no host that can be read."
        elif parts.username is not None or parts.password is not None:
            trouble = "The URL carries a user name or a password."
    if trouble:
        raise InvalidInputError(trouble, next_step=expected)
    return parts


def _is_sound(parts: SplitResult) -> bool:
    """Whether brackets, if there are any, hold an address and nothing else: Python 3.10 does not look."""
    if not {"[", "]"} & set(parts.netloc):
        return True
    return parts.netloc.rpartition("@")[2].startswith("[") and _ip_address(parts.hostname or "") is not None
