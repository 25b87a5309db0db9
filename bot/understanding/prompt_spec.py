"""What a language model's answer must be to be taken; judged by its form, without a table of any language's words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.domain.invisible_characters import one_line
from bot.domain.prompt import (
    MAX_KEYWORD_CHARS,
    MAX_KEYWORDS,
    MAX_PROMPT_CHARS,
    MAX_UNDERSTOOD_CHARS,
    PromptSpec,
    UnknownThing,
)
from bot.understanding.instructions import PROMPTS

MAX_ANSWER_CHARS = 20_000
"""As many from the end are looked at."""
MAX_OBJECTS = 1_000
"""So many openings of an object are tried."""
SCHEMA_KEYWORDS, SCHEMA_KEYWORD_CHARS, SCHEMA_NEGATIVE_CHARS, SCHEMA_PROMPT_CHARS = 16, 40, 400, 800
"""Tighter than what is taken, since small models loop; a change may have to repeat a longer prompt."""
COPIED_WORDS = 3
"""Longer requests in another script than the Latin one must not come back untranslated."""
MAX_UNKNOWN, MAX_NEAR = 6, 3
ATTACHED, EDITED = "of words that come with pictures", "of words that the painter reads itself"


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
    the words name, counted from 1. `unknown` is the thing asked for, where the model says that it does not know it.
    """

    kind: Kind
    spec: PromptSpec | None
    version: int | None = None
    picture: int | None = None
    unknown: UnknownThing | None = None


class AnswerInvalid(Exception):
    """The answer cannot be taken; the text says why, for the model and for the log."""


def read_answer(
    text: str, words: str, base: PromptSpec | None = None, *, edits: bool = False, addressed: bool = False
) -> Answer:
    """Read the answer to a first request, which `edits` a picture where one came with it and may be chat
    where it is `addressed`, or to a reply to `base`.

    Raises AnswerInvalid.
    """
    written = _written(text)
    kind = _kind(_text(written.get("kind"))) if base else Kind.NEW
    if addressed and not base and _text(written.get("kind")).casefold() == Kind.CHAT.value:
        kind = Kind.CHAT
    prompt = written.get("prompt") or ""
    prompt = one_line(prompt, MAX_PROMPT_CHARS + 1) if isinstance(prompt, str) else ""
    version, picture = _number(written.get("version")), _number(written.get("picture"))
    if kind is Kind.UNDO or (kind is Kind.CHAT and _wrong(prompt, words, base)):
        return Answer(kind, None, version, picture)
    if wrong := _wrong(prompt, words, base):
        raise AnswerInvalid(wrong)
    negative = _text(written.get("negative"))
    if len(negative) > MAX_PROMPT_CHARS or _loops(negative):
        raise AnswerInvalid('"negative" is too long')
    spec = PromptSpec(
        understood=one_line(_text(written.get("understood")) or words, MAX_UNDERSTOOD_CHARS),
        keywords=_keywords(written.get("keywords")),
        prompt=prompt,
        negative=one_line(negative, MAX_PROMPT_CHARS),
        instruction=one_line(_text(written.get("instruction")), MAX_PROMPT_CHARS)
        if kind is Kind.CHANGE or edits
        else "",
        unknown=tuple(one_line(word, MAX_KEYWORD_CHARS) for word in _texts(written.get("unknown"))[:MAX_UNKNOWN]),
    )
    return Answer(kind, spec, version, picture, _unknown_thing(written))


def _unknown_thing(written: dict[str, Any]) -> UnknownThing | None:
    name = written.get("unknown_thing")
    name = one_line(name, MAX_KEYWORD_CHARS) if isinstance(name, str) else ""
    if not name:
        return None
    near = [one_line(each, MAX_KEYWORD_CHARS) for each in _texts(written.get("near"))]
    several = [one_line(each, MAX_KEYWORD_CHARS) for each in _texts(written.get("unknown_things"))]
    others = tuple(each for each in dict.fromkeys(several) if each != name)[: MAX_UNKNOWN - 1]
    return UnknownThing(name, tuple(dict.fromkeys(near))[:MAX_NEAR], others)


