"""Turns an answer of /v1/images/…, streamed or one JSON object, into image events; from Limner's engine or any other.

Invariant: events of unknown types are skipped; no picture is fetched from a URL. A `data:` address holds the picture
itself, so it is read like base64, with which some servers also fill `b64_json`.
"""

from __future__ import annotations

import asyncio
import binascii
import re
from base64 import b64decode
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct, structs

from engine.api.connection import PLAIN_ANSWER_S, ErrorReader, decode, read
from engine.api.errors import UNREADABLE, Internal, Unavailable
from engine.api.messages import Completed, Count, ImageEvent, PartialImage
from engine.api.sse import WITH_FILES, EventReader, StreamEvent, TooLong

SILENCE_S = 30.0
"""Limner's engine sends a comment each second, so one that is silent for so long counts as dead."""
MAX_PICTURE_BYTES = 48 << 20
MAX_ANSWER_BYTES = 4 * MAX_PICTURE_BYTES

_FAMILIES = {"image_generation", "image_edit"}
_EVENTS = {"queued", "progress", "partial_image", "completed"}


_DATA = re.compile(r"data:[^,]{0,100};base64,", re.ASCII | re.IGNORECASE)
_SCHEMES = (b'"data:', b'"DATA:')
_UNREADABLE = "The engine's answer cannot be read; is this an OpenAI-shaped server?"


class _Picture(Struct):
    b64_json: str | None = None
    url: str | None = None
    seed: int | None = None
    nsfw_score: float | None = None
    unread: str | None = None


class _Pictures(Struct):
    data: list[_Picture]
    created: float | None = None
    size: str | None = None
    steps: Count | None = None
    model: str | None = None
    output_format: str | None = None


class _Kind(Struct):
    type: str = ""
    error: Any = None


_event_decoder: msgspec.json.Decoder[ImageEvent] = msgspec.json.Decoder(ImageEvent)
_kind_decoder = msgspec.json.Decoder(_Kind)


async def image_events(
    response: aiohttp.ClientResponse, size: str | None, read_error: ErrorReader, *, commented: bool
) -> AsyncGenerator[ImageEvent, None]:
    """Yield the answer's events; `size` is the one requested. `commented`: silence after a comment is a failure."""
    streamed = response.content_type in ("text/event-stream", WITH_FILES)
    async with aclosing(_stream(response, read_error, commented) if streamed else _plain(response, size)) as events:
        async for event in events:
            yield event


async def _stream(
    response: aiohttp.ClientResponse, read_error: ErrorReader, commented: bool
) -> AsyncGenerator[ImageEvent, None]:
    reader = EventReader(MAX_PICTURE_BYTES, files=response.content_type == WITH_FILES)
    while True:
        async with asyncio.timeout(SILENCE_S if commented and reader.sends_comments else PLAIN_ANSWER_S):
            chunk = await response.content.readany()
        if not chunk:
            return
        try:
            events = reader.feed(chunk)
        except TooLong:
            raise Unavailable("The engine sent more than a picture can hold.") from None
        for sent in events:
            event = _event(sent.data, read_error)
            if event is not None:
                yield _with_file(event, sent)


def _with_file(event: ImageEvent, sent: StreamEvent) -> ImageEvent:
    """Return the event with its picture, where that followed it."""
    carries = sent.file and isinstance(event, Completed | PartialImage)
    return structs.replace(event, b64_json=sent.file) if carries else event


def _event(data: bytes, read_error: ErrorReader) -> ImageEvent | None:
    """Read one event; None for a type that this client does not know. Raises the error that an error event carries."""
    if data == b"[DONE]":
        return None
    try:
        kind = _kind_decoder.decode(data)
        if kind.error is not None:
            raise read_error(500, data, None)
        family, _, name = kind.type.partition(".")
        if family not in _FAMILIES or name not in _EVENTS:
            return None
        if family == "image_generation" and not any(scheme in data for scheme in _SCHEMES):
            return _event_decoder.decode(data)
        fields = msgspec.json.decode(data, type=dict[str, Any])  # OpenAI's edits tell the same under another family
        for address in (fields.get("url"), fields.get("b64_json")):
            if isinstance(address, str) and _is_data(address):
                fields["b64_json"] = _base64(address)
        event: ImageEvent = msgspec.convert({**fields, "type": f"image_generation.{name}"}, type=ImageEvent)
        return event
    except UNREADABLE as error:
        raise Unavailable("The engine sent an event that cannot be read.") from error


async def _plain(response: aiohttp.ClientResponse, size: str | None) -> AsyncGenerator[ImageEvent, None]:
    answer = decode(await read(response, MAX_ANSWER_BYTES), _Pictures)
    for index, picture in enumerate(answer.data):
        yield Completed(
            b64_json=_file(picture),
            index=index,
            size=answer.size or size,
            seed=picture.seed,
            steps=answer.steps,
            model=answer.model,
            output_format=answer.output_format or "png",
            created_at=int(answer.created or 0),
            nsfw_score=picture.nsfw_score,
            unread=picture.unread,
        )


def _file(picture: _Picture) -> bytes:
    """Return the picture's bytes. Raises Internal where the answer does not hold them."""
    text = _base64(picture.b64_json) or (_base64(picture.url) if _is_data(picture.url) else "")
    if not text:
        raise Internal(
            "The engine answered with an address instead of a picture, and Limner fetches none; "
            "choose a model that answers with b64_json."
            if picture.url
            else "The engine answered with no picture data."
        )
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Internal(_UNREADABLE) from error


def _is_data(address: str | None) -> bool:
    return bool(address and _DATA.match(address))


def _base64(text: str | None) -> str:
    """Return what stands behind the prefix of a `data:` address, or the text without one; empty for None."""
    return _DATA.sub("", text, count=1) if text and _is_data(text) else text or ""
