"""/moderation models: which roles may paint with which models and LoRAs."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.cogs.model_options import CHOICE_CHARS, MAX_CHOICES, Choices, named_models
from bot.cogs.responses import Interaction, answer, moderator, own_locale
from bot.cogs.services import Services
from bot.domain.model_rules import RoleRule
from bot.ui.command_translator import localised
from bot.ui.model_rules import models_text

Name = app_commands.Range[str, 1, CHOICE_CHARS]


def add_models(group: app_commands.Group, services: Services) -> None:
    """Add the group to /moderation."""
    models = app_commands.Group(name="models", description=localised("command-moderation-models"), parent=group)
    described = {name: localised(f"models-{name}") for name in ("role", "model", "lora")}

    async def change(
        interaction: Interaction, role: discord.Role, model: str | None, lora: str | None, rule: RoleRule
    ) -> None:
        who = await moderator(interaction)
        refs = named_models(services, await services.moderation.model_rules(who), model, lora)
        standing = {ref: await services.moderation.set_model_rule(who, ref, role.id, rule) for ref in refs}
        await answer(interaction, models_text(own_locale(interaction), standing, role.guild.id))

    @models.command(name="allow", description=localised("command-moderation-models-allow"))
    @app_commands.describe(**described)
    async def allow(
        interaction: Interaction, role: discord.Role, model: Name | None = None, lora: Name | None = None
    ) -> None:
        await change(interaction, role, model, lora, RoleRule.ALLOWED)

    @models.command(name="deny", description=localised("command-moderation-models-deny"))
    @app_commands.describe(**described)
    async def deny(
        interaction: Interaction, role: discord.Role, model: Name | None = None, lora: Name | None = None
    ) -> None:
        await change(interaction, role, model, lora, RoleRule.DENIED)

    @models.command(name="list", description=localised("command-moderation-models-list"))
    async def show(interaction: Interaction) -> None:
        who = await moderator(interaction)
        rules = await services.moderation.model_rules(who)
        await answer(interaction, models_text(own_locale(interaction), rules, interaction.guild_id or 0))

    @allow.autocomplete("model")
    @deny.autocomplete("model")
    async def complete_model(_: Interaction, typed: str) -> Choices:
        return _choices(services.catalog.models(), typed)

    @allow.autocomplete("lora")
    @deny.autocomplete("lora")
    async def complete_lora(_: Interaction, typed: str) -> Choices:
        return _choices([lora.name for lora in services.catalog.facts.loras.values()], typed)


def _choices(names: list[str], typed: str) -> Choices:
    """Return the names that hold the typed text: a moderator is offered all."""
    part = typed.strip().casefold()
    found = [name for name in names if part in name.casefold() and len(name) <= CHOICE_CHARS]
    return [app_commands.Choice(name=name, value=name) for name in found[:MAX_CHOICES]]
