"""Autocomplete of styles and models, answered from memory alone, and what the chosen or typed text then means."""

from __future__ import annotations

from discord import app_commands

from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.errors import StyleUnknown

CHOICE_CHARS = 100
MAX_CHOICES = 25

Choices = list[app_commands.Choice[str]]


def style_choices(services: Services, interaction: Interaction, typed: str) -> Choices:
    """Return the styles that the typed text begins or names, in the asker's language; the values are keys."""
    locale = own_locale(interaction)
    matches = services.styles.matching(typed, locale, MAX_CHOICES)
    return [app_commands.Choice(name=style.name(locale)[:CHOICE_CHARS], value=style.key) for style in matches]


def style_key(services: Services, typed: str) -> str:
    """Return the key of the style that was chosen or typed. Raises StyleUnknown."""
    style = services.styles.get(typed) or services.styles.find(typed)
    if style is None:
        raise StyleUnknown(typed)
    return style.key


def model_choices(services: Services, typed: str) -> Choices:
    """Return the painters that hold the typed text."""
    names = services.catalog.models(typed)
    return [app_commands.Choice(name=name, value=name) for name in names if len(name) <= CHOICE_CHARS]
