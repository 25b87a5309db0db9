"""Anything that an engine or a service may send: events, or one of the client's errors; in bounded memory and time."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext, suppress
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.api.connection import decode
from engine.api.errors import BadRequest, EngineError, from_wire, seconds
from engine.api.image_events import image_events
from engine.api.messages import Completed, ImageEvent, ModelList, Progress, Queued, Status
from engine.api.model_inventory import ModelInventory
from engine.api.service_errors import read_service_error, unsupported_field
from engine.api.sse import EventReader, TooLong, format_event
from tests.fuzz.effort import fuzz
from tests.fuzz.pieces import words

PICTURE = base64.b64encode(b"picture").decode()
TYPES = (
    "image_generation.queued", "image_generation.progress", "image_generation.partial_image",
    "image_generation.completed",
    "image_edit.partial_image", "image_edit.completed", "image_edit.queued", "error", "response.created", "",
)  # fmt: skip
numbers = st.integers() | st.sampled_from([-1, 0, 1, 2**31, 2**63, 10**400]) | st.floats(-1e308, 1e308)
scalars = st.none() | st.booleans() | numbers | words | st.sampled_from([PICTURE, PICTURE[:-1], "!", "x" * 5_000])
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
bodies = json_values.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")) | st.binary(max_size=100)
FIELDS = [
    "position",
    "eta_s",
    "step",
    "steps",
    "b64_json",
    "partial_image_index",
    "index",
    "size",
    "seed",
    "model",
    "nsfw_score",
    "unread",
    "error",
]
events = st.builds(
    lambda kind, rest: json.dumps({"type": kind, **rest}).encode("utf-8", "surrogatepass"),
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(FIELDS), scalars | json_values, max_size=5),
)
GOOD = [Queued(2, 4.0), Progress(1, 4), Completed(b"picture", 0, "64x64", 5)]
ODD = (
    b":\n\n",
    b"\n",
    b"\r\n\r\n",
    b"data:\n\n",
    b"data: [DONE]\n\n",
    b"event: x\n",
    b"id: 1\n",
    b"retry: 9\n",
    b"data",
)
lines = st.one_of(
    events.map(lambda data: b"data: " + data + b"\n\n"),
    st.sampled_from([*map(format_event, GOOD), *ODD]),
    st.binary(max_size=60),
)
streams = st.lists(lines, max_size=8).map(b"".join)


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


class Content:
    """A response's content: what was sent, cut as the network cut it."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = [chunk for chunk in chunks if chunk]

    async def readany(self) -> bytes:
        return self._chunks.pop(0) if self._chunks else b""

    async def iter_any(self) -> AsyncIterator[bytes]:
        while self._chunks:
            yield self._chunks.pop(0)


def response(chunks: list[bytes], kind: str) -> Any:
    return SimpleNamespace(content=Content(chunks), content_type=kind)


async def told(chunks: list[bytes], kind: str = "text/event-stream") -> list[ImageEvent] | str:
    """Return the events, or the error's name."""
    sent = image_events(response(chunks, kind), "64x64", from_wire, commented=True)
    try:
        return [event async for event in sent]
    except EngineError as error:
        return type(error).__name__


@given(streams, st.lists(st.integers(0, 2_000), max_size=12))
@example(b'data: {"type":"image_generation.progress","step":' + b"9" * 400 + b',"steps":1}\n\n', [])
@example(b"data: " + b"[" * 20_000 + b"\n\n", [])
@fuzz(250)
async def test_any_stream_is_events_or_an_error_however_it_is_cut(data: bytes, places: list[int]) -> None:
    whole = await told([data])
    assert await told(cut(data, places)) == whole
    assert await told([data[at : at + 1] for at in range(len(data))][:3_000]) == whole or len(data) > 3_000
    for event in whole if isinstance(whole, list) else ():
        if isinstance(event, Progress):
            assert 0 <= event.step / max(1, event.steps) < 2**32
        if isinstance(event, Queued):
            assert round(event.eta_s or 0) >= 0


@given(events | bodies)
@fuzz(150)
async def test_any_plain_answer_is_pictures_or_an_error(body: bytes) -> None:
    await told([body], "application/json")
    await told([b'{"data":[' + body + b"]}"], "application/json")
    for kind in (ModelList, Status, ModelInventory):
        with suppress(EngineError):
            decode(body, kind)


@given(
    st.integers(100, 999),
    json_values.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")) | st.binary(),
    words,
)
@example(500, b'{"error":' * 3_000, "inf")
@fuzz(200)
def test_any_fault_is_one_of_our_errors(status: int, body: bytes, header: str) -> None:
    for read in (from_wire, read_service_error):
        for wrapped in (body, b'{"error":' + body + b"}", b'{"detail":[' + body + b"]}"):
            error = read(status, wrapped, header)
            assert isinstance(error, EngineError)
            if read is read_service_error:
                assert "\n" not in str(error)
                assert len(str(error)) <= 300
                if isinstance(error, BadRequest):
                    unsupported_field(error, {"seed", "stream"})


@given(words | st.sampled_from(["inf", "nan", "-inf", "1e999", "-1", "5", "9" * 400, "Wed, 21 Oct 2015 07:28:00 GMT"]))
@fuzz(60)
def test_any_wait_is_a_time_that_can_be_slept(header: str) -> None:
    wait = seconds(header)
    assert wait is None or 0 <= wait <= 3_600


@pytest.mark.parametrize(
    "data",
    [b"data: " + b"x" * 4_000, b"x" * 4_000, b"data: x\n" * 600, b"\n" * 4_000],
    ids=["data", "line", "many", "blank"],
)
def test_nothing_makes_the_reader_hold_more_than_its_limit(data: bytes) -> None:
    reader = EventReader(1_000)
    with pytest.raises(TooLong) if data.strip() else nullcontext():
        for at in range(0, len(data), 64):
            reader.feed(data[at : at + 64])


def test_a_line_that_comes_byte_by_byte_costs_what_it_holds() -> None:
    def cost(length: int) -> float:
        reader, began = EventReader(1 << 22), time.process_time()
        for _ in range(length):
            reader.feed(b"x")
        return time.process_time() - began

    for _ in range(4):
        short, long = cost(20_000), cost(120_000)
        if long <= 6 * 3 * short + 0.02:
            return
    raise AssertionError((short, long))
