"""Checks the fields of a modal when the bot shows it, and the values that a member submits."""

from __future__ import annotations

from typing import Any

from bot.sandbox.discord_errors import PageRefusal
from bot.sandbox.message_limits import ROW, SELECT, at_least_one, at_most, check_custom_id

Json = dict[str, Any]


def check_modal(modal: Json) -> None:
    """A modal's title and fields: text inputs in rows, or labels (type 18) around a field."""
    at_least_one("data.title", modal.get("title"))
    at_most("data.title", modal["title"], 45)
    check_custom_id("data", modal, set())
    at_least_one("data.components", modal.get("components"))
    at_most("data.components", modal["components"], 5)
    seen: set[str] = set()
    for index, field in enumerate(modal_fields(modal)):
        path = f"data.components.{index}"
        check_custom_id(path, field, seen)
        at_most(f"{path}.label", field.get("label"), 45)
        at_most(f"{path}.value", field.get("value"), 4000)


def modal_fields(modal: Json) -> list[Json]:
    """The modal's fields in order, each with its label, whichever way it was wrapped."""
    fields: list[Json] = []
    for outer in modal.get("components") or []:
        if outer.get("component"):
            fields.append({**outer["component"], "label": outer.get("label"), "description": outer.get("description")})
        else:
            fields.extend(outer.get("components") or [])
    return fields


def chosen(item: Json, values: list[str]) -> list[str]:
    known = [option["value"] for option in item.get("options") or []]
    if not item["min_values"] <= len(values) <= item["max_values"] or not set(values) <= set(known):
        raise PageRefusal(400, 0, "sandbox-from-menu")
    return values


def check_field(item: Json, value: Any) -> None:
    """A modal's field against its own bounds, as Discord's client checks it before sending."""
    label = item.get("label") or "—"
    if not value:
        if item.get("required", True):
            raise PageRefusal(400, 0, "sandbox-fill-in", option=label)
    elif item["type"] == SELECT:
        chosen({"min_values": 1, "max_values": 1, **item}, list(value))
    elif not (item.get("min_length") or 0) <= len(value) <= (item.get("max_length") or 4000):
        low, high = item.get("min_length") or 0, item.get("max_length") or 4000
        raise PageRefusal(400, 0, "sandbox-length", option=label, low=low, high=high)


def filled(outer: Json, given: Json) -> Json:
    """A row or a label of the modal with what was typed in it, as MODAL_SUBMIT carries it."""

    def fill(item: Json) -> Json:
        value = given.get(item["custom_id"])
        typed = {"values": list(value or [])} if item["type"] == SELECT else {"value": value or ""}
        return {"type": item["type"], "id": item.get("id", 0), "custom_id": item["custom_id"], **typed}

    if outer["type"] == ROW:
        return {"type": ROW, "components": [fill(item) for item in outer["components"]]}
    return {"type": outer["type"]} | ({"component": fill(outer["component"])} if "component" in outer else {})
