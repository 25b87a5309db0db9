"""Which fields of a request a hosted model supports, by its name; from OpenAI's API reference and vLLM-Omni's.

Invariant: pure functions. A field that a dialect does not take, or that the service has refused, is never in a body.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import to_builtins

from engine.api.errors import NOTHING_LEFT, BadRequest
from engine.api.messages import ChatRequest, ImageRequest, Lack, ModelFacts, StartImage, parse_size
from engine.api.png_stripping import strip_metadata

Scrub = Callable[[str], str]
Fields = dict[str, Any]
Files = list[tuple[str, bytes]]
"""Of a form: the name of each one's field, which several may share, and the bytes."""

ROOM_TO_REASON = 4096
"""Tokens for a model that thinks before it writes, whose thoughts count too."""
_REASONING = re.compile(r"(?:^|/)(?:gpt-[5-9]|o\d)", re.ASCII)
_CHAT_OPTIONS = ("temperature", "top_p", "seed", "response_format", "max_tokens", "max_completion_tokens")
LENGTHS = ("minLength", "maxLength")
"""Schema keywords that OpenAI's strict mode refuses; elsewhere they keep small models from writing without an end."""
_OPENAI = re.compile(r"(?:^|/)(?:gpt-|chatgpt-|o\d)", re.ASCII)

