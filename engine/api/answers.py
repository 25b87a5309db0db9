"""Answers of /v1/chat/completions and /v1/models as a client reads them, from Limner's engine or any other server.

Invariant: nothing but the errors of `engine.api.errors` leaves this module; fields that it does not know are ignored.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct

from engine.api.chat_progress import OnProgress
from engine.api.connection import CUT_SHORT, MAX_TEXT_BYTES, ErrorReader, decode, read
from engine.api.errors import UNREADABLE, ContentBlocked, Internal, Unavailable
from engine.api.sse import EventReader, TooLong


class _Message(Struct):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    """Thoughts, as vLLM, SGLang and llama.cpp send them beside the answer."""
    reasoning: str | None = None


class _Choice(Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(Struct):
    choices: list[_Choice]


class _StreamedChoice(Struct):
    delta: _Message | None = None
    finish_reason: str | None = None


class _Chunk(Struct):
    choices: list[_StreamedChoice] = []
    error: Any = None


_chunk_decoder = msgspec.json.Decoder(_Chunk)


class ListedModel(Struct):
    id: str
    limner: Any = None
    """ModelFacts where the server is Limner's engine; else absent."""


class _Listing(Struct):
    data: list[ListedModel]


async def read_chat_text(response: aiohttp.ClientResponse, read_error: ErrorReader, on_progress: OnProgress) -> str:
    """Return the text of a chat's answer, which comes in pieces or as one object.

    Raises ContentBlocked for a refusal, Internal where there is no text, Unavailable where the answer breaks off.
    """
    if response.content_type == "text/event-stream":
        choice = await _streamed(response, read_error, on_progress)
    else:
        completion = decode(await read(response, MAX_TEXT_BYTES), _Completion)
        choice = completion.choices[0] if completion.choices else _Choice(_Message())
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ContentBlocked(choice.message.refusal or "The language model does not answer to this.")
    if not choice.message.content:
        raise Internal("The language model answered with no text.")
    return choice.message.content


async def _streamed(response: aiohttp.ClientResponse, read_error: ErrorReader, on_progress: OnProgress) -> _Choice:
    """Put a streamed answer together."""
    content, refusal, finish_reason = [], [], None
    async with aclosing(_events(response, on_progress)) as events:
        async for data in events:
            if data == b"[DONE]":
                finish_reason = finish_reason or "stop"
                break
            try:
                chunk = _chunk_decoder.decode(data)
            except UNREADABLE as error:
                raise Unavailable("The language model sent an event that cannot be read.") from error
            if chunk.error is not None:
                raise read_error(_status(chunk.error), data, None)
            for choice in chunk.choices[:1]:
                delta = choice.delta or _Message()
                content.append(delta.content or "")
                refusal.append(delta.refusal or "")
                finish_reason = choice.finish_reason or finish_reason
                if delta.content or delta.reasoning_content or delta.reasoning:
                    on_progress(True)
    if finish_reason is None:
        raise Unavailable(CUT_SHORT)
    return _Choice(_Message("".join(content), "".join(refusal)), finish_reason)


def _status(error: Any) -> int:
    """Return the status that an error within a stream names, as vLLM's does, else that of a fault of the server."""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 500


async def _events(response: aiohttp.ClientResponse, on_progress: OnProgress) -> AsyncGenerator[bytes, None]:
    """Yield the data of each event, up to MAX_TEXT_BYTES in all."""
    reader, size = EventReader(MAX_TEXT_BYTES), 0
    while True:
        if not (chunk := await response.content.readany()):
            return
        size += len(chunk)
        try:
            events = [event.data for event in reader.feed(chunk)]
        except TooLong:
            events, size = [], MAX_TEXT_BYTES + 1
        if size > MAX_TEXT_BYTES:
            raise Unavailable("The language model's answer is too large.")
        if reader.progressed:
            on_progress(False)
        for data in events:
            yield data


async def read_model_list(response: aiohttp.ClientResponse) -> list[ListedModel]:
    """Return the models that a server lists. Raises Internal where the answer is no such list."""
    return decode(await read(response, MAX_TEXT_BYTES), _Listing).data


def lists_limner_models(body: bytes) -> bool:
    """Tell whether a model list is that of Limner's engine, whose models carry facts."""
    try:
        return any(model.limner is not None for model in msgspec.json.decode(body, type=_Listing).data)
    except UNREADABLE:
        return False
