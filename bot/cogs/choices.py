"""What autocomplete offers, from memory alone: Discord waits three seconds and asks at each key."""

from __future__ import annotations

from discord import app_commands

from bot.domain.styles import Styles

CHOICE_CHARS, MAX_CHOICES = 100, 25
"""Discord's limits of a choice's name, and of how many."""

Choices = list[app_commands.Choice[str]]


def style_choices(styles: Styles, locale: str, typed: str) -> Choices:
    """Return the styles that the typed text begins or names, by their names in that locale; the values are keys."""
    found = styles.matching(typed, locale, MAX_CHOICES)
    return [app_commands.Choice(name=style.name(locale)[:CHOICE_CHARS], value=style.key) for style in found]
