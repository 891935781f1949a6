"""What this machine has seen of a model's latency: the durations in its ledger. Blocks for a look at the disk."""

from __future__ import annotations

import time
from pathlib import Path

from rushes.latency import Latency, prior_latency, sharpened
from rushes.ledger import Ledger
from rushes.provider import origin_of

#: The ledger is read again after this: a batch of a thousand watches reads it once.
_REREAD_AFTER_S = 300.0
#: Of the operations watched last: what lies further back may be another service by now.
_MOST_ENTRIES = 200

_read: dict[tuple[Path, str, str], tuple[float, Latency]] = {}


def experienced_latency(model_name: str, base_url: str) -> Latency:
    """How long this model takes at this endpoint, as far as the ledger tells. Not for the scheduler's thread.

    Videos that were seen to succeed count, from the beginning that the provider told to the end. An operation that
    nobody watched to its end does not, so the slowest are rather too few.

    Args:
        model_name: without "models/".
        base_url: the endpoint.
    """
    ledger = Ledger()
    origin = origin_of(base_url)
    asked = (ledger.root, origin, model_name)
    read_at, latency = _read.get(asked, (-_REREAD_AFTER_S, None))
    if latency is None or time.monotonic() - read_at >= _REREAD_AFTER_S:
        durations_s = [
            entry.total_s
            for entry in ledger.recent(_MOST_ENTRIES)
            if (entry.origin, entry.model_name, entry.status) == (origin, model_name, "succeeded")
            and entry.create_time is not None
            and entry.total_s is not None
        ]
        latency = sharpened(prior_latency(model_name, base_url), durations_s)
        _read[asked] = (time.monotonic(), latency)
    return latency
