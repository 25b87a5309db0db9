"""Any request to the engine: taken with values in their bounds, or one sentence with its status; bounded bodies."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from engine.api.errors import BadRequest, TooLarge
from engine.api.messages import MAX_IMAGES, MAX_PROMPT_CHARS, ChatRequest, ImageRequest, parse_size
from engine.api.openai_fields import CHAT, IMAGES
from engine.chatting.schema_compiler import compile_schema
from engine.http.edit_form import MAX_FORM_BYTES, read_edit_form
from engine.http.field_tables import settle, settle_chat
from engine.http.request_body import MAX_BODY_BYTES, read_json
from engine.painting.painter_spec import PainterSpec
from tests.fuzz.effort import fuzz
from tests.fuzz.files import WHOLE, anything
from tests.fuzz.pieces import words

SIZES = {"square": "64x64", "wide": "96x64"}
SPEC = PainterSpec("tiny", SIZES, multiple=8, smallest=32, largest=128, steps=4, guidance=7.5)
numbers = st.integers() | st.sampled_from([-1, 0, 1, 4, 5, 2**32, 10**400]) | st.floats(-1e308, 1e308)
scalars = st.none() | st.booleans() | numbers | words
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
IMAGE_FIELDS = (*ImageRequest.__struct_fields__, *IMAGES.refused, *IMAGES.harmless)
CHAT_FIELDS = (*ChatRequest.__struct_fields__, *CHAT.refused, *CHAT.harmless)
images = st.dictionaries(st.sampled_from([*IMAGE_FIELDS, "other"]), values, max_size=6)
chats = st.dictionaries(st.sampled_from(CHAT_FIELDS), values, max_size=5) | st.fixed_dictionaries(
    {"messages": st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "system"]), "content": words}))}
)
bodies = st.one_of(
    (images | chats | values).map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
    images.map(lambda value: json.dumps({"prompt": "a boat", **value}).encode("utf-8", "surrogatepass")),
    st.binary(max_size=100),
)


def request(chunks: list[bytes], kind: str = "application/json") -> Request:
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    headers = [(b"content-type", kind.encode("latin-1", "replace"))]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}, receive)


@given(bodies, st.integers(0, 50))
@example(b'{"prompt":' * 20_000, 1)  # nested without an end
@example(b'{"prompt":"a","seed":' + b"9" * 5_000 + b"}", 7)
@fuzz(250)
async def test_any_body_is_a_request_or_refused(body: bytes, at: int) -> None:
    for kind, settled in ((ImageRequest, partial(settle, table=IMAGES)), (ChatRequest, settle_chat)):
        try:
            taken: Any = await read_json(request([body[:at], body[at:]]), kind, settled)
        except BadRequest as refused:
            assert str(refused).endswith(".")
            continue
        if isinstance(taken, ImageRequest):
            assert 1 <= taken.n <= MAX_IMAGES
            assert 0 < len(taken.prompt) <= MAX_PROMPT_CHARS
            planned(taken)


def planned(taken: ImageRequest) -> None:
    try:
        work = SPEC.plan(taken, 5)
    except BadRequest as refused:
        assert refused.param in ("size", "output_compression")
        return
    assert 32 <= work.width <= 128
    assert len(work.seeds) == taken.n


class Endless:
    """A body that never ends, and what was taken of it."""

    def __init__(self) -> None:
        self.sent = 0

    async def receive(self) -> dict[str, Any]:
        begin = b"" if self.sent else b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
        self.sent += 1 << 16
        return {"type": "http.request", "body": begin + b" " * (1 << 16), "more_body": True}


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
async def test_a_body_without_an_end_is_refused_at_its_limit(kind: str) -> None:
    endless, headers = Endless(), [(b"content-type", kind.encode())]
    asked = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, endless.receive)
    with pytest.raises(TooLarge):
        await (read_json(asked, ImageRequest, dict) if "json" in kind else read_edit_form(asked))
    assert endless.sent <= (MAX_BODY_BYTES if "json" in kind else MAX_FORM_BYTES) + (1 << 17)


def part(name: str, value: bytes, filename: str | None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode("utf-8", "replace") + value + b"\r\n"


STRENGTHLESS = part("image", WHOLE["png"], "a.png") + part("prompt", b"a", None) + part("strength", b"nan", None)
parts = st.builds(
    part,
    st.sampled_from(["image", "image[]", "mask", "prompt", "n", "size", "strength", "seed", "stream", ""]) | words,
    st.sampled_from([b"1", b"a boat", b"64x64", b"0.5", b"nan", b"inf", WHOLE["png"], WHOLE["jpeg"]]) | anything,
    st.none() | st.sampled_from(["a.png", "../../etc/passwd", ""]) | words,
)
forms = st.one_of(
    st.lists(parts, max_size=6).map(lambda found: b"".join(found) + b"--x--\r\n"),
    st.lists(parts, max_size=6).map(b"".join),
    st.binary(max_size=200),
)
kinds = st.sampled_from([
    "multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary=", "text/plain",
    'multipart/form-data; boundary="x', "multipart/form-data; boundary=" + "x" * 300,
])  # fmt: skip


@given(forms, kinds, st.integers(0, 300))
@example(STRENGTHLESS, "multipart/form-data; boundary=x", 9)
@fuzz(200)
async def test_any_form_is_a_request_or_refused(body: bytes, kind: str, at: int) -> None:
    try:
        message, start = await read_edit_form(request([body[:at], body[at:]], kind))
    except BadRequest as refused:
        assert str(refused).endswith(".")
        return
    assert start.strength is None or 0 < start.strength <= 1
    try:
        SPEC.plan(message, 5, start)
    except BadRequest as refused:
        assert refused.param in ("image", "mask", "size", "output_compression")


schemas = st.recursive(
    st.booleans() | st.sampled_from(["string", "object", "#/x", "#", "^(a+)+$", "x{9999}"]) | numbers,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "$ref",
                    "pattern",
                    "enum",
                    "minLength",
                    "maxItems",
                    "anyOf",
                    "required",
                    "$defs",
                    "const",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from(["type", "properties", "$ref", "pattern", "allOf", "$defs"]), schemas, max_size=4)
)
@example({"$ref": "#"})
@fuzz(150)
def test_any_schema_is_a_grammar_or_refused(schema: dict[str, Any]) -> None:
    try:
        assert compile_schema(json.dumps(schema))
    except ValueError as refused:
        assert str(refused)


@given(words | st.from_regex(r"[0-9]{0,6}x[0-9]{0,6}") | st.sampled_from(["9" * 5_000 + "x8", "８x８"]))
@fuzz(60)
def test_any_size_is_read_or_refused(size: str) -> None:
    try:
        assert min(parse_size(size)) >= 0
    except ValueError as refused:
        assert str(refused)
