"""Answers of an endpoint as a test writes them down, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from faults import corpus_reply
from hostile_answers import KEY, Answer

from rushes.answer import read_answer
from rushes.credentials import Secret
from rushes.errors import RushesError
from rushes.operation import Operation
from rushes.provider import GPTPROTO

SECRET = Secret(KEY)


def read(answer: Answer, secret: Secret | None = SECRET) -> Operation:
    """What the answer means, asked of GPTProto for `veo` and `op1`."""
    return read_answer(
        answer.status_code,
        answer.headers,
        answer.body,
        provider=GPTPROTO,
        secret=secret,
        model_name="veo",
        operation_id="op1",
    )


def of(body: object, status_code: int = 200, **headers: str) -> Answer:
    """An answer with this body, which is JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status_code, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def recorded(case: Mapping[str, Any]) -> Answer:
    """A recorded answer (`faults.corpus`)."""
    reply = corpus_reply(case)
    return Answer(reply.status, {"Content-Type": reply.mime_type, **dict(reply.headers)}, reply.body)


def refusal(answer: Answer) -> RushesError:
    """The error that reading the answer raises."""
    with pytest.raises(RushesError) as caught:
        read(answer)
    assert caught.value.__context__ is None
    return caught.value
