"""The bot on Discord: connects, offers the commands, answers errors, and resumes what a stop left unfinished."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.cogs.context import Interaction, Services, own_locale
from bot.cogs.imagine import add_imagine
from bot.cogs.info import add_info
from bot.cogs.lists import Lists
from bot.cogs.my import add_my
from bot.cogs.pictures import Pictures
from bot.domain.styles import Styles
from bot.errors import is_expected, sentence
from bot.services.catalog import Catalog
from bot.services.generate import Generate, Rules
from bot.services.ports import Clock, Engine
from bot.services.recovery import recover
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.members import Members
from bot.ui.buttons import JobButton
from bot.ui.messenger import DiscordMessenger
from bot.ui.pages import PageButton
from bot.ui.progress import DISCORD_FAILURES
from bot.ui.thumbnails import DiscordThumbnails
from bot.ui.translator import FluentTranslator

log = structlog.get_logger(__name__)


class LimnerBot(discord.Client):
    """The wiring of services to Discord. Nobody is ever mentioned by what users write."""

    def __init__(self, engine: Engine, database: Database, rules: Rules, clock: Clock, styles: Styles) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        messenger = DiscordMessenger(self)
        jobs, ledger = Jobs(database), Ledger(database)
        generate = Generate(engine, jobs, ledger, messenger, clock, rules)
        self.services = Services(
            generate,
            jobs,
            ledger,
            messenger,
            clock,
            rules,
            styles,
            Members(database),
            DiscordThumbnails(self),
            Catalog(engine),
            clock.now(),
        )
        self.tree = app_commands.CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._pictures = Pictures(self.services)
        self._lists = Lists(self.services)
        self._warming: asyncio.Task[None] | None = None
        self._recovered = False

    async def setup_hook(self) -> None:
        self.tree.error(self._on_command_error)
        add_imagine(self.tree, self.services)
        add_info(self.tree, self.services, self._lists)
        add_my(self.tree, self.services, self._lists)
        self.add_dynamic_items(JobButton, PageButton)
        self._warming = asyncio.create_task(self.services.catalog.run(), name="catalog")
        await self.tree.set_translator(FluentTranslator())
        await self.tree.sync()

    async def on_ready(self) -> None:
        log.info("discord.ready", guilds=len(self.guilds))
        if not self._recovered:  # Discord may send READY again after a lost session
            self._recovered = True
            made = self.services
            await recover(made.generate, made.jobs, made.ledger, made.messenger, made.clock)

    async def press(self, interaction: Interaction, action: str, job_id: str) -> None:
        """Answer a pressed button of a job."""
        try:
            await self._pictures.press(interaction, action, job_id)
        except Exception as error:
            await self._answer_error(interaction, error)

    async def turn(self, interaction: Interaction, what: str, owner_id: int, number: int) -> None:
        """Show another page of a list."""
        try:
            await self._lists.turn(interaction, what, owner_id, number)
        except Exception as error:
            await self._answer_error(interaction, error)

    async def close(self) -> None:
        if self._warming is not None:
            self._warming.cancel()
        await self.services.generate.close()
        await super().close()

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        log.exception("discord.event_failed", event_name=event_method)

    async def _on_command_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await self._answer_error(interaction, cause)

    async def _answer_error(self, interaction: Interaction, error: Exception) -> None:
        if not is_expected(error):
            log.error("interaction.failed", exc_info=error)
        answer = sentence(error, own_locale(interaction))
        try:
            if interaction.response.is_done():
                await interaction.followup.send(answer, ephemeral=True)
            else:
                await interaction.response.send_message(answer, ephemeral=True)
        except DISCORD_FAILURES as failure:
            log.warning("interaction.unanswered", detail=str(failure))