_PIXEL = {"square": "1024x1024", "portrait": "1024x1536", "landscape": "1536x1024"}
_WIDE = {"square": "1024x1024", "portrait": "1024x1792", "landscape": "1792x1024"}
_MEGAPIXEL = {
    "square": "1024x1024",
    "portrait": "832x1216",
    "landscape": "1216x832",
    "wide": "1344x768",
    "tall": "768x1344",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One family of hosted painters. `takes` are the request's fields beyond model, prompt, n and size.

    `sizes` are by shape; where `strict`, no other size is taken. `per_request` is how many pictures one may ask for.
    One that `instructs` takes a prompt beside a picture for a change of it; it takes `references` pictures at most.
    """

    takes: frozenset[str]
    sizes: Mapping[str, str] = field(default_factory=dict)
    strict: bool = True
    per_request: int = 10
    edits: bool = True
    instructs: bool = False
    references: int = 1


GPT_IMAGE = Dialect(frozenset({"stream", "partial_images", "mask"}), _PIXEL, instructs=True, references=4)
DALL_E_3 = Dialect(frozenset({"response_format"}), _WIDE, per_request=1, edits=False)
DALL_E_2 = Dialect(frozenset({"response_format", "mask"}), {"square": "1024x1024"})
OTHER = Dialect(
    frozenset(
        {"response_format", "seed", "negative_prompt", "num_inference_steps", "guidance_scale", "strength", "mask"}
    ),
    _MEGAPIXEL,
    strict=False,
)
EDITOR = replace(OTHER, takes=OTHER.takes - {"strength"}, instructs=True)
EDITORS = re.compile(r"kontext|flux[.-]?2|image-edit|seededit|nano-banana|instruct-?pix2pix", re.IGNORECASE)
"""Names of models that change a picture as they are told, which some servers offer."""


def dialect_of(model: str) -> Dialect:
    """Return what a painter of this name takes."""
    for part, dialect in (("gpt-image", GPT_IMAGE), ("dall-e-3", DALL_E_3), ("dall-e-2", DALL_E_2)):
        if part in model.casefold():
            return dialect
    return EDITOR if EDITORS.search(model) else OTHER


def painter_facts(dialect: Dialect, refused: Collection[str], *, hosted: bool) -> ModelFacts:
    """Return what members can ask of this painter."""
    taken = dialect.takes - set(refused)
    needs: dict[Lack, bool] = {
        "seed": "seed" in taken,
        "progress": False,
        "preview": "partial_images" in taken and "stream" in taken,
        "negative": "negative_prompt" in taken,
        "steps": "num_inference_steps" in taken,
        "guidance": "guidance_scale" in taken,
        "start": dialect.edits,
        "strength": dialect.edits and "strength" in taken,
        "mask": dialect.edits and "mask" in taken,
    }
    largest = max((max(parse_size(size)) for size in dialect.sizes.values()), default=None) if dialect.strict else None
    return ModelFacts(
        kind="painter",
        sizes=dict(dialect.sizes),
        largest=largest,
        lacks=[lack for lack, held in needs.items() if not held],
        edits_by_instruction=dialect.instructs,
        references=dialect.references if dialect.edits else 0,
        hosted=hosted,
    )


def image_fields(
    request: ImageRequest, model: str, start: StartImage | None, scrub: Scrub, refused: Collection[str]
) -> tuple[Fields, Files]:
    """Return the fields and files to send. Raises BadRequest where the service cannot do what was asked at all."""
    dialect = dialect_of(model)
    taken = dialect.takes - set(refused)
    prompt, negative = scrub(request.prompt).strip(), scrub(request.negative_prompt or "").strip()
    if not prompt:
        raise BadRequest(NOTHING_LEFT)
    if negative and "negative_prompt" not in taken:
        prompt = f"{prompt}\nLeave out: {negative}"
    fields: Fields = {
        "model": model,
        "prompt": prompt,
        "n": request.n,
        "size": None if "size" in refused else nearest_size(request.size, dialect),
        "seed": request.seed,
        "negative_prompt": negative or None,
        "num_inference_steps": request.num_inference_steps,
        "guidance_scale": request.guidance_scale,
        "response_format": "b64_json",
        "strength": start.strength if start else None,
    }
    if request.stream and request.n == 1 and "stream" in taken:  # "Streaming is only supported with n=1"
        fields |= {"stream": True, "partial_images": request.partial_images or None}
    optional = OTHER.takes | GPT_IMAGE.takes
    kept = {
        name: value for name, value in fields.items() if value is not None and (name in taken or name not in optional)
    }
    return kept, _files(dialect, taken, start)


def _files(dialect: Dialect, taken: Collection[str], start: StartImage | None) -> Files:
    if start is None:
        return []
    if not dialect.edits:
        raise BadRequest("This model cannot start from a picture; ask in words alone.")
    if start.mask is not None and "mask" not in taken:
        raise BadRequest("This model cannot change a part of a picture; leave out the mask.")
    if len(start.pictures) > dialect.references:
        raise BadRequest(f"This model takes {dialect.references} pictures at most; send fewer.")
    name = "image[]" if start.references else "image"  # the second is the older name, which all servers know
    files = [(name, strip_metadata(picture)) for picture in start.pictures]
    return files if start.mask is None else [*files, ("mask", strip_metadata(start.mask))]


def nearest_size(size: str | None, dialect: Dialect) -> str | None:
    """Return the dialect's size whose proportions, then whose area, are nearest; None leaves it to the service."""
    if size is None or not dialect.strict:
        return size
    width, height = parse_size(size)

    def distance(other: str) -> tuple[float, float]:
        wide, high = parse_size(other)
        return abs(math.log(width * high / (height * wide))), abs(math.log(width * height / (wide * high)))

    return min(dialect.sizes.values(), key=distance)


def chat_fields(request: ChatRequest, model: str, scrub: Scrub, refused: Collection[str]) -> Fields:
    """Return the body of a chat request."""
    thinks = _REASONING.search(model.casefold()) is not None or "max_tokens" in refused
    room = request.max_completion_tokens or request.max_tokens
    if thinks and room is not None:
        room = max(room, ROOM_TO_REASON)
    newer = thinks and "max_completion_tokens" not in refused
    schema = to_builtins(request.response_format) if request.response_format else None
    if _OPENAI.search(model.casefold()) or not set(LENGTHS).isdisjoint(refused):
        schema = _without_lengths(schema)
    fields: Fields = {
        "model": model,
        "messages": [{"role": message.role, "content": scrub(message.text)} for message in request.messages],
        "max_completion_tokens": room if newer else None,
        "max_tokens": None if newer else room,
        "temperature": None if thinks else request.temperature,
        "top_p": None if thinks else request.top_p,
        "seed": request.seed,
        "response_format": schema,
        "stream": True,
    }
    return {name: value for name, value in fields.items() if value is not None and name not in refused}


def optional_fields(fields: Collection[str]) -> set[str]:
    """Return those of the fields that a request can do without."""
    return {name for name in fields if name in OTHER.takes | GPT_IMAGE.takes | {"size", *_CHAT_OPTIONS}} - {"mask"}


def refused_part(field: str, fields: Fields) -> str:
    """Return what of a refused field to leave out first: of a schema the lengths, which some servers do not take."""
    has_lengths = field == "response_format" and any(f"'{name}'" in str(fields.get(field)) for name in LENGTHS)
    return LENGTHS[0] if has_lengths else field


def _without_lengths(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _without_lengths(value) for name, value in schema.items() if name not in LENGTHS}
    return [_without_lengths(value) for value in schema] if isinstance(schema, list) else schema