def _written(text: str) -> dict[str, Any]:
    """Return the last object that may be an answer, behind thoughts, and within whatever fence or object."""
    last: dict[str, Any] | None = None
    for found in _objects(text.rpartition("</think>")[2][-MAX_ANSWER_CHARS:]):
        last = found
    if last is None:
        raise AnswerInvalid("it holds no whole JSON object")
    try:
        json.dumps(last, ensure_ascii=False).encode()  # a lone surrogate could not be stored
    except (UnicodeEncodeError, RecursionError):
        raise AnswerInvalid("it holds what is no text") from None
    return last


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the outermost objects that may be answers, their names in small letters."""
    decoder, at = json.JSONDecoder(strict=False), text.find("{")  # lines may break within texts
    for _ in range(MAX_OBJECTS):
        if at < 0:
            return
        end = at + 1
        with suppress(ValueError, RecursionError):
            found, after = decoder.raw_decode(text, at)
            named = {name.casefold(): value for name, value in found.items()}
            if "prompt" in named or "kind" in named:
                yield named
                end = after
        at = text.find("{", end)


def _text(written: object) -> str:
    """Return a text as far as its meaning is plain: a list's texts in a row, nothing of what is no text."""
    if isinstance(written, list):
        return ", ".join(filter(None, map(_text, written)))
    is_plain = isinstance(written, str | int | float) and not isinstance(written, bool)
    return str(written).strip() if is_plain else ""


def _texts(written: object) -> list[str]:
    parts = written.split(",") if isinstance(written, str) else written if isinstance(written, list) else ()
    return [text for text in map(_text, parts) if any(map(str.isalnum, text))]


def _kind(written: str) -> Kind:
    """Return what the model says; an answer that does not say is a change."""
    try:
        return Kind(written.casefold())
    except ValueError:
        return Kind.CHANGE


def _number(written: object) -> int | None:
    try:
        return int(float(_text(written)))
    except (ValueError, OverflowError):
        return None


def _keywords(written: object) -> list[str]:
    return list(dict.fromkeys(one_line(word, MAX_KEYWORD_CHARS) for word in _texts(written)))[:MAX_KEYWORDS]


def _wrong(prompt: str, words: str, base: PromptSpec | None) -> str:
    """Return what is wrong with a prompt, empty where it can be taken."""
    if not any(map(str.isalnum, prompt)):
        return '"prompt" is empty'
    if len(prompt) > MAX_PROMPT_CHARS:
        return f'"prompt" is longer than {MAX_PROMPT_CHARS} characters'
    if any(_same(prompt, example) and not _same(words, asked) for example, asked in PROMPTS.items()):
        return '"prompt" is that of an example, not of this request'
    if _loops(prompt) and not (_loops(words) or (base and _loops(base.prompt))):
        return '"prompt" repeats itself'
    if _same(prompt, words) and _in_another_script(words):
        return '"prompt" is not in English'
    return ""


def _same(one: str, other: str) -> bool:
    return letters(one) == letters(other)


def letters(text: str) -> str:
    """Return the letters and digits of a text, by which two texts are the same words."""
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
    *, reply: bool = False, edits: bool = False, pictures: int = 1, addressed: bool = False, attached: bool = False
) -> dict[str, Any]:
    """Return the JSON schema that constrains the answer: every property required, the prompt behind the lists.

    Descriptions say how many `pictures` a set has, that some are `attached` to the words, and that the painter `edits`.
    """
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
        picture = {"picture": {"type": ["integer", "null"], "description": f"1 to {pictures}"}} if pictures > 1 else {}
        properties = {"kind": {}, "version": {"type": ["integer", "null"]}, **picture, **properties}
    elif addressed:
        properties = {"kind": {}, **properties}
        properties["prompt"] = {"type": "string", "minLength": 0, "maxLength": MAX_PROMPT_CHARS}
    if reply or addressed:
        kinds = [kind.value for kind in (Kind if reply else (Kind.NEW, Kind.CHAT))]
        of = ATTACHED if attached else EDITED if edits else ""
        properties["kind"] = {"type": "string", "enum": kinds, **({"description": of} if of else {})}
    if reply or edits:
        properties["instruction"] = {"type": "string", "maxLength": SCHEMA_NEGATIVE_CHARS}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
