"""The page's own texts, from the locale files, in the language that a browser asks for first."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from aiohttp import web

from bot.ui.i18n import SOURCE, nearest, text

Json = dict[str, Any]
VALUES = (
    "bound", "command", "example", "file", "high", "known", "length", "low", "name", "option", "picture", "place",
    "time", "words",
)  # fmt: skip
"""The variables of the texts; the page gets each text with `{name}` in the variable's place."""


def spoken(request: web.Request) -> str:
    """Return which of the texts' locales serves the language that the browser prefers."""
    first = request.headers.get("Accept-Language", "").partition(",")[0]
    return nearest(first.partition(";")[0].strip())


@lru_cache(maxsize=4)
def page_texts(locale: str) -> dict[str, str]:
    """Return the texts of sandbox.ftl by their keys, as patterns: `{name}` stands for a value."""
    source = files("bot.ui").joinpath("locales", SOURCE, "sandbox.ftl").read_text("utf-8")
    marks = {value: f"{{{value}}}" for value in VALUES}
    return {key: text(locale, key, **marks) for key in re.findall(r"^([\w-]+) =", source, flags=re.MULTILINE)}


def label(node: Json, locale: str) -> str:
    """Return the name of a command, an option or a choice as people with that locale read it."""
    return str((node.get("name_localizations") or {}).get(locale) or node["name"])


def labels(nodes: list[Json], locale: str) -> str:
    """Return the names of several, as a list in a sentence."""
    return text(locale, "sandbox-comma").join(label(node, locale) for node in nodes)
