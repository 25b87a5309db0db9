"""/limits: moderators show, set, reset and grant limits, and ask why a member may or may not draw."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import discord
from discord import app_commands

from bot.cogs.model_options import CHOICE_CHARS, MAX_CHOICES, Choices, named_models
from bot.cogs.requester import actor, roles_of
from bot.cogs.responses import Interaction, answer, moderator, own_locale
from bot.cogs.services import Services
from bot.domain.actor import NotModerator
from bot.domain.expiry import parse_expiry
from bot.domain.invisible_characters import one_line
from bot.domain.jobs import Place
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.model_rules import ModelKind, ModelRef
from bot.domain.quota import WINDOWS, Limit
from bot.services.limits import Limits
from bot.services.ports.storage import StoreUnavailable
from bot.ui.command_translator import localised
from bot.ui.limits import change_text, granted_text, set_text, show_text, why_text

MAX_IMAGES, MAX_AT_ONCE, MAX_REASON = 1_000_000, 1_000, 300
Someone = discord.Member | discord.User
ModelName = app_commands.Range[str, 1, CHOICE_CHARS]


def add_limits(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the group to the tree; Discord shows it to those with Manage Server, in servers alone."""
    limits, clock = services.limits, services.clock
    group = app_commands.Group(
        name="limits",
        description=localised("command-limits"),
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
    )

    @group.command(name="show", description=localised("command-limits-show"))
    @app_commands.describe(user=localised("option-user"))
    async def show(interaction: Interaction, user: Someone | None = None) -> None:
        if user is not None:
            await _why(limits, interaction, user)
            return
        sets = await limits.show(actor(interaction), interaction.guild_id)
        await answer(interaction, show_text(own_locale(interaction), sets, limits.host))

    @group.command(name="set", description=localised("command-limits-set"))
    @app_commands.describe(
        target=localised("option-target"),
        images=localised("option-images"),
        per=localised("option-per"),
        at_once=localised("option-at-once"),
        reason=localised("option-reason"),
        expires=localised("option-expires"),
        model=localised("limits-model"),
    )
    @app_commands.choices(per=[app_commands.Choice(name=localised(f"per-{per}"), value=per) for per in WINDOWS])
    async def set_limit(
        interaction: Interaction,
        target: discord.Member | discord.User | discord.Role,
        images: app_commands.Range[int, 0, MAX_IMAGES],
        per: str,
        at_once: app_commands.Range[int, 1, MAX_AT_ONCE] | None = None,
        reason: app_commands.Range[str, 1, MAX_REASON] | None = None,
        expires: app_commands.Range[str, 1, 40] | None = None,
        model: ModelName | None = None,
    ) -> None:
        now = clock.now()
        until = None if expires is None else parse_expiry(expires, now)
        who = await moderator(interaction)
        limit, why = Limit(images, per, _model(services, model)), one_line(reason or "", MAX_REASON)
        rule = Rule(_target(interaction, target), limit, at_once, why, until, who.user_id, now)
        change = await limits.set(who, interaction.guild_id, rule)
        await answer(interaction, set_text(own_locale(interaction), change, rule, limits.host))

    @group.command(name="reset", description=localised("command-limits-reset"))
    @app_commands.describe(target=localised("option-target"), model=localised("limits-model"))
    async def reset(
        interaction: Interaction,
        target: discord.Member | discord.User | discord.Role,
        model: ModelName | None = None,
    ) -> None:
        who = await moderator(interaction)
        ruled = [] if model is None else [held.model for held in await limits.show(who, interaction.guild_id)]
        name = _model(services, model, ruled)
        change = await limits.reset(who, interaction.guild_id, _target(interaction, target), name)
        await answer(interaction, change_text(own_locale(interaction), change, name))

    @set_limit.autocomplete("model")
    async def complete_model(_: Interaction, typed: str) -> Choices:
        return [app_commands.Choice(name=name, value=name) for name in services.catalog.models(typed)]

    @reset.autocomplete("model")
    async def complete_ruled(interaction: Interaction, typed: str) -> Choices:
        return await _with_rules(services, interaction, typed)

    @group.command(name="grant", description=localised("command-limits-grant"))
    @app_commands.describe(
        user=localised("option-user"), images=localised("option-granted"), reason=localised("option-reason")
    )
    async def grant(
        interaction: Interaction,
        user: Someone,
        images: app_commands.Range[int, 1, MAX_IMAGES],
        reason: app_commands.Range[str, 1, MAX_REASON] | None = None,
    ) -> None:
        why, target = one_line(reason or "", MAX_REASON), Target(Kind.USER, user.id)
        who, place = await moderator(interaction), _place(interaction, user)
        change = await limits.grant(who, interaction.guild_id, target, images, why)
        stopped, by_host = (await limits.why(who, place)).is_stopped, services.moderation.host_blocks(user.id)
        await answer(
            interaction,
            granted_text(own_locale(interaction), change, why, limits.host, is_stopped=stopped, by_host=by_host),
        )

    @group.command(name="why", description=localised("command-limits-why"))
    @app_commands.describe(user=localised("option-user"))
    async def why(interaction: Interaction, user: Someone) -> None:
        await _why(limits, interaction, user)

    tree.add_command(group)


async def _why(limits: Limits, interaction: Interaction, user: Someone) -> None:
    usage = await limits.why(actor(interaction), _place(interaction, user))
    await answer(interaction, why_text(own_locale(interaction), user.id, usage, limits.host))


def _model(services: Services, typed: str | None, ruled: Sequence[str] = ()) -> str:
    """Return the model's name as the host spells it, empty for all models; one that has rules may be gone.

    Raises ModelUnknown.
    """
    if typed is None:
        return ""
    refs = [ModelRef(ModelKind.MODEL, name) for name in ruled if name]
    return named_models(services, refs, typed, None)[0].name


async def _with_rules(services: Services, interaction: Interaction, typed: str) -> Choices:
    """Return the host's models that hold the typed text, and those that have rules here, which may be gone."""
    names, ruled = services.catalog.models(typed), list[str]()
    with suppress(NotModerator, StoreUnavailable):
        ruled = [held.model for held in await services.limits.show(actor(interaction), interaction.guild_id)]
    part = typed.strip().casefold()
    names += [name for name in ruled if name and part in name.casefold() and len(name) <= CHOICE_CHARS]
    known = {name.casefold(): name for name in reversed(names)}
    offered = dict.fromkeys(known[name.casefold()] for name in names)
    return [app_commands.Choice(name=name, value=name) for name in offered][:MAX_CHOICES]


def _place(interaction: Interaction, user: Someone) -> Place:
    return Place(user.id, interaction.channel_id or 0, interaction.guild_id, roles=roles_of(user))


def _target(interaction: Interaction, target: discord.abc.Snowflake) -> Target:
    """Discord's role @everyone has the server's id."""
    if target.id == interaction.guild_id:
        return Target(Kind.EVERYONE, target.id)
    return Target(Kind.ROLE if isinstance(target, discord.Role) else Kind.USER, target.id)
