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

ID_FIELDS = {"id", "users", "roles"}


@lru_cache(maxsize=1)
def document() -> Any:
    return json.loads(DOCUMENT.read_text()) if DOCUMENT.is_file() else None


@lru_cache(maxsize=256)
def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in document()["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path.split("?")[0]) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    return None


def check_body(method: str, path: str, body: Any) -> None:
    """Fail where the document knows the request and the body breaks its schema."""
    operation = _operation(method, path)
    if operation is None:
        raise AssertionError(f"Discord knows no {method} {path}")
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    validator = Draft202012Validator({**content["schema"], "components": document()["components"]})
    errors = list(validator.iter_errors(_as_document(body)))
    assert not errors, f"{method} {path}: {errors[0].message} at {list(errors[0].absolute_path)}"


def check_requests(requests: Iterable[Any]) -> None:
    """Check each logged request that had a JSON body; does nothing where the document is not at hand."""
    if document() is None:
        return
    for request in requests:
        if request.json is not None:
            check_body(request.method, request.path, request.json)


def _as_document(body: Any, key: str = "") -> Any:
    """Write as the document does what discord.py writes otherwise, and Discord takes too: ids as integers."""
    if isinstance(body, dict):
        return {name: _as_document(value, name) for name, value in body.items() if name not in UNLISTED}
    if isinstance(body, list):
        return [_as_document(value, key) for value in body]
    is_id = key in ID_FIELDS or key.endswith("_id")
    return str(body) if is_id and isinstance(body, int) else body
