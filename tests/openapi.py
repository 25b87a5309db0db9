"""Checks REST bodies against Discord's own OpenAPI document, where that file is at hand."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DOCUMENT = Path(
    os.environ.get("LIMNER_DISCORD_OPENAPI") or Path(__file__).parents[2] / "shared" / "discord" / "openapi.json"
)
UNLISTED = {"tts", "nsfw"}
"""Sent by discord.py itself, accepted by Discord, and in no schema."""


@lru_cache(maxsize=1)
def document() -> Any:
    return json.loads(DOCUMENT.read_text()) if DOCUMENT.is_file() else None


@lru_cache(maxsize=512)
def operation(method: str, path: str) -> Any:
    """Return what the document says of a request; of two paths that fit, Discord means the more literal one."""
    fitting = [template for template in document()["paths"] if _fits(template, path)]
    assert fitting, f"Discord knows no {path}"
    found = document()["paths"][min(fitting, key=lambda template: template.count("{"))]
    assert method.lower() in found, f"Discord knows no {method} {path}"
    return found[method.lower()]


def check_body(method: str, path: str, body: Any) -> None:
    """Fail where the body breaks the request's schema, or holds a field that the schema does not know."""
    content = operation(method, path).get("requestBody", {}).get("content", {}).get("application/json")
    assert content, f"{method} {path} takes no JSON"
    sent, schema = as_document(body), content["schema"]
    errors = list(Draft202012Validator({**schema, "components": document()["components"]}).iter_errors(sent))
    assert not errors, f"{method} {path}: {errors[0].message} at {list(errors[0].absolute_path)}"
    # Nearly all of Discord's schemas are open, so a mistyped name would pass.
    if isinstance(sent, dict):
        strange = set(sent) - _properties(schema)
        assert not strange, f"{method} {path}: Discord knows no {sorted(strange)}"


def check_requests(requests: Iterable[Any]) -> None:
    """Check each logged request that had a JSON body; does nothing where the document is not at hand."""
    if document() is None:
        return
    for request in requests:
        if request.json is not None:
            check_body(request.method, request.path, request.json)


def as_document(body: Any, key: str = "") -> Any:
    """Write as the document does what discord.py writes otherwise, and Discord takes too: most ids as integers.

    Components are the exception: their ids are integers for Discord as well.
    """
    if isinstance(body, dict):
        fields = {name: item for name, item in body.items() if name not in UNLISTED}
        if key == "attachments" or "message_id" in fields:
            fields = {
                name: str(item) if name == "id" or name.endswith("_id") else item for name, item in fields.items()
            }
        return {name: as_document(item, name) for name, item in fields.items()}
    if isinstance(body, list):
        return [as_document(item, key) for item in body]
    return str(body) if key in ("users", "roles", "recipient_id") else body


def _properties(schema: Any) -> set[str]:
    """Return the names that an object of this schema may have, whichever of its variants it is."""
    if "$ref" in schema:
        return _properties(document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    variants = [*schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])]
    return set(schema.get("properties", {})).union(*map(_properties, variants))


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path.split("?")[0]) is not None
