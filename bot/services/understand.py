"""Words become a PromptSpec; whatever the language model does, there is a prompt, and it keeps what was stated."""

from __future__ import annotations

import asyncio
import json
from typing import Protocol

import structlog
from msgspec import structs

from bot.domain.heard import heard, heard_base, hears, known_things
from bot.domain.jobs import Order
from bot.domain.promises import as_stated, keep, lost
from bot.domain.prompt import PromptSpec, SpecInvalid, as_written, json_schema, read_spec
from bot.domain.refine import append_edit, keep_base
from bot.domain.stated import Stated, read_stated
from bot.domain.understood import edit_line, first_line
from bot.domain.words.vocabulary import EVERYTHING, Vocabulary
from bot.services.instructions import EDIT, FIRST
from engine.api.errors import BadRequest, ContentBlocked, EngineError, Unavailable
from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat

log = structlog.get_logger(__name__)

TIMEOUT_S = 20.0
MAX_TOKENS = 600


class LanguageModel(Protocol):
    """What understanding needs of an engine; raises EngineError."""

    async def chat(self, request: ChatRequest) -> str: ...


async def understand(
    planner: LanguageModel,
    order: Order,
    vocabulary: Vocabulary = EVERYTHING,
    *,
    timeout_s: float = TIMEOUT_S,
) -> PromptSpec:
    """Return what the language model made of the order's words, or what their own reading gives where it fails.

    `vocabulary` is what the model says it knows. Raises Unavailable alone: the engine that also paints is gone, so the
    caller waits for it rather than lose the understanding.
    """
    if order.spec is not None:
        return order.spec
    if order.exact:
        return as_written(order.words)
    stated = read_stated(order.words, vocabulary, edit=order.base is not None)
    if not stated.words and order.base is None:  # an order from before such words were refused
        return as_written(order.words)
    base = heard_base(order.base, vocabulary) if order.base else None
    spec = None
    if hears(stated, vocabulary) and (base is None or base.keywords or not vocabulary):
        request = chat_request(heard(stated, vocabulary), base)
        spec = await _ask(planner, request, timeout_s)
        bare = known_things(stated, vocabulary)
        if spec and base is None and bare and len(lost(stated, spec.prompt)) == len(stated.said):
            # A small model that took all of it for something else still knows the things by themselves.
            spec = await _ask(planner, chat_request(bare), timeout_s) or spec
    return _edited(stated, order.base, spec, vocabulary) if order.base else _first(stated, spec, vocabulary)


def chat_request(words: str, base: PromptSpec | None = None) -> ChatRequest:
    """Return the conversation that asks for the PromptSpec of the words, or of the base as the words change it."""
    turns = [ChatMessage("system", EDIT if base else FIRST)]
    if base:
        turns.append(ChatMessage("user", base.understood))
        turns.append(ChatMessage("assistant", json.dumps(structs.asdict(base), ensure_ascii=False)))
    return ChatRequest(
        messages=[*turns, ChatMessage("user", words)],
        max_tokens=MAX_TOKENS,
        temperature=0.0,
        response_format=ResponseFormat("json_schema", JsonSchema("PromptSpec", json_schema(), strict=True)),
    )


async def _ask(planner: LanguageModel, request: ChatRequest, timeout_s: float) -> PromptSpec | None:
    """Return the model's answer, None where there is none that can be read. Raises Unavailable."""
    try:
        async with asyncio.timeout(timeout_s):
            return read_spec(await planner.chat(request))
    except Unavailable:
        raise
    except (EngineError, SpecInvalid, TimeoutError) as error:
        detail = "" if isinstance(error, BadRequest | ContentBlocked) else str(error)  # a service may quote the words
        log.warning("understand.fell_back", error=type(error).__name__, detail=detail)
    return None


def _first(stated: Stated, answer: PromptSpec | None, vocabulary: Vocabulary) -> PromptSpec:
    spec = keep(stated, answer, small=bool(vocabulary)) if answer else as_stated(stated, translated=bool(vocabulary))
    return structs.replace(spec, understood=first_line(stated, answer, spec))


def _edited(stated: Stated, base: PromptSpec, answer: PromptSpec | None, vocabulary: Vocabulary) -> PromptSpec:
    spec = keep_base(stated, base, answer, vocabulary) if answer else append_edit(stated, base, vocabulary)
    return structs.replace(spec, understood=edit_line(stated, base, answer, spec))
