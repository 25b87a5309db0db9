"""Localised texts by key, from the Fluent files in locales/, one folder a locale."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser

SOURCE = "en"
LOCALES = ("en", "zh-CN")


@lru_cache(maxsize=len(LOCALES))
def bundle(locale: str) -> FluentBundle:
    """Return the texts of one of LOCALES."""
    # Discord's own markup surrounds the arguments; isolation marks inside <t:…:R> or a mention would break it.
    texts = FluentBundle([locale], use_isolating=False)
    parser = FluentParser(with_spans=False)  # where in its file each word stood would be 2 MB, which nobody asks for
    for file in files("bot.ui").joinpath("locales", locale).iterdir():
        texts.add_resource(parser.parse(file.read_text("utf-8")))
    return texts


def is_known(key: str) -> bool:
    """Whether there is such a text."""
    return bool(bundle(SOURCE).has_message(key))


@lru_cache(maxsize=64)  # Discord has some 35; the commands ask six thousand times at each start
def nearest(locale: str) -> str:
    """Return the one of LOCALES that serves a Discord locale such as `en-GB` or `zh-TW`."""
    language = locale.partition("-")[0].casefold()
    return next((known for known in LOCALES if known.partition("-")[0] == language), SOURCE)


def text(locale: str, key: str, **arguments: str | int | float) -> str:
    """Return the text `key` in the nearest locale. Raises KeyError for an unknown key or a missing argument."""
    chosen = bundle(nearest(locale))
    pattern = chosen.get_message(key).value
    if pattern is None:
        raise KeyError(key)
    formatted, errors = chosen.format_pattern(pattern, arguments)
    if errors:
        raise KeyError(f"{key}: {errors[0]}")
    return str(formatted)
