"""/my usage, pictures and settings: a member's remaining pictures, gallery and defaults."""

from __future__ import annotations

from dataclasses import replace

from discord import app_commands

from bot.cogs.autocomplete import CHOICE_CHARS, MAX_CHOICES, Choices, style_choices, style_key
from bot.cogs.my_data import add_data
from bot.cogs.paged_lists import PagedLists
from bot.cogs.requester import place
from bot.cogs.responses import Interaction, answer, own_locale, promptly
from bot.cogs.services import Services
from bot.domain.jobs import SHAPES
from bot.domain.picture_search import MOST_UNITS, Wanted, search_words
from bot.domain.preferences import Preferences
from bot.ui.command_translator import localised
from bot.ui.gallery import list_of
from bot.ui.i18n import text
from bot.ui.preferences import preferences_text
from bot.ui.usage import usage_text

NONE = "none"
"""The choice that takes a setting away."""
CONSENTS = {"yes": True, "no": False, NONE: None}
"""Whether others may paint from one's photos; none leaves that to the server."""


def add_my(tree: app_commands.CommandTree, services: Services, lists: PagedLists) -> None:
    """Add the group to the tree."""
    my = app_commands.Group(name="my", description=localised("command-my"))

    @my.command(name="usage", description=localised("command-my-usage"))
    async def show_usage(interaction: Interaction) -> None:
        here = await services.limits.usage(place(interaction))
        said = usage_text(own_locale(interaction), here, in_guild=interaction.guild_id is not None)
        await interaction.response.send_message(said, ephemeral=True)

    @my.command(name="pictures", description=localised("command-my-pictures"))
    @app_commands.describe(favourites=localised("option-favourites"), search=localised("option-search"))
    async def show_pictures(
        interaction: Interaction, favourites: bool = False, search: app_commands.Range[str, 1, MOST_UNITS] = ""
    ) -> None:
        await lists.show(interaction, list_of(Wanted(favourites, search_words(search))))

    shapes = [app_commands.Choice(name=localised(f"shape-{shape}"), value=shape) for shape in SHAPES]

    @my.command(name="settings", description=localised("command-my-settings"))
    @app_commands.describe(
        style=localised("setting-style"),
        shape=localised("setting-shape"),
        private=localised("setting-private"),
        photos=localised("setting-photos"),
    )
    @app_commands.choices(
        shape=[*shapes, app_commands.Choice(name=localised("setting-none"), value=NONE)],
        photos=[app_commands.Choice(name=localised(f"setting-photos-{said}"), value=said) for said in CONSENTS],
    )
    async def settings(
        interaction: Interaction,
        style: app_commands.Range[str, 1, CHOICE_CHARS] | None = None,
        shape: str | None = None,
        private: bool | None = None,
        photos: str | None = None,
    ) -> None:
        user_id, locale = interaction.user.id, own_locale(interaction)
        before = await services.members.get(user_id)
        after = _changed(before, _style(services, locale, style), _shape(shape), private)
        if photos in CONSENTS:
            after = replace(after, photos=CONSENTS[photos])
        if after != before:
            await promptly(interaction, services.members.set(user_id, after))
        named = services.styles.get(after.style)
        said = preferences_text(locale, after, named.name(locale) if named else "", saved=after != before)
        if named and not services.catalog.facts.knows_style(named):
            said = f"{said}\n{text(locale, 'settings-style-unknown')}"
        await answer(interaction, said)

    @settings.autocomplete("style")
    async def offer_styles(interaction: Interaction, typed: str) -> Choices:
        none = text(own_locale(interaction), "setting-none")
        offered = style_choices(services, interaction, typed)
        if none.startswith(typed.casefold().strip()):
            offered = [app_commands.Choice(name=none, value=NONE), *offered]
        return offered[:MAX_CHOICES]

    add_data(my, services)
    tree.add_command(my)


def _changed(before: Preferences, style: str | None, shape: str | None, private: bool | None) -> Preferences:
    """None leaves a preference as it is."""
    return replace(
        before,
        style=before.style if style is None else style,
        shape=before.shape if shape is None else shape,
        private=before.private if private is None else private,
    )


def _style(services: Services, locale: str, typed: str | None) -> str | None:
    if typed is None:
        return None
    nothing = (NONE, text(locale, "setting-none"))
    return "" if typed.strip().casefold() in nothing else style_key(services, typed)


def _shape(chosen: str | None) -> str | None:
    return "" if chosen == NONE else chosen
