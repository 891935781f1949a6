"""What may be typed for an operation, and that nothing typed can steer a request elsewhere or come back as a key."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from url_readers import PIECES, readings

from rushes.errors import InvalidInputError
from rushes.provider import GOOGLE, GPTPROTO, provider_at
from rushes.reference import KNOWN_MODEL_NAMES, Reference, read_reference, read_typed

MODEL = "veo-3.1-generate-preview"
ID = "mg3pt9cbmvr1"
NAME = f"models/{MODEL}/operations/{ID}"
GOOGLES = "https://generativelanguage.googleapis.com"


@dataclass(frozen=True)
class Named:
    """An object with a name, as Google's SDK returns."""

    name: object


@pytest.mark.parametrize(
    ("arguments", "base_url"),
    [
        ((MODEL, ID), None),
        ((MODEL, f"operations/{ID}"), None),
        ((MODEL, NAME), None),
        ((f"models/{MODEL}", ID), None),
        ((f" {MODEL} ", f"  {ID} "), None),
        ((NAME,), None),
        ((f" {NAME} ",), None),
        ((f"publishers/google/{NAME}",), None),
        ((f"projects/p/locations/us-central1/publishers/google/{NAME}",), None),
        ((Named(NAME),), None),
        (({"name": NAME, "done": False},), None),
        ((MODEL, Named(f"operations/{ID}")), None),
        ((MODEL, {"name": f"operations/{ID}"}), None),
        ((Named(f"models/{MODEL}"), ID), None),
        ((f"{GOOGLES}/v1beta/{NAME}",), GOOGLES),
        ((f"{GOOGLES}/v1/{NAME}?alt=json#x",), GOOGLES),
        ((f"https://api.gptproto.com/v1beta/{NAME}",), "https://api.gptproto.com"),
        ((f"http://127.0.0.1:8000/prefix/v1beta/{NAME}",), "http://127.0.0.1:8000/prefix"),
        ((MODEL, f"{GOOGLES}/v1beta/operations/{ID}"), GOOGLES),
        ((SimpleNamespace(name=NAME, base_url=GOOGLES),), GOOGLES),
        ((MODEL, SimpleNamespace(name=ID, base_url=None)), None),
    ],
)
def test_every_form_of_the_contract_means_the_same_operation(
    arguments: tuple[object, ...], base_url: str | None
) -> None:
    reference = read_reference(*arguments)
    assert reference == Reference(MODEL, ID, base_url)
    assert reference.name == NAME


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((f"operations/{ID}",), f'names no model. Name it: watch("veo-3.1-generate-preview", "{ID}")'),
        ((ID,), "One argument has to be a whole operation name."),
        ((MODEL,), "One argument has to be a whole operation name."),
        ((MODEL, ""), "The operation ID is empty."),
        (("  ", ID), "The model name is empty."),
        ((MODEL, None, None)[:2], "One argument"),
        ((MODEL, 42), "The operation ID is a int without a name."),
        ((MODEL, Named(None)), "The operation ID is a Named without a name."),
        (({"id": ID},), "The operation is a dict without a name."),
        ((MODEL, b"mg3pt9cbmvr1"), "is a bytes without a name."),
        ((MODEL, "x" * 5000), "The operation ID has 5,000 characters."),
        ((MODEL, "a/b"), "The operation ID has '/' in it, which none has."),
        ((MODEL, ".."), "The operation ID has '..' in it."),
        ((MODEL, "a%2Fb"), "The operation ID has '%' in it, which none has."),
        ((MODEL, "a b"), "The operation ID has ' ' in it, which none has."),
        ((MODEL, "a\nb"), "The operation ID has '\\n' in it, which none has."),
        ((MODEL, ".hidden"), "The operation ID begins with '.', which none does."),
        (("-veo", ID), "The model name begins with '-', which none does."),
        ((MODEL, "a" * 300), "The operation ID has 300 characters."),
        (("../evil", ID), "The model name has '..' in it."),
        (("veo:predict", ID), "The model name has ':' in it, which none has."),
        ((MODEL, "вео"), "The operation ID has '\\u0432' in it, which none has."),
        ((f"models//operations/{ID}",), "The model name is empty."),
        ((f"tunings/{MODEL}/operations/{ID}",), "This is not an operation name."),
        (("https://example.com/about/operations/x",), "The URL is not an operation's."),
        (("https://[::1/v1beta/models/m/operations/x",), "The URL cannot be read."),
        ((f"https://user:password@host/v1beta/{NAME}",), "The URL carries a user name or a password."),
        ((f"ftp://host/v1beta/{NAME}",), "The URL does not start with https://"),
        ((f"javascript://host/v1beta/{NAME}",), "The URL does not start with https://"),
        ((f"https:///v1beta/{NAME}",), "The URL has no host that can be read."),
        ((f"https://ho\\st/v1beta/{NAME}",), "The URL"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(arguments: tuple[object, ...], words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_reference(*arguments)
    assert words in str(caught.value)
    assert "watch(" in caught.value.next_step or "https://" in caught.value.next_step
    assert "password@" not in str(caught.value)


GOOGLE_KEY = "AIzaSyCanary012345678901234567890123456"
GPTPROTO_KEY = "sk-canary0123456789012345678901234567"
HEX_KEY = "canary0123456789abcdef0123456789abcdef"
BASE64_KEY = "canary+0123456789/abcdef=="


@pytest.mark.parametrize("key", [GOOGLE_KEY, GPTPROTO_KEY, BASE64_KEY])
@pytest.mark.parametrize(
    "pasted", ["{}", "'{}'", '"{}"', " {} ", "{}\n", "operations/{}", "models/{}", "key={}", "{}/"]
)
def test_a_key_in_the_place_of_a_name_is_never_echoed(key: str, pasted: str) -> None:
    text = pasted.format(key)
    for arguments in ((text,), (MODEL, text), (text, ID), (f"models/{text}/operations/{ID}",)):
        with pytest.raises(InvalidInputError) as caught:
            read_reference(*arguments)
        assert "anary" not in f"{caught.value} {caught.value.args} {caught.value.__context__}"


@pytest.mark.parametrize("key", [GOOGLE_KEY, GPTPROTO_KEY, HEX_KEY])
@pytest.mark.parametrize(
    "pasted",
    [
        f"{NAME}?key={{}}",
        f"{NAME}#key={{}}",
        f"{NAME}&key={{}}",
        f"{NAME} key={{}}",
        f"{ID}?alt=json&key={{}}",
        f"generativelanguage.googleapis.com/v1beta/{NAME}?key={{}}",
        "https://generativelanguage.googleapis.com/v1beta/about?key={}",
        "https://example.com/?x=operations/{}",
        f"https://user:{{}}@example.com/v1beta/{NAME}",
        "user:{}@example.com/v1beta/operations",
        "x-goog-api-key: {}",
        "Bearer {}",
    ],
)
def test_a_key_in_a_query_is_never_echoed(key: str, pasted: str) -> None:
    for arguments in ((pasted.format(key),), (MODEL, pasted.format(key))):
        with pytest.raises(InvalidInputError) as caught:
            read_reference(*arguments)
        assert "anary" not in f"{caught.value} {caught.value.args} {caught.value.__context__}"


def test_a_key_in_the_query_of_a_pasted_url_is_dropped() -> None:
    reference = read_reference(f"{GOOGLES}/v1beta/{NAME}?key={GOOGLE_KEY}")
    assert reference == Reference(MODEL, ID, GOOGLES)


TYPED = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(max_size=40),
    st.from_regex(r"[A-Za-z0-9._~=+@-]{1,40}", fullmatch=True),
)
BASES = ("https://api.gptproto.com", GOOGLES, "https://videos.example:8443/prefix", "http://127.0.0.1:8321")


@given(
    model=TYPED, operation=TYPED, provider=st.sampled_from((GPTPROTO, GOOGLE, *map(provider_at, BASES[2:])))
)
@example(model="a", operation="..", provider=GPTPROTO)
@example(model="a..", operation="b", provider=GPTPROTO)
@example(model="a", operation="b...", provider=GPTPROTO)
@example(model="a@evil.example", operation="b=~+", provider=GPTPROTO)
@settings(max_examples=300)
def test_nothing_that_is_accepted_changes_path_query_or_host(
    model: str, operation: str, provider: object
) -> None:
    assert isinstance(provider, type(GPTPROTO))
    for arguments in ((model, operation), (f"models/{model}/operations/{operation}",)):
        try:
            reference = read_reference(*arguments)
        except InvalidInputError:
            continue
        url = provider.operation_url(reference.model_name, reference.operation_id)
        base = readings(provider.base_url)
        for reader, reading in readings(url).items():
            assert reading.origin == base[reader].origin, reader
            assert reading.user is None, reader
            assert reading.query == "", reader
            assert reading.fragment == "", reader
            prefix = base[reader].path.rstrip("/")
            assert reading.path == (
                f"{prefix}/v1beta/models/{reference.model_name}/operations/{reference.operation_id}"
            ), reader


def spoiled(text: str) -> st.SearchStrategy[str]:
    """`text` with up to two pieces put into it somewhere."""
    place = st.tuples(st.integers(0, len(text)), st.sampled_from(PIECES))

    def put(places: list[tuple[int, str]]) -> str:
        result = text
        for position, piece in places:
            result = result[:position] + piece + result[position:]
        return result

    return st.lists(place, max_size=2).map(put)


@given(
    host=st.one_of(
        spoiled("api.gptproto.com"),
        spoiled("[::1]:8443"),
        st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    ),
    prefix=st.one_of(spoiled("a/b"), st.lists(st.sampled_from(PIECES), max_size=4).map("".join)),
    rest=st.lists(st.sampled_from(PIECES), max_size=2).map("".join),
)
@example(host="api.gptproto.com@evil.example", prefix="", rest="")
@example(host="evil.example#@api.gptproto.com", prefix="", rest="")
@example(host="evil.example\\@api.gptproto.com", prefix="", rest="")
@example(host="api.gptproto.com\uff0fevil.example", prefix="", rest="")
@settings(max_examples=300)
def test_every_reader_finds_the_same_host_in_a_pasted_url_that_is_accepted(
    host: str, prefix: str, rest: str
) -> None:
    try:
        reference = read_reference(f"https://{host}/{prefix}/v1beta/{NAME}{rest}")
        assert reference.base_url is not None
        provider = provider_at(reference.base_url)
    except InvalidInputError:
        return
    url = provider.operation_url(reference.model_name, reference.operation_id)
    origins = {reading.origin for reading in readings(url).values()}
    assert len(origins) == 1
    assert origins == provider.origins or origins < provider.origins


@given(
    st.one_of(
        st.none(), st.integers(), st.binary(), st.lists(st.text()), st.dictionaries(st.text(), st.text())
    )
)
def test_no_object_makes_it_raise_anything_else(value: object) -> None:
    for arguments in ((value,), (MODEL, value), (value, ID)):
        with contextlib.suppress(InvalidInputError):
            assert "/" not in read_reference(*arguments).operation_id


# Two fields of a form.


@pytest.mark.parametrize(
    ("model_name", "operation_id", "base_url"),
    [
        (MODEL, ID, None),
        (f" models/{MODEL} ", f" operations/{ID} ", None),
        ("", NAME, None),
        (NAME, "", None),
        (MODEL, NAME, None),
        ("  ", f"{GOOGLES}/v1beta/{NAME}?key=AIza-canary", GOOGLES),
        (f"{GOOGLES}/v1beta/{NAME}", " ", GOOGLES),
        (MODEL, f"{GOOGLES}/v1beta/{NAME}", GOOGLES),
    ],
)
def test_a_whole_name_or_url_in_either_field_is_split(
    model_name: str, operation_id: str, base_url: str | None
) -> None:
    assert read_typed(model_name, operation_id) == Reference(MODEL, ID, base_url)


@pytest.mark.parametrize(
    ("model_name", "operation_id", "part"),
    [
        ("", "", "model_name"),
        ("", f"operations/{ID}", "model_name"),
        ("veo-2", NAME, "model_name"),
        ("https://example.com/clip.mp4", "", "model_name"),
        (MODEL, "", "operation_id"),
        (MODEL, "https://user:canary@example.com/v1beta/" + NAME, "operation_id"),
        ("", "https://example.com/clip.mp4", "operation_id"),
        ("", "tunedModels/x/operations/y", "operation_id"),
    ],
)
def test_what_was_typed_in_vain_names_its_field(model_name: str, operation_id: str, part: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_typed(model_name, operation_id)
    assert refused.value.part == part
    assert "canary" not in str(refused.value)


@given(st.text(), st.text())
def test_any_two_fields_end_in_a_reference_or_name_the_one_at_fault(
    model_name: str, operation_id: str
) -> None:
    part = None
    try:
        reference = read_typed(model_name, operation_id)
    except InvalidInputError as error:
        part = error.part
    else:
        assert read_reference(reference.name) == Reference(reference.model_name, reference.operation_id)
        return
    assert part in ("model_name", "operation_id")


@pytest.mark.parametrize("model_name", KNOWN_MODEL_NAMES)
def test_a_suggested_model_name_is_one(model_name: str) -> None:
    assert read_typed(model_name, ID).model_name == model_name
