"""`python -m tools.api_reference`: writes docs/api.md from the messages' schemas, the field tables and the routes.

Invariant: a field or a path without a description is refused, so that the page lacks none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.api.errors import WIRE_ERRORS
from engine.api.messages import ChatMessage, ChatRequest, ImageRequest, StartImage
from engine.api.openai_fields import CHAT, EDITS, IMAGES, MESSAGE, PART, FieldTable
from engine.http.picture_addresses import LIFETIME_S, MAX_BYTES
from engine.http.server import KEYLESS_PATHS, routes

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
INTRODUCTION = f"""\
# The engine's API

<!-- Written by `tools/api_reference.py`; the words stand beside the fields in `engine/api`. -->

The engine speaks OpenAI's API, so [any client of OpenAI's](models.md#the-engine-by-itself) can use it: its base URL is
the engine's address with `/v1`, its key is `ENGINE_API_KEY`, and the model is `default`, a name that `GET /v1/models`
lists, or one of `LIMNER_MODEL_ALIASES`. A field that is null counts as left out. No field is ignored in silence: what
the engine cannot do is refused with status 400 and the field's name in the error's `param`, and so is an unknown field.

With `response_format: url` a picture is kept in the engine's memory for {LIFETIME_S / 60:.0f} minutes at most, and of
all pictures the newest {MAX_BYTES >> 20} MiB. Its address holds a signature in place of the key: who has the address
can fetch that picture. An engine that stops forgets them; a cluster offers none. `Idempotency-Key`, a header of the
paths for images, names a request: sent again within ten minutes it gets the same pictures and paints nothing twice.
"""
HEALTH = "Without a key: {}. What stands under `/v1/pictures` asks for its signature."


def document() -> str:
    """Return the page. Raises LookupError for a field or a path without a description."""
    parts = [
        INTRODUCTION,
        "## Paths",
        _table(("path", "what it does"), _paths()),
        HEALTH.format(", ".join(f"`{path}`" for path in KEYLESS_PATHS)),
        "## Chats",
        *_fields(ChatRequest, CHAT),
        "### A chat's messages",
        *_fields(ChatMessage, MESSAGE),
        "### Parts of a message's content",
        *_others(PART),
        "## Pictures",
        *_fields(ImageRequest, IMAGES),
        "## Pictures from pictures",
        "A form (`multipart/form-data`) with the fields above, and these:",
        _table(("field", "value", "what it sets"), _described(StartImage)),
        *_others(FieldTable({name: EDITS.refused[name] for name in EDITS.refused if name not in IMAGES.refused})),
        "## Errors",
        "An error is OpenAI's object: `error.message` is one sentence, `error.param` the field that it is about.",
        _table(("code", "status"), ((f"`{code}`", str(error.status)) for code, error in WIRE_ERRORS.items())),
    ]
    return "\n".join(f"{part.strip()}\n" for part in parts)


def _paths() -> Iterator[tuple[str, str]]:
    for route in routes():
        methods = (route.methods or set()) - {"HEAD"}
        path = route.path.replace(":path}", "}")
        summary = (route.endpoint.__doc__ or "").strip().splitlines()
        if not summary:
            raise LookupError(f"{path} has no description")
        yield f"`{' '.join(sorted(methods))} {path}`", summary[0].partition(" Raises ")[0].rstrip(".")


def _fields(kind: type[msgspec.Struct], table: FieldTable) -> Iterator[str]:
    yield _table(("field", "value", "what it sets"), _described(kind))
    yield from _others(table)


def _others(table: FieldTable) -> Iterator[str]:
    if table.refused:
        rows = [(f"`{name}`", _usual(refused.usual), refused.why) for name, refused in sorted(table.refused.items())]
        yield "Refused, but where it is empty, false or 0, or has a value that asks for nothing:"
        yield _table(("field", "passes", "why it is refused"), rows)
    if table.harmless:
        yield "Passed over, since nothing is lost without it:"
        yield _table(("field", "why"), ((f"`{name}`", why) for name, why in sorted(table.harmless.items())))


def _usual(values: tuple[object, ...]) -> str:
    return ", ".join(
        f"`{value if isinstance(value, str) else msgspec.json.encode(value).decode()}`" for value in values
    )


def _described(kind: type[msgspec.Struct]) -> Iterator[tuple[str, str, str]]:
    schema = msgspec.json.schema(kind)
    definitions = schema["$defs"]
    for name, field in definitions[kind.__name__]["properties"].items():
        if "description" not in field:
            raise LookupError(f"{kind.__name__}.{name} has no description")
        yield f"`{name}`", _value(field, definitions), field["description"]


def _value(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Say in words what a field of a JSON schema takes."""
    if "$ref" in field:
        return "an object"
    if "anyOf" in field:
        return " or ".join(_value(each, definitions) for each in field["anyOf"] if each.get("type") != "null")
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"] if value is not None)
    if field["type"] == "string" and "contentEncoding" in field:
        return "a file"
    if field["type"] == "string":
        return f"a text of {field['maxLength']:,} characters at most" if "maxLength" in field else "a text"
    if field["type"] == "array":
        return f"a list of {field['maxItems']:,} at most" if "maxItems" in field else "a list"
    low, high = field.get("minimum", field.get("exclusiveMinimum")), field.get("maximum")
    span = "" if low is None else f" from {low:,}" if high is None else f" from {low:,} to {high:,}"
    return {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`"}[field["type"]] + span


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
