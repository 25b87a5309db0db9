"""Answers of /v1/chat/completions and /v1/models as a client reads them, from Limner's engine or any other server.

Invariant: nothing but the errors of `engine.api.errors` leaves this module; fields that it does not know are ignored.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import msgspec
from msgspec import Struct

from engine.api.connection import MAX_TEXT_BYTES, decode, read
from engine.api.errors import UNREADABLE, ContentBlocked, Internal


class _Message(Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(Struct):
    choices: list[_Choice]


class ListedModel(Struct):
    id: str
    limner: Any = None
    """ModelFacts where the server is Limner's engine; else absent."""


class _Listing(Struct):
    data: list[ListedModel]


async def read_chat_text(response: aiohttp.ClientResponse) -> str:
    """Return the text of a chat's answer. Raises ContentBlocked for a refusal, Internal where there is no text."""
    completion = decode(await read(response, MAX_TEXT_BYTES), _Completion)
    choice = completion.choices[0] if completion.choices else _Choice(_Message())
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ContentBlocked(choice.message.refusal or "The language model does not answer to this.")
    if not choice.message.content:
        raise Internal("The language model answered with no text.")
    return choice.message.content


async def read_model_list(response: aiohttp.ClientResponse) -> list[ListedModel]:
    """Return the models that a server lists. Raises Internal where the answer is no such list."""
    return decode(await read(response, MAX_TEXT_BYTES), _Listing).data


def lists_limner_models(body: bytes) -> bool:
    """Tell whether a model list is that of Limner's engine, whose models carry facts."""
    try:
        return any(model.limner is not None for model in msgspec.json.decode(body, type=_Listing).data)
    except UNREADABLE:
        return False
