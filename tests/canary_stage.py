"""A provider with canaries for secrets, and a search through everything that can be seen of what was played on it.

Three canaries: the API key, the password of a proxy, and the signature in a video's address. The address itself is the
user's (`Video.uri`, `Operation.raw`, in memory); the key and the password are nobody's to see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import canary
import clips
import pytest
from faults import Fault, FaultServer, Reply, finished, json_reply, running
from live_watches import Watches

from rushes.watching import Watch

KEY = "canary+key/0123456789=abcdef"
PASSWORD = "canary-proxy-password-4711"
SIGNATURE = "canary-signature-88aa99bb"
CLIP = clips.clip()
FILE = "/v1beta/files/abc:download"
PLACE = ("veo", "op1")
NAME = "models/veo/operations/op1"


@dataclass
class Stage:
    """The provider, another host, and whatever came out while something was played on them."""

    server: FaultServer
    other: FaultServer
    watches: Watches
    data_directory: Path
    seen: list[object] = field(default_factory=list)

    @property
    def signed(self) -> str:
        """The file's address at the provider, with a signature."""
        return f"{self.server.url(FILE)}?alt=media&sig={SIGNATURE}"

    def answer(self, *answers: Fault) -> None:
        self.server.operation(*PLACE, *answers)

    def watch(self, **options: Any) -> Watch:
        return self.watches(
            *PLACE, **{"base_url": self.server.origin, "api_key": KEY, "timeout": 0, **options}
        )


def echo(status: int) -> Reply:
    """An answer that repeats what it was sent, in its head too."""
    body = {"error": {"code": status, "message": f"Bad key {KEY}", "details": [{"x-goog-api-key": KEY}]}}
    return json_reply(body, status, X_Goog_Api_Key=KEY, Set_Cookie=f"key={KEY}", ETag=f'"{KEY}"')


def success(stage: Stage) -> None:
    stage.answer(running(), finished(stage.signed))


def search(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], *places: object
) -> None:
    """None of the three stands anywhere, and the key went to its own host alone."""
    printed = capfd.readouterr()
    records = [{**vars(record), "text": record.getMessage()} for record in caplog.records]
    everywhere = (*places, *stage.seen, caplog.text, records, printed.out, printed.err, stage.data_directory)
    texts = canary.gather(*everywhere)
    assert canary.find_in(PASSWORD, texts) == []
    assert canary.find_in(KEY, texts) == []
    # `vars` of an operation and its videos hold the address, as `video.uri` does.
    assert [found for found in canary.find_in(SIGNATURE, texts) if not found.startswith("vars of")] == []
    for request in stage.other.requests:
        assert KEY not in str(request)
        assert "key" not in str(request).lower()
