"""Translates commands: gives Discord every name, description and choice in each locale that we have.

English names stay in the code, where they are contracts; what they are called elsewhere stands in `commands.ftl`:

    @tree.command(name="imagine", description=localised("command-imagine"))
    @app_commands.describe(shape=localised("option-shape"))
    @app_commands.choices(shape=[app_commands.Choice(name=localised("shape-wide"), value="wide")])
    async def imagine(interaction, shape: str): ...

needs `command-imagine`, `option-shape` and `shape-wide`, and for the names, which are found without being mentioned,
`command-imagine-name` and `option-shape-name`. A subcommand `my usage` is `command-my-usage-name`, a context menu
"Refine picture" `menu-refine-picture-name`. A text that is missing is a KeyError when the commands are synced.
"""

from __future__ import annotations

from typing import Any

from discord import Locale
from discord.app_commands import (
    ContextMenu,
    TranslationContextLocation,
    TranslationContextTypes,
    Translator,
    locale_str,
)

from bot.ui.i18n import SOURCE, nearest, text


def localised(key: str) -> locale_str:
    """Return the text for Discord: English, and by its key in every other locale. Raises KeyError."""
    return locale_str(text(SOURCE, key), key=key)


class FluentTranslator(Translator):
    """Answers from the Fluent files; locales that these do not serve see English."""

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        if nearest(locale.value) == SOURCE:
            return None
        return text(locale.value, string.extras.get("key") or name_key(context.location, context.data))


def name_key(location: TranslationContextLocation, data: Any) -> str:
    """Return the key of a command's, group's, context menu's or option's name. Raises KeyError for anything else."""
    match location:
        case TranslationContextLocation.parameter_name:
            return f"option-{_slug(data.name)}-name"
        case TranslationContextLocation.command_name | TranslationContextLocation.group_name:
            kind = "menu" if isinstance(data, ContextMenu) else "command"
            return f"{kind}-{_slug(data.qualified_name)}-name"
        case _:
            raise KeyError(f"{location.name} of {data!r} was not written as localised(key)")


def _slug(name: str) -> str:
    return name.casefold().replace(" ", "-").replace("_", "-")
