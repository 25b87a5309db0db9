"""What OpenAI's models take, by name, and the refusal of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.api.multipart import image_format

Files = Mapping[str, list[tuple[str, str, bytes]]]
"""Of a form, by the field's name: the name, the type and the bytes of each file."""

COMMON = {"model", "prompt", "n", "size", "user"}
GPT_IMAGE = COMMON | {"background", "moderation", "output_compression", "output_format", "partial_images", "quality"}
CHAT = {"model", "messages", "seed", "top_p", "temperature", "stream", "user", "response_format", "stop"}


@dataclass(frozen=True)
class Painter:
    """What one image model takes."""

    fields: set[str]
    sizes: set[str] = field(default_factory=set)
    most: int = 10
    edit_fields: set[str] | None = None
    pictures: int = 1
    """How many an edit may bring; several come as `image[]`."""
    formats: tuple[str, ...] = ("png", "jpeg", "webp")
    always_b64: bool = False


PAINTERS = {
    "gpt-image-1": Painter(
        GPT_IMAGE | {"stream"},
        {"auto", "1024x1024", "1536x1024", "1024x1536"},
        edit_fields=GPT_IMAGE | {"stream", "image", "image[]", "mask", "input_fidelity"},
        pictures=16,
        always_b64=True,
    ),
    "dall-e-3": Painter(
        COMMON | {"quality", "style", "response_format"}, {"1024x1024", "1792x1024", "1024x1792"}, most=1
    ),
    "dall-e-2": Painter(
        COMMON | {"response_format"},
        {"256x256", "512x512", "1024x1024"},
        edit_fields=COMMON | {"response_format", "image", "mask"},
        formats=("png",),
    ),
}
CHATS = {
    "gpt-4.1-mini": CHAT | {"max_tokens", "max_completion_tokens"},
    "gpt-5-mini": CHAT - {"top_p"} | {"max_completion_tokens", "reasoning_effort"},
    "old-chat": CHAT - {"response_format", "seed"} | {"max_tokens"},
}


class Refusal(Exception):
    """OpenAI's error object."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "type": "invalid_request_error", "param": param, "code": code}


def check_painting(fields: dict[str, Any], files: Files, edits: bool) -> Painter:
    """Return what the model takes. Raises Refusal where the request holds another thing."""
    painter = PAINTERS.get(fields.get("model", "dall-e-2"))
    if painter is None:
        raise Refusal("Invalid value: the model does not exist.", "model", "invalid_value")
    known = painter.edit_fields if edits else painter.fields
    if known is None:
        raise Refusal(f"The model {fields['model']} does not support edits.", "model", "invalid_value")
    for name in [*fields, *files]:
        if name not in known:
            raise Refusal(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    _check_values(painter, fields)
    if edits:
        _check_files(painter, files)
    return painter


def _check_values(painter: Painter, fields: dict[str, Any]) -> None:
    if not fields.get("prompt"):
        raise Refusal("You must provide a prompt.", "prompt", "missing_required_parameter")
    if fields.get("size", "1024x1024") not in painter.sizes:
        told = f"Invalid value: '{fields['size']}'. Supported values are: {', '.join(sorted(painter.sizes))}."
        raise Refusal(told, "size", "invalid_value")
    count = int(fields.get("n", 1))
    if not 1 <= count <= painter.most:
        raise Refusal(f"Invalid 'n': expected at most {painter.most}.", "n", "integer_above_max_value")
    if fields.get("stream") in (True, "true") and count != 1:
        raise Refusal("Streaming is only supported with n=1.")
    if not 0 <= int(fields.get("partial_images", 0)) <= 3:
        raise Refusal("Invalid 'partial_images': expected 0 to 3.", "partial_images", "invalid_value")


def _check_files(painter: Painter, files: Files) -> None:
    """Raises Refusal where an edit's pictures, or its mask, are not as the model takes them."""
    if {"image", "image[]"} <= set(files):
        raise Refusal("You provided both 'image' and 'image[]'.", "image", "mutually_exclusive_parameters")
    pictures = files.get("image") or files.get("image[]") or []
    if not pictures:
        raise Refusal("Missing required parameter: 'image'.", "image", "missing_required_parameter")
    for name in ("image", "mask"):
        if len(files.get(name, [])) > 1:
            told = f"Duplicate parameter: '{name}'. To provide a list of values, use the array syntax: '{name}[]'."
            raise Refusal(told, name, "duplicate_parameter")
    if len(pictures) > painter.pictures:
        raise Refusal(f"Invalid 'image': at most {painter.pictures}.", "image", "array_above_max_length")
    for name, kind, data in (*pictures, *files.get("mask", [])):
        actual = image_format(data) if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")) else ""
        if actual not in painter.formats or kind != f"image/{actual}" or not name.endswith(f".{actual}"):
            told = f"Invalid file '{name}': unsupported mimetype ('{kind}'). Supported: {', '.join(painter.formats)}."
            raise Refusal(told, "image", "unsupported_file_mimetype")


def check_chat(fields: dict[str, Any]) -> None:
    """Raises Refusal where the model does not take the request."""
    model = fields.get("model")
    if model not in CHATS:
        raise Refusal(
            f"The model `{model}` does not exist or you do not have access to it.", None, "model_not_found", 404
        )
    for name in fields:
        if name == "max_tokens" and name not in CHATS[model]:
            told = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
            raise Refusal(told, name, "unsupported_parameter")
        if name not in CHATS[model]:
            raise Refusal(f"Unrecognized request argument supplied: {name}")
    if model == "gpt-5-mini" and fields.get("temperature", 1) != 1:
        told = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) is supported."
        raise Refusal(told, "temperature", "unsupported_value")
    wanted = fields.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        _check_strict(wanted["json_schema"]["schema"], wanted["json_schema"]["name"])


def _check_strict(schema: Any, name: str) -> None:
    """OpenAI's strict mode: every property required, none beside them, and a subset of JSON Schema."""
    if isinstance(schema, list):
        for part in schema:
            _check_strict(part, name)
    if not isinstance(schema, dict):
        return
    for keyword in ("minLength", "maxLength"):
        if keyword in schema:
            told = f"Invalid schema for response_format '{name}': '{keyword}' is not permitted."
            raise Refusal(told, "response_format", "invalid_json_schema")
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False or set(schema["required"]) != set(schema["properties"]):
            raise Refusal(f"Invalid schema for response_format '{name}'.", "response_format", "invalid_json_schema")
        for part in schema["properties"].values():
            _check_strict(part, name)
    _check_strict(schema.get("items"), name)
