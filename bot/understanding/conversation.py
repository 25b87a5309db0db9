"""The messages that a language model gets: instructions, examples, the versions of a picture, and the new words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.prompt import PromptSpec
from bot.understanding import instructions
from bot.understanding.instructions import EXAMPLE, Turn
from bot.understanding.prompt_spec import json_schema
from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat

MAX_TOKENS = 1_000
CHAIN_TOKENS = 1_500.0
"""For the versions' objects; older ones are told by their line alone."""
MAX_VERSIONS = 12
AGAIN = 0.7
"""The temperature of a second asking: a model that looped would write the same again."""
MOST_WORDS = 300
"""No prompt has more: painters that read as many need no mention."""
SCHEMA = "PromptSpec"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a picture: the words that asked for it, and what they were understood as."""

    words: str
    spec: PromptSpec


@dataclass(frozen=True, slots=True)
class Painter:
    """What the loaded painter takes: whether it can be told what to leave out, and how many words it reads."""

    negative: bool = True
    words: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Words to understand. Where there are `versions`, newest last, the words are a reply to the last one.

    With `edits` the painter is to change a picture as they say: the one that they come with, or reply to.
    """

    words: str
    versions: Sequence[Version] = ()
    painter: Painter = field(default=Painter())
    user: str | None = None
    """A pseudonym; the engine takes turns among these."""
    edits: bool = False
    addressed: bool = False
    """Whether the words are a message to the bot, which may be chat as well as a wish for a picture."""
    pictures: int = 1
    """How many the set has that the words reply to."""
    references: int = 0
    """How many more pictures come with the words, for the painter to look at."""
    attached: bool = False
    """Whether pictures are attached to the words, which then are seldom chat."""

    @property
    def base(self) -> PromptSpec | None:
        return self.versions[-1].spec if self.versions else None


def shown(versions: Sequence[Version]) -> Sequence[Version]:
    """Return the versions that the model sees: the first, and the newest."""
    return versions if len(versions) <= MAX_VERSIONS else [versions[0], *versions[1 - MAX_VERSIONS :]]


def chat_request(request: Request, *, wrong: str = "", brief: bool = False) -> ChatRequest:
    """Return the conversation that asks for the request's PromptSpec.

    `wrong` says what was wrong with the answer before; then another one is drawn. A `brief` one is for a model that
    reads little: without examples, and with the newest version alone.
    """
    examples: Sequence[Turn] = instructions.FIRST_TURNS
    if request.versions or request.edits:
        examples = instructions.REPLY_TURNS if request.versions else instructions.EDIT_TURNS
    versions = request.versions[-1:] if brief else shown(request.versions)
    turns = [ChatMessage("system", _system(request, wrong))]
    for turn in () if brief else examples:
        turns += [ChatMessage("user", EXAMPLE + turn.words), ChatMessage("assistant", _json(turn.answer))]
    for version, answer in zip(versions, _answers(versions), strict=True):
        turns += [ChatMessage("user", version.words), ChatMessage("assistant", answer)]
    return ChatRequest(
        messages=[*turns, ChatMessage("user", request.words)],
        max_tokens=MAX_TOKENS,
        temperature=AGAIN if wrong else 0.0,
        seed=0 if wrong else None,
        user=request.user,
        response_format=ResponseFormat(
            "json_schema",
            JsonSchema(
                SCHEMA,
                json_schema(
                    reply=bool(request.versions),
                    edits=request.edits,
                    pictures=request.pictures,
                    addressed=request.addressed,
                    attached=request.attached,
                ),
                strict=True,
            ),
        ),
    )


def _system(request: Request, wrong: str) -> str:
    text = instructions.EDIT if request.edits else instructions.FIRST
    text = instructions.REPLY if request.versions else text
    if request.addressed and not request.versions:
        text += instructions.ADDRESSED
    if request.pictures > 1:
        text += instructions.of_set(request.pictures)
    if request.references:
        text += instructions.with_references(request.references)
    if not request.painter.negative:
        text += instructions.POSITIVE
    if (words := request.painter.words) is not None and words < MOST_WORDS:
        text += instructions.short(words)
    return f"{text}\nYour answer before could not be used: {wrong}." if wrong else text


def _answers(versions: Sequence[Version]) -> list[str]:
    """Return the versions as the model would have answered, the newest whole, older ones as far as there is room."""
    room, answers = CHAIN_TOKENS, list[str]()
    for number, version in reversed(list(enumerate(versions))):
        spec = version.spec
        whole = {
            "kind": "change" if number else "new",
            "version": None,
            "understood": spec.understood,
            "keywords": spec.keywords,
            "negative": spec.negative,
            "prompt": spec.prompt,
            "instruction": spec.instruction,
        }
        answer = _json(whole)
        room -= _tokens(answer)
        if room < 0 and answers:
            answer = _json({"kind": whole["kind"], "understood": spec.understood})
        answers.append(answer)
    return answers[::-1]


def _tokens(text: str) -> float:
    """Estimate from above how many tokens a text has: a quarter a letter of the Latin script, else one."""
    return sum(0.25 if char.isascii() else 1 for char in text)


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)
