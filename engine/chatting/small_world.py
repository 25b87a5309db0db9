"""A conversation that asks a model of a small world for a PromptSpec, handed to the reader that makes up for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from engine.api.messages import MAX_IMAGES, ChatMessage, ChatRequest
from engine.chatting.planner_facts import PlannerFacts
from engine.chatting.schema_compiler import compile_schema
from engine.jobs.requests import Conversation
from engine.starter.lexicon.things import read_things
from engine.starter.orders.read import OrderReader
from engine.starter.reader.read import Reader
from engine.starter.reader.spec import PromptSpec, json_schema
from engine.starter.reader.which_picture import read_which

SCHEMA = "PromptSpec"
"""The name of the schema by which a conversation asks for one."""
EXAMPLE = "Example: "
"""What the words of an example begin with: none is a version of the picture."""
ATTACHED, EDITED = "of words that come with pictures", "of words that the painter reads itself"
"""How the bot describes a `kind`."""
TOKENS = 600


def asks_for_spec(request: ChatRequest) -> bool:
    """Whether the reader is to answer; any other conversation is the model's own."""
    wanted = request.response_format
    return bool(wanted and wanted.json_schema and wanted.json_schema.name == SCHEMA) and any(
        message.role == "user" for message in request.messages
    )


class SpecReader(Protocol):
    """Answers a request, or a reply to the picture of `base`, by the words of a small world; see `Reader.answer`."""

    def answer(
        self,
        words: str,
        base: PromptSpec | None,
        ask: Callable[[str], str],
        *,
        addressed: bool = False,
        attached: bool = False,
        edits: bool = False,
    ) -> str: ...


def reader_of(facts: PlannerFacts, folder: Path | None) -> SpecReader | None:
    """Return who reads for a model: orders where its folder lists a gallery's things; no one where it reads itself."""
    if folder and (things := read_things(folder)):
        return OrderReader(things, folder)
    return Reader(facts.words, folder, facts.knows) if facts.words else None


def answer(reader: SpecReader, request: ChatRequest, complete: Callable[[Conversation], str]) -> str:
    """Return the PromptSpec as JSON. `complete` lets the model itself continue a conversation."""
    words = next(message.text for message in reversed(request.messages) if message.role == "user")

    def ask(text: str) -> str:
        turns = [ChatMessage("system", "Answer with a PromptSpec."), ChatMessage("user", text)]
        asked = ChatRequest(turns, max_tokens=TOKENS, temperature=0.0)
        return complete(Conversation(asked, compile_schema(json.dumps(json_schema()))))

    kind, of_set = _property(request, "kind"), _property(request, "picture")
    described = str(kind.get("description", "")) if kind else ""
    attached, edits = described == ATTACHED, described in (ATTACHED, EDITED)
    if of_set is None:
        base = _base(request.messages)
        return reader.answer(words, base, ask, addressed=kind is not None, attached=attached, edits=edits)
    picture, rest = read_which(words, _most(of_set))
    if picture is not None and not rest and not attached:
        empty = {"understood": "", "keywords": [], "prompt": "", "negative": ""}
        return json.dumps({"kind": "chat", "picture": picture, **empty})
    made = json.loads(reader.answer(rest or words, _base(request.messages), ask, attached=attached, edits=edits))
    return json.dumps({**made, "picture": picture}, ensure_ascii=False)


def _property(request: ChatRequest, name: str) -> dict[str, Any] | None:
    """Return the schema of a property that the answer is to have, which describes what the bot knows of it; else None.

    `picture` is for a reply to a set, "1 to" so many; `kind` is for what may be chat, ATTACHED, EDITED or neither.
    """
    wanted = request.response_format and request.response_format.json_schema
    found = wanted.schema.get("properties", {}).get(name) if wanted else None
    return found if isinstance(found, dict) else None


def _most(of_set: dict[str, Any]) -> int:
    """Return how many pictures the set has, where the schema says so."""
    numbers = re.findall(r"\d+", str(of_set.get("description", "")))
    return int(numbers[-1]) if numbers else MAX_IMAGES


def _base(messages: list[ChatMessage]) -> PromptSpec | None:
    """Return the newest version of the picture that the conversation holds; None for a first request."""
    asked = ""
    base = None
    for message in messages:
        if message.role == "user":
            asked = message.text
        elif message.role == "assistant" and not asked.startswith(EXAMPLE):
            base = _spec(message.text) or base
    return base


def _spec(text: str) -> PromptSpec | None:
    try:
        return msgspec.json.decode(text.encode(), type=PromptSpec)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return None
