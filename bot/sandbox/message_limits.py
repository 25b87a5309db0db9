"""Discord's limits on messages, embeds and components; each check raises Discord's error for the field."""

from __future__ import annotations

from typing import Any

from bot.sandbox.discord_errors import Refusal, invalid_form

Json = dict[str, Any]
ROW, BUTTON, SELECT = 1, 2, 3
SELECTS = (3, 5, 6, 7, 8)
LINK_STYLE = 5
COMPONENTS_V2 = 1 << 15
TOTAL_EMBED_TEXT = 6000


def at_most(path: str, value: Any, maximum: int) -> None:
    if value is not None and len(value) > maximum:
        raise invalid_form(path, "BASE_TYPE_MAX_LENGTH", f"Must be {maximum} or fewer in length.")


def at_least_one(path: str, value: Any) -> None:
    if not value:
        raise invalid_form(path, "BASE_TYPE_REQUIRED", "This field is required")


def check_body(body: Json) -> None:
    """The parts of a message's body that can be judged without the message that it changes."""
    at_most("content", body.get("content"), 2000)
    if int(body.get("flags") or 0) & COMPONENTS_V2:
        raise invalid_form("flags", "SANDBOX_UNSUPPORTED", "The sandbox does not offer Components V2.")
    check_embeds(body.get("embeds") or [])
    check_rows(body.get("components") or [])


def check_not_empty(content: str, *parts: list[Any]) -> None:
    if not content.strip() and not any(parts):
        raise Refusal(400, 50006, "Cannot send an empty message")


def check_embeds(embeds: list[Json]) -> None:
    at_most("embeds", embeds, 10)
    total = 0
    for index, embed in enumerate(embeds):
        path = f"embeds.{index}"
        at_most(f"{path}.title", embed.get("title"), 256)
        at_most(f"{path}.description", embed.get("description"), 4096)
        at_most(f"{path}.footer.text", embed.get("footer", {}).get("text"), 2048)
        at_most(f"{path}.author.name", embed.get("author", {}).get("name"), 256)
        at_most(f"{path}.fields", embed.get("fields"), 25)
        texts = [embed.get("title"), embed.get("description")]
        texts += [embed.get("author", {}).get("name"), embed.get("footer", {}).get("text")]
        for place, item in enumerate(embed.get("fields") or []):
            for key, maximum in (("name", 256), ("value", 1024)):
                at_least_one(f"{path}.fields.{place}.{key}", item.get(key))
                at_most(f"{path}.fields.{place}.{key}", item[key], maximum)
                texts.append(item[key])
        total += sum(len(text) for text in texts if text)
    if total > TOTAL_EMBED_TEXT:
        raise invalid_form("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def check_rows(rows: list[Json]) -> None:
    """Action rows of buttons and selects, as they were before Components V2."""
    at_most("components", rows, 5)
    seen: set[str] = set()
    for index, row in enumerate(rows):
        path = f"components.{index}"
        if row.get("type") != ROW:
            raise invalid_form(f"{path}.type", "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
        items = row.get("components") or []
        at_least_one(f"{path}.components", items)
        at_most(f"{path}.components", items, 1 if any(item.get("type") in SELECTS for item in items) else 5)
        for place, item in enumerate(items):
            _check_item(f"{path}.components.{place}", item, seen)


def _check_item(path: str, item: Json, seen: set[str]) -> None:
    if item.get("type") == BUTTON:
        at_most(f"{path}.label", item.get("label"), 80)
        if not item.get("label") and not item.get("emoji"):
            raise invalid_form(path, "BUTTON_COMPONENT_INVALID", "A button must have a label or an emoji")
        if item.get("style") == LINK_STYLE:
            at_least_one(f"{path}.url", item.get("url"))
            return
    elif item.get("type") in SELECTS:
        at_most(f"{path}.placeholder", item.get("placeholder"), 150)
        if item["type"] == SELECT:
            at_least_one(f"{path}.options", item.get("options"))
            at_most(f"{path}.options", item["options"], 25)
    else:
        raise invalid_form(f"{path}.type", "UNION_TYPE_CHOICES", "A row of a message holds buttons or a select.")
    check_custom_id(path, item, seen)


def check_custom_id(path: str, item: Json, seen: set[str]) -> None:
    custom_id = item.get("custom_id")
    at_least_one(f"{path}.custom_id", custom_id)
    at_most(f"{path}.custom_id", custom_id, 100)
    if custom_id in seen:
        raise invalid_form(
            f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
        )
    seen.add(str(custom_id))
