"""Brings a request's fields into the form of the engine's messages: nulls go, and so do fields that need nothing.

Invariant: what is refused is refused by its field's name; see `engine.api.openai_fields`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.api.errors import BadRequest
from engine.api.openai_fields import CHAT, MESSAGE, PART, FieldTable, Refused

FOREIGN = "schema"
"""Below this key stands a JSON schema, in which null has a meaning of its own."""


def settle(fields: Mapping[str, Any], table: FieldTable, place: str = "") -> dict[str, Any]:
    """Return the fields without those that the table passes over. Raises BadRequest for one that it refuses.

    The values may also be a form's texts. `place` is what stands before the fields' names in a sentence.
    """
    kept = {}
    for name, value in fields.items():
        if (refused := table.refused.get(name)) is not None:
            _check(f"{place}{name}", value, refused)
        elif name not in table.harmless and (name not in table.unset or value not in _spellings(table.unset[name])):
            kept[name] = value
    return kept


def settle_chat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a chat's fields, with those of its messages and their parts. Raises BadRequest."""
    kept = settle(fields, CHAT)
    if isinstance(messages := kept.get("messages"), list):
        kept["messages"] = [_settle_message(message, f"messages[{at}].") for at, message in enumerate(messages)]
    return kept


def _settle_message(message: Any, place: str) -> Any:
    if not isinstance(message, dict):
        return message
    kept = settle(message, MESSAGE, place)
    if isinstance(parts := kept.get("content"), list):
        kept["content"] = [
            settle(part, PART, f"{place}content[{at}].") if isinstance(part, dict) else part
            for at, part in enumerate(parts)
        ]
    return kept


def without_nulls(value: Any) -> Any:
    """Return a JSON value without the fields that are null, which in OpenAI's requests are fields left out."""
    if isinstance(value, dict):
        return {
            name: each if name == FOREIGN else without_nulls(each) for name, each in value.items() if each is not None
        }
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def _check(name: str, value: Any, refused: Refused) -> None:
    usual: tuple[object, ...] = (0, 0.0, False, [], {}, *refused.usual)
    if value == "" or any(value in _spellings(each) for each in usual):
        return
    others = [each for each in refused.usual if isinstance(each, str)]
    instead = f", or send {' or '.join(others)}" if others else ""
    raise BadRequest(f"{name}: {refused.why}; leave it out{instead}.", param=name)


def _spellings(value: Any) -> tuple[Any, ...]:
    """Return how a value stands in JSON and in a form. A bool of JSON equals 0 or 1, whose meaning is then the same."""
    return value, msgspec.json.encode(value).decode()
