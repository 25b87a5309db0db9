"""PromptSpec: what the language model made of someone's words, and the checks that it must pass to be believed."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bot.domain.visible import one_line, visible

MAX_PROMPT_CHARS = 2_000
MAX_UNDERSTOOD_CHARS = 300
MAX_KEYWORDS = 24
MAX_KEYWORD_CHARS = 80


class PromptSpec(msgspec.Struct, frozen=True):
    """`understood` is one line in the requester's language, `keywords` what was asked for, `prompt` English.

    `negative` names what to keep out of the picture.
    """

    understood: Annotated[str, Meta(max_length=MAX_UNDERSTOOD_CHARS)]
    keywords: Annotated[list[Annotated[str, Meta(max_length=MAX_KEYWORD_CHARS)]], Meta(max_length=MAX_KEYWORDS)]
    prompt: Annotated[str, Meta(min_length=1, max_length=MAX_PROMPT_CHARS)]
    negative: Annotated[str, Meta(max_length=MAX_PROMPT_CHARS)] = ""


class SpecInvalid(Exception):
    """The language model's answer is no PromptSpec, or one that breaks a promise; the text says which, for the log."""


def as_written(words: str) -> PromptSpec:
    """Return the spec that hands the words to the painter as they are, but for what nobody can see."""
    shown = visible(words)[:MAX_PROMPT_CHARS] or words
    return PromptSpec(understood=one_line(words, MAX_UNDERSTOOD_CHARS), keywords=[], prompt=shown, negative="")


def read_spec(answer: str) -> PromptSpec:
    """Read a language model's answer, each text on one line; the prompt holds every keyword.

    Raises SpecInvalid where it is none, or where the prompt lost most of the keywords.
    """
    start, end = answer.find("{"), answer.rfind("}")
    try:
        spec = msgspec.json.decode(answer[start : end + 1].encode(), type=PromptSpec)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise SpecInvalid(f"not a PromptSpec: {type(error).__name__}") from error
    prompt = one_line(spec.prompt, MAX_PROMPT_CHARS)
    if not prompt:
        raise SpecInvalid("the prompt is blank")
    keywords = [line for word in spec.keywords if any(map(str.isalnum, line := one_line(word, MAX_KEYWORD_CHARS)))]
    missing = [word for word in keywords if word.casefold() not in prompt.casefold()]
    if len(missing) * 2 > len(keywords):
        raise SpecInvalid(f"the prompt lost {len(missing)} of {len(keywords)} keywords")
    whole = one_line(", ".join((prompt, *missing)), MAX_PROMPT_CHARS)
    understood = one_line(spec.understood, MAX_UNDERSTOOD_CHARS)
    return PromptSpec(understood, keywords, whole, one_line(spec.negative, MAX_PROMPT_CHARS))


def json_schema() -> dict[str, Any]:
    """Return the JSON schema that constrains the language model's answer, every property required, in order."""
    return {
        "type": "object",
        "properties": {
            "understood": {"type": "string", "maxLength": MAX_UNDERSTOOD_CHARS},
            "keywords": {
                "type": "array",
                "items": {"type": "string", "maxLength": MAX_KEYWORD_CHARS},
                "maxItems": MAX_KEYWORDS,
            },
            "prompt": {"type": "string", "minLength": 1, "maxLength": MAX_PROMPT_CHARS},
            "negative": {"type": "string", "maxLength": MAX_PROMPT_CHARS},
        },
        "required": ["understood", "keywords", "prompt", "negative"],
        "additionalProperties": False,
    }
