"""Autocomplete, and what the chosen text means: styles from memory, one's own prompts from few rows."""

from __future__ import annotations

from discord import app_commands

from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.cogs.visibility import sees
from bot.domain.folding import fold_letters
from bot.domain.jobs import Job
from bot.domain.picture_search import cut_to_units, holds, sought, units
from bot.errors import FavouriteUnknown, StyleUnknown
from bot.ui.i18n import text

CHOICE_CHARS, STYLE_CHARS = 100, 70
MAX_CHOICES = 25

Choices = list[app_commands.Choice[str]]


def style_choices(services: Services, interaction: Interaction, typed: str) -> Choices:
    """Return the styles that the typed text begins or names, in the asker's language; the values are keys.

    Where the models know some alone, those are first, and each says whether it is known.
    """
    locale, facts = own_locale(interaction), services.catalog.facts
    matches = services.styles.matching(typed, locale, MAX_CHOICES, facts.knows_style)
    some = not all(map(facts.knows_style, services.styles))
    names = {style.key: style.name(locale) for style in matches}
    if some:
        for style in matches:
            key = "style-known" if facts.knows_style(style) else "style-unknown"
            names[style.key] = text(locale, key, style=names[style.key][:STYLE_CHARS])
    return [app_commands.Choice(name=name[:CHOICE_CHARS], value=key) for key, name in names.items()]


def style_key(services: Services, typed: str) -> str:
    """Return the key of the style that was chosen or typed. Raises StyleUnknown."""
    style = services.styles.get(typed) or services.styles.find(typed)
    if style is None:
        raise StyleUnknown(typed)
    return style.key


async def prompt_choices(services: Services, interaction: Interaction, typed: str) -> Choices:
    """Return the asker's last prompts that hold the typed text, those first that begin with it.

    What is typed comes before them, since Enter takes the first. A prompt that is longer than a choice may be is none.
    """
    typed, wanted = typed.strip(), fold_letters(typed.strip())
    if units(typed) > CHOICE_CHARS:
        return []
    last = await services.own_pictures.prompts(interaction.user.id)
    fitting = [prompt for prompt in last if units(prompt) <= CHOICE_CHARS and wanted in fold_letters(prompt)]
    fitting.sort(key=lambda prompt: not fold_letters(prompt).startswith(wanted))
    offered = dict.fromkeys([typed, *fitting] if typed and fitting else fitting)
    return [app_commands.Choice(name=prompt, value=prompt) for prompt in offered][:MAX_CHOICES]


async def favourite_choices(services: Services, interaction: Interaction, typed: str) -> Choices:
    """Return the asker's favourites that hold the typed words; the values are ids."""
    locale, words = own_locale(interaction), sought(typed)
    offered = [job for job in await _startable(services, interaction) if holds(job, words)]
    return [
        app_commands.Choice(name=_name(job) or text(locale, "pictures-purged"), value=job.id)
        for job in offered[:MAX_CHOICES]
    ]


async def favourite(services: Services, interaction: Interaction, typed: str) -> Job:
    """Return the favourite that was chosen, or whose words were typed. Raises FavouriteUnknown."""
    kept = await _startable(services, interaction)
    words = sought(typed)
    named = [job for job in kept if job.id == typed] or [job for job in kept if words and holds(job, words)]
    if not named:
        raise FavouriteUnknown(typed)
    return named[0]


async def _startable(services: Services, interaction: Interaction) -> list[Job]:
    """Return the asker's favourites that they see here, but for private ones, which the bot cannot read for long."""
    kept = await services.favourites.of_user(interaction.user.id)
    return [job for job in kept if not job.token and sees(interaction, job)]


def _name(job: Job) -> str:
    return cut_to_units(" ".join(job.shows.split()), CHOICE_CHARS)
