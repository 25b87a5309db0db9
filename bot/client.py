"""The Discord client: registers commands and buttons, maps errors to answers, and resumes unfinished jobs at start."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import discord
from discord import app_commands

from bot.assembly import Adapters, assemble
from bot.cogs.agents import Agents
from bot.cogs.command_tree import CommandTree, asked
from bot.cogs.context_menus import ContextMenus
from bot.cogs.double_press import DoublePress
from bot.cogs.doubts import Doubts
from bot.cogs.gallery import GalleryButtons
from bot.cogs.greeting import greet
from bot.cogs.imagine import add_imagine
from bot.cogs.info import add_info
from bot.cogs.limits import add_limits
from bot.cogs.mentions import Mentions
from bot.cogs.moderation import MODERATION, add_moderation
from bot.cogs.my import add_my
from bot.cogs.my_data import erase_data
from bot.cogs.paged_lists import PagedLists
from bot.cogs.parts import Parts
from bot.cogs.picture_buttons import PictureButtons
from bot.cogs.public_refusals import PublicRefusals
from bot.cogs.refine import Refine
from bot.cogs.replies import Replies
from bot.cogs.requester import ask_delegation
from bot.cogs.responses import Interaction, own_locale, without_a_word
from bot.cogs.review import Decide
from bot.cogs.stats import add_stats
from bot.cogs.style_doubts import StyleDoubts
from bot.cogs.thing_doubts import ThingDoubts
from bot.cogs.vary_upscale import VaryUpscale
from bot.domain.jobs import Job
from bot.domain.shards import shard_of
from bot.errors import note, sentence
from bot.host.permissions import invite_link
from bot.services.delegation import Delegation
from bot.ui.button_items import ITEMS
from bot.ui.command_permissions import DiscordCommandSettings
from bot.ui.command_translator import FluentTranslator
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.doubt_buttons import AnywayButton
from bot.ui.gallery import GalleryButton
from bot.ui.gateway_events import forgive, hear_once, slim
from bot.ui.modals import form_id
from bot.ui.my_data import EraseButton
from bot.ui.paging import FAVOURITES, PICTURES, STYLES, PageButton
from bot.ui.review import ReviewButton
from bot.ui.sharded_client import ShardedClient
from bot.watch.request_metrics import discord_trace
from engine.api.light_structlog import structlog

ANSWER_S = 2.0
"""What a stop gives the answers to buttons and forms at least."""

log = structlog.get_logger(__name__)


class LimnerBot(ShardedClient):
    """The wiring of services to Discord. Nobody is ever mentioned by what users write."""

    def __init__(self, adapters: Adapters, *, locale: str = "en") -> None:
        self.meters, self._door = adapters.meters, adapters.rules.door
        trace = discord_trace(adapters.meters)
        adapters.calls.trace(trace)
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,  # messages are read from the events and from Discord; a thousand kept would be 6 MB
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            http_trace=trace,
        )
        slim(self)
        hear_once(self)
        forgive(self)
        made = assemble(self, adapters)
        self.services, self._recovery, self._retention = made.services, made.recovery, made.retention
        self._tidying = made.tidying
        self._command_settings = DiscordCommandSettings(self)
        self._delegation = Delegation(self._command_settings, adapters.clock)
        self.tree = CommandTree(self, self._delegation)
        self._public_refusals = PublicRefusals(self.services, locale)
        self._doubts = Doubts(adapters.clock)
        things = self._thing_doubts = ThingDoubts(self.services, self._doubts, self._public_refusals)
        self._style_doubts = StyleDoubts(self.services, self._doubts, things)
        refine = Refine(self.services, things)
        vary_upscale, parts = VaryUpscale(self.services, refine), Parts(self.services, things)
        self._pictures = PictureButtons(self.services, refine, vary_upscale, parts)
        self._menus = ContextMenus(self.services, self._pictures, refine, things)
        self._replies = Replies(self.services, refine, self._public_refusals)
        self._mentions = Mentions(self.services, things, self._public_refusals)
        self.agents = Agents(self.services, refine, self, locale)
        self._lists = PagedLists(self.services)
        self._gallery = GalleryButtons(self.services, self._pictures, self._lists)
        self._decisions = Decide(self.services, self._lists)
        self._double_press = DoublePress()
        self.was_ready = False
        self.ready_shards: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._answers: set[asyncio.Task[Any]] = set()
        """What answers a button or a form at the moment."""

    async def setup_hook(self) -> None:
        await self._recovery.look()
        self.tree.error(self._on_command_error)
        add_imagine(self.tree, self.services, self._style_doubts, self._thing_doubts)
        add_info(self.tree, self.services, self._lists)
        add_moderation(self.tree, self.services, self._lists)
        add_my(self.tree, self.services, self._lists)
        add_limits(self.tree, self.services)
        add_stats(self.tree, self.services)
        self._menus.add_to(self.tree)
        self.add_dynamic_items(*ITEMS, PageButton, GalleryButton, ReviewButton, EraseButton, AnywayButton)
        await self.tree.set_translator(FluentTranslator())
        self._command_settings.learn(await self.tree.sync())
        self._tasks.append(asyncio.create_task(self.services.catalog.run(), name="catalog"))
        self._tasks.append(asyncio.create_task(self._retention.run(), name="retention"))

    async def on_shard_ready(self, number: int) -> None:
        """Resume the jobs of this shard's servers, which need not wait for the other shards."""
        self.ready_shards.add(number)
        log.info("discord.shard_ready", shard=number, shards=self.shard_count)
        await self._recovery.round(self._reaches)

    def is_on_discord(self) -> bool:
        """Whether some shard has been on Discord: all of them take five seconds each, where Discord grants no more."""
        return bool(self.ready_shards)

    def _reaches(self, job: Job) -> bool:
        return shard_of(job.place.guild_id, self.shard_count or 1) in self.ready_shards

    async def on_ready(self) -> None:
        log.info("discord.ready", guilds=len(self.guilds), shards=self.shard_count)
        if not self.guilds and self.application_id:
            log.info("discord.no_server", invite=invite_link(self.application_id))
        if not self.was_ready:  # Discord may send READY again after a lost session
            self.was_ready = True
            for name, run in (
                ("recovery", self._recovery.run()),
                ("review", self.services.review.run()),
                ("erase-resumed", self.services.personal.resume()),
                ("tidying", self._tidying.run()),
            ):
                self._tasks.append(asyncio.create_task(run, name=name))

    async def press(self, interaction: Interaction, action: str, job_id: str, *values: str) -> None:
        """Answer a pressed button, or a select, of a job."""
        async with self._answering(interaction, f"button {action}"):
            await self._pictures.press(interaction, action, job_id, *values)

    async def draw_anyway(self, interaction: Interaction, owner_id: int, key: str, choice: int) -> None:
        """Draw what the models do not know, or what was chosen in its place."""
        async with self._answering(interaction, "button anyway"):
            await self._doubts.draw(interaction, owner_id, key, choice)

    async def turn(self, interaction: Interaction, what: str, owner_id: int, number: int) -> None:
        """Show another page of a list."""
        async with self._answering(interaction, "button page"):
            if what.partition("-")[0] not in (PICTURES, FAVOURITES, STYLES):  # the others are moderators' lists
                await ask_delegation(interaction, self._delegation, MODERATION)
            await self._lists.turn(interaction, what, owner_id, number)

    async def change_list(self, interaction: Interaction, action: str, job_id: str, what: str, number: int) -> None:
        """Do something to one of the presser's pictures, in their list of these."""
        async with self._answering(interaction, f"button {action}"):
            await self._gallery.press(interaction, action, job_id, what, number)

    async def decide(self, interaction: Interaction, action: str, job_id: str) -> None:
        """Release or remove held pictures."""
        async with self._answering(interaction, f"button {action}"):
            await ask_delegation(interaction, self._delegation, MODERATION)
            if not await self._is_repeated(interaction, f"{action}:{job_id}"):
                await self._decisions.decide(interaction, action, job_id)

    async def erase(self, interaction: Interaction, owner_id: int) -> None:
        """Erase what is kept about the owner, who said yes."""
        async with self._answering(interaction, "button erase"):
            if not await self._is_repeated(interaction, "erase"):
                await erase_data(self.services, interaction, owner_id)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Take submitted forms: by their id, so that a form which was opened before a restart is taken too."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        async with self._answering(interaction, "form"):
            form = form_id(interaction)
            if not await self._is_repeated(interaction, form):
                await self._menus.submit(interaction, form)

    async def on_message(self, message: discord.Message) -> None:
        if self.user is None:
            return
        began, name = time.monotonic(), "reply"
        try:
            if await self._replies.read(message, self.user.id):
                self.meters.taken(name, began)
                return
            name = "mention"
            if await self._mentions.read(message, self):
                self.meters.taken(name, began)
        except Exception as error:
            self.meters.taken(name, began, error)
            await self._public_refusals.refuse(message, error)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        if self._door.serves(guild.id):
            await greet(guild)

    async def on_raw_app_command_permissions_update(self, event: discord.RawAppCommandPermissionsUpdateEvent) -> None:
        self._delegation.forget(event.guild.id)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        await self.services.forget(event.message_id)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        for message_id in event.message_ids:
            await self.services.forget(message_id)

    async def drain(self, grace_s: float) -> None:
        """Take no more orders, which is told to who gives one, and let what is on its way come to its end."""
        log.info("bot.draining", running=self.services.orders.running, grace_s=grace_s)
        began = time.monotonic()
        await self.services.orders.drain(grace_s)
        if self._answers:  # such as a picture of a set that is just being posted
            await asyncio.wait(self._answers, timeout=max(ANSWER_S, grace_s - (time.monotonic() - began)))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.services.orders.close()
        await super().close()

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        log.exception("discord.event_failed", event_name=event_method)

    async def on_app_command_completion(self, interaction: Interaction, _: object) -> None:
        self.meters.taken(*asked(interaction))

    async def _is_repeated(self, interaction: Interaction, what: str) -> bool:
        """Whether this is the second click of a double click, which is then acknowledged."""
        repeated = self._double_press.is_repeated(interaction, what)
        if repeated:
            await without_a_word(interaction)
        return repeated

    @asynccontextmanager
    async def _answering(self, interaction: Interaction, name: str) -> AsyncIterator[None]:
        """Tell the asker what went wrong meanwhile, and count how it went; a stop waits for its end."""
        began, task = time.monotonic(), cast("asyncio.Task[Any]", asyncio.current_task())
        self._answers.add(task)
        try:
            yield
        except Exception as error:
            self.meters.taken(name, began, error)
            await self._answer_error(interaction, error)
        else:
            self.meters.taken(name, began)
        finally:
            self._answers.discard(task)

    async def _on_command_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        original = error.original if isinstance(error, app_commands.CommandInvokeError) else error.__cause__
        cause = original if isinstance(original, Exception) else error
        self.meters.taken(*asked(interaction), cause)
        await self._answer_error(interaction, cause)

    async def _answer_error(self, interaction: Interaction, error: Exception) -> None:
        note(error)
        answer = sentence(error, own_locale(interaction))
        try:
            if interaction.response.is_done():
                await interaction.followup.send(answer, ephemeral=True)
            else:
                await interaction.response.send_message(answer, ephemeral=True)
        except DISCORD_FAILURES as failure:
            log.warning("interaction.unanswered", detail=str(failure))
