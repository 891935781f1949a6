from __future__ import annotations

import asyncio
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from rushes.errors import (
    APIError,
    AuthenticationError,
    InvalidInputError,
    RateLimitError,
    UnreadableResponseError,
)
from rushes.submission import name_of_submitted

NAME = "models/veo-3.1-generate-preview/operations/mg3pt9cbmvr1"


def response(status_code: int, body: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status_code
    made._content = body.encode()
    return made


class SdkOperation:
    """Like the SDK's: a `.json()` that makes text of it, beside the `.name`."""

    name = NAME

    def json(self) -> str:
        raise AssertionError("not asked for its name")


@pytest.mark.parametrize(
    "returned",
    [
        NAME,
        f"  {NAME}\n",
        {"name": NAME},
        SimpleNamespace(name=NAME),
        SdkOperation(),
        response(200, f'{{"name": "{NAME}"}}'),
        SimpleNamespace(json=lambda: {"name": NAME}),
    ],
)
def test_whatever_a_client_library_returns_the_name_is_found(returned: object) -> None:
    assert name_of_submitted(returned) == NAME


@pytest.mark.parametrize(
    "name", ["operations/mg3pt9cbmvr1", "mg3pt9cbmvr1", f"projects/p/locations/l/{NAME}"]
)
def test_a_name_without_a_model_is_kept_as_the_endpoint_gave_it(name: str) -> None:
    assert name_of_submitted({"name": name}) == name


def test_of_a_url_only_what_it_names_is_kept() -> None:
    assert name_of_submitted(f"https://api.gptproto.com/v1beta/{NAME}?key=canary") == NAME


@pytest.mark.parametrize(
    "returned",
    [
        *(None, 7, object(), [], {}, b"operations/x", SimpleNamespace(name=None)),
        *("", "a b", "../../x", "https://host/canary"),
        *({"name": ""}, {"name": 7}, {"id": "canary"}, {"name": "operations/x?key=canary"}),
        *(response(200, '{"id": "canary"}'), response(200, '["canary"]')),
    ],
)
def test_what_names_no_operation_is_refused_with_what_would_do_and_without_a_quote(returned: object) -> None:
    with pytest.raises(InvalidInputError) as raised:
        name_of_submitted(returned)
    assert "models/M/operations/X" in raised.value.next_step
    assert "Nothing was written down" in str(raised.value)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("status_code", "kind"),
    [(400, APIError), (401, AuthenticationError), (404, APIError), (429, RateLimitError)],
)
def test_an_error_response_is_the_typed_error_and_says_that_nothing_was_written_down(
    status_code: int, kind: type[APIError]
) -> None:
    with pytest.raises(APIError) as raised:
        name_of_submitted(response(status_code, '{"error": {"message": "No such thing", "code": 5}}'))
    assert type(raised.value) is kind
    assert (raised.value.status_code, raised.value.message) == (status_code, "No such thing")
    assert "Nothing was written down" in str(raised.value)


@pytest.mark.parametrize("body", ["", "<html>busy</html>", '{"err'])
def test_an_error_response_without_json_is_an_api_error_too(body: str) -> None:
    with pytest.raises(APIError, match="503"):
        name_of_submitted(response(503, body))


def test_an_error_in_place_of_an_operation_is_an_api_error() -> None:
    for returned in ({"error": {"code": 429, "message": "Quota"}}, response(200, '{"error": {"code": 429}}')):
        with pytest.raises(RateLimitError):
            name_of_submitted(returned)


def test_a_key_that_the_server_echoes_is_not_in_the_error() -> None:
    with pytest.raises(APIError) as raised:
        name_of_submitted(response(401, '{"error": {"message": "Bad key sk-canary0123456789"}}'))
    assert "canary" not in f"{raised.value} {raised.value.args}"


def test_a_page_in_place_of_an_answer_is_unreadable_and_its_parser_s_error_is_not_kept() -> None:
    with pytest.raises(UnreadableResponseError) as raised:
        name_of_submitted(response(200, "<html>"))
    assert raised.value.__context__ is None


def test_an_async_function_is_told_plainly_and_leaves_no_warning() -> None:
    async def submit() -> str:
        raise AssertionError("awaited")

    async def json() -> dict[str, str]:
        raise AssertionError("awaited")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InvalidInputError, match="await"):
            name_of_submitted(submit())
        with pytest.raises(UnreadableResponseError):
            name_of_submitted(SimpleNamespace(json=json))
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    with pytest.raises(InvalidInputError, match="await"):
        name_of_submitted(future)
    loop.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "error", "code", "message", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(json_values, st.sampled_from([200, 400, 404, 500]))
def test_any_answer_ends_in_a_name_or_a_typed_error(body: Any, status_code: int) -> None:
    for returned in (body, SimpleNamespace(status_code=status_code, json=lambda: body)):
        try:
            name = name_of_submitted(returned)
        except (InvalidInputError, APIError, UnreadableResponseError):
            continue
        assert name == name.strip() != ""
