"""One HTTP exchange of the transport as its tests have it, and a failure of it that shows no secret."""

from __future__ import annotations

from collections.abc import Callable

import canary
import pytest
from faults import json_reply
from leaks import KEY, SIGNATURE

from rushes.errors import NetworkError
from rushes.transport import Exchange, Transport

OK = json_reply({"name": "operations/op1", "done": False})


def fetch(transport: Transport, url: str, total_timeout_s: float | None = None) -> tuple[Exchange, bytes]:
    with transport.open(url, total_timeout_s=total_timeout_s) as exchange:
        return exchange, exchange.read(1 << 20)


def failure(call: Callable[[], object]) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        call()
    assert caught.value.transient
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert canary.find(KEY, caught.value) == []
    assert canary.find(SIGNATURE, caught.value) == []
    return caught.value
