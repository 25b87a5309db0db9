"""Localised texts by key, from the Fluent files in locales/, one folder a locale."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from bot.ui.fluent_texts import FluentTexts, Plural

SOURCE = "en"
PLURALS: dict[str, Plural] = {
    "en": lambda number: "one" if abs(number) == 1 else "other",
    "zh-CN": lambda _: "other",
}
"""The locales that there are, with the rule that Unicode's CLDR has for each, which a test compares."""
LOCALES = tuple(PLURALS)


@lru_cache(maxsize=len(LOCALES))
def texts(locale: str) -> FluentTexts:
    """Return the texts of one of LOCALES."""
    folder = files("bot.ui").joinpath("locales", locale)
    return FluentTexts((file.read_text("utf-8") for file in folder.iterdir()), PLURALS[locale])


def is_known(key: str) -> bool:
    """Whether there is such a text."""
    return key in texts(SOURCE).keys


@lru_cache(maxsize=64)  # Discord has some 35; the commands ask six thousand times at each start
def nearest(locale: str) -> str:
    """Return the one of LOCALES that serves a Discord locale such as `en-GB` or `zh-TW`."""
    language = locale.partition("-")[0].casefold()
    return next((known for known in LOCALES if known.partition("-")[0] == language), SOURCE)


def text(locale: str, key: str, **arguments: str | int | float) -> str:
    """Return the text `key` in the nearest locale. Raises KeyError for an unknown key or a missing argument."""
    return texts(nearest(locale)).format(key, arguments)
