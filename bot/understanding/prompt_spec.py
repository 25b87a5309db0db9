"""What a language model's answer must be to be taken; judged by its form, without a table of any language's words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from bot.domain.invisible_characters import one_line
from bot.domain.prompt import MAX_KEYWORD_CHARS, MAX_KEYWORDS, MAX_PROMPT_CHARS, MAX_UNDERSTOOD_CHARS, PromptSpec
from bot.understanding.instructions import PROMPTS

MAX_ANSWER_CHARS = 20_000
"""As many from the end are looked at."""
SCHEMA_KEYWORDS, SCHEMA_KEYWORD_CHARS, SCHEMA_NEGATIVE_CHARS, SCHEMA_PROMPT_CHARS = 16, 40, 400, 800
"""Tighter than what is taken, since small models loop; a change may have to repeat a longer prompt."""
COPIED_WORDS = 3
"""Longer requests in another script than the Latin one must not come back untranslated."""
MAX_UNKNOWN = 6


class Kind(Enum):
    """What a message is."""

    NEW = "new"
    CHANGE = "change"
    UNDO = "undo"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model made of a message. `spec` is None where there is nothing to paint.

    `version` is for UNDO: 1 the first, negative counted back from the newest. `picture` is the one of a set that
    the words name, counted from 1.
    """

    kind: Kind
    spec: PromptSpec | None
    version: int | None = None
    picture: int | None = None


class AnswerInvalid(Exception):
    """The answer cannot be taken; the text says why, for the model and for the log."""


class _Written(msgspec.Struct):
    """An answer as it comes: what is missing, null or in another form is read as far as its meaning is plain."""

    understood: str | None = None
    keywords: list[str | float | None] | str | None = None
    prompt: str | None = None
    negative: list[str] | str | None = None
    kind: str | None = None
    version: float | str | None = None
    picture: float | str | None = None
    instruction: str | None = None
    unknown: list[str] | None = None


def read_answer(
    text: str, words: str, base: PromptSpec | None = None, *, edits: bool = False, addressed: bool = False
) -> Answer:
    """Read the answer to a first request, which `edits` a picture where one came with it and may be chat
    where it is `addressed`, or to a reply to `base`.

    Raises AnswerInvalid.
    """
    written = _written(text)
    kind = _kind(written.kind) if base else Kind.NEW
    if addressed and not base and (written.kind or "").strip().casefold() == Kind.CHAT.value:
        kind = Kind.CHAT
    prompt = one_line(written.prompt or "", MAX_PROMPT_CHARS + 1)
    if kind in (Kind.UNDO, Kind.CHAT) and not prompt:
        return Answer(kind, None, _version(written.version), _version(written.picture))
    _check(prompt, words)
    negative = ", ".join(written.negative) if isinstance(written.negative, list) else written.negative or ""
    if len(negative) > MAX_PROMPT_CHARS or _loops(negative):
        raise AnswerInvalid('"negative" is too long')
    spec = PromptSpec(
        understood=one_line(written.understood or words, MAX_UNDERSTOOD_CHARS),
        keywords=_keywords(written.keywords),
        prompt=prompt,
        negative=one_line(negative, MAX_PROMPT_CHARS),
        instruction=one_line(written.instruction or "", MAX_PROMPT_CHARS) if kind is Kind.CHANGE or edits else "",
        unknown=tuple(one_line(word, MAX_KEYWORD_CHARS) for word in (written.unknown or ())[:MAX_UNKNOWN]),
    )
    return Answer(kind, spec, _version(written.version), _version(written.picture))


def _written(text: str) -> _Written:
    """Return the last object that may be an answer, behind thoughts and within whatever fence."""
    last: dict[str, Any] | None = None
    for found in _objects(text.rpartition("</think>")[2][-MAX_ANSWER_CHARS:]):
        if isinstance(found, dict) and ("prompt" in found or "kind" in found):
            last = found
    if last is None:
        raise AnswerInvalid("it holds no whole JSON object")
    try:
        json.dumps(last, ensure_ascii=False).encode()  # a lone surrogate could not be stored
        return msgspec.convert(last, _Written)
    except (msgspec.ValidationError, UnicodeEncodeError, RecursionError):
        raise AnswerInvalid("a field has the wrong type") from None


def _objects(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
            yield found
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)


