"""What the starter writes: a line, keywords, an English prompt, and what to leave out; every text on one line."""

from __future__ import annotations

from typing import Any

import msgspec

MAX_PROMPT_CHARS = 2_000
MAX_UNDERSTOOD_CHARS = 300
MAX_KEYWORDS = 24
MAX_KEYWORD_CHARS = 80


class PromptSpec(msgspec.Struct, frozen=True):
    """`understood` is in the requester's language, the rest in English. `negative` is a list parted by commas."""

    understood: str
    keywords: list[str]
    prompt: str
    negative: str = ""


def one_line(text: str, limit: int) -> str:
    """Return the text on one line, cut with an ellipsis where it is longer than `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def read_spec(answer: str) -> PromptSpec | None:
    """Read what the model wrote; None where it is cut short, blank, or lost most of its own keywords."""
    try:
        spec = msgspec.json.decode(answer.encode(), type=PromptSpec)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return None
    prompt = one_line(spec.prompt, MAX_PROMPT_CHARS)
    missing = [word for word in spec.keywords if word.casefold() not in prompt.casefold()]
    if not prompt or len(missing) * 2 > len(spec.keywords):
        return None
    keywords = [one_line(word, MAX_KEYWORD_CHARS) for word in spec.keywords[:MAX_KEYWORDS] if word.strip()]
    return PromptSpec(
        one_line(spec.understood, MAX_UNDERSTOOD_CHARS),
        keywords,
        one_line(", ".join((prompt, *missing)), MAX_PROMPT_CHARS),
        one_line(spec.negative, MAX_PROMPT_CHARS),
    )


def json_schema() -> dict[str, Any]:
    """Return the schema in the order in which the starter learnt to write."""
    text = {"type": "string", "maxLength": MAX_UNDERSTOOD_CHARS}
    return {
        "type": "object",
        "properties": {
            "understood": text,
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