def _kind(written: str | None) -> Kind:
    """Return what the model says; an answer that does not say is a change."""
    try:
        return Kind((written or "").strip().casefold())
    except ValueError:
        return Kind.CHANGE


def _version(written: float | str | None) -> int | None:
    try:
        return int(float(written)) if written is not None else None
    except (ValueError, OverflowError):
        return None


def _keywords(written: list[str | float | None] | str | None) -> list[str]:
    given = written.split(",") if isinstance(written, str) else written or ()
    lines = (one_line(str(word), MAX_KEYWORD_CHARS) for word in given if word is not None)
    return list(dict.fromkeys(line for line in lines if any(map(str.isalnum, line))))[:MAX_KEYWORDS]


def _check(prompt: str, words: str) -> None:
    """Raises AnswerInvalid."""
    if not any(map(str.isalnum, prompt)):
        raise AnswerInvalid('"prompt" is empty')
    if len(prompt) > MAX_PROMPT_CHARS:
        raise AnswerInvalid(f'"prompt" is longer than {MAX_PROMPT_CHARS} characters')
    if any(_same(prompt, example) and not _same(words, asked) for example, asked in PROMPTS.items()):
        raise AnswerInvalid('"prompt" is that of an example, not of this request')
    if _loops(prompt) and not _loops(words):
        raise AnswerInvalid('"prompt" repeats itself')
    if _same(prompt, words) and _in_another_script(words):
        raise AnswerInvalid('"prompt" is not in English')


def _same(one: str, other: str) -> bool:
    return _letters(one) == _letters(other)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


_LATIN = re.compile(r"[a-z\u00c0-\u024f]")
_PIECE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+")
"""A word; in scripts that set no blanks between words, a letter."""


def _in_another_script(words: str) -> bool:
    """Whether more than three words, and most of them, are in another script than the Latin one."""
    pieces = _PIECE.findall(words.casefold())
    other = [piece for piece in pieces if not _LATIN.match(piece)]
    return len(pieces) > COPIED_WORDS and len(other) * 2 > len(pieces)


_STUTTER = re.compile(r"(\w{1,8}?)\1{15}")
_LONGEST_LOOP, _TIMES, _TIMES_ONE = 16, 4, 6


def _loops(text: str) -> bool:
    """Whether a phrase of up to 16 words comes four times in a row, a single word six times."""
    pieces = _PIECE.findall(text.casefold())
    for size in range(1, _LONGEST_LOOP + 1):
        run = 0
        for one, other in zip(pieces, pieces[size:], strict=False):
            run = run + 1 if one == other else 0
            if run >= size * ((_TIMES_ONE if size == 1 else _TIMES) - 1):
                return True
    return _STUTTER.search(text) is not None


def json_schema(
    *, reply: bool = False, edits: bool = False, of_set: bool = False, addressed: bool = False
) -> dict[str, Any]:
    """Return the JSON schema that constrains the answer: every property required, the prompt behind the lists."""
    properties: dict[str, Any] = {
        "understood": {"type": "string", "maxLength": MAX_UNDERSTOOD_CHARS},
        "keywords": {
            "type": "array",
            "items": {"type": "string", "maxLength": SCHEMA_KEYWORD_CHARS},
            "maxItems": SCHEMA_KEYWORDS,
        },
        "negative": {"type": "string", "maxLength": SCHEMA_NEGATIVE_CHARS},
        "prompt": {
            "type": "string",
            "minLength": 0 if reply else 1,
            "maxLength": MAX_PROMPT_CHARS if reply else SCHEMA_PROMPT_CHARS,
        },
    }
    if reply:
        kind = {"type": "string", "enum": [kind.value for kind in Kind]}
        version = {"type": ["integer", "null"]}
        picture = {"picture": {"type": ["integer", "null"]}} if of_set else {}
        properties = {"kind": kind, "version": version, **picture, **properties}
    elif addressed:
        kinds = [Kind.NEW.value, Kind.CHAT.value]
        properties = {"kind": {"type": "string", "enum": kinds}, **properties}
        properties["prompt"] = {"type": "string", "minLength": 0, "maxLength": MAX_PROMPT_CHARS}
    if reply or edits:
        properties["instruction"] = {"type": "string", "maxLength": SCHEMA_NEGATIVE_CHARS}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
