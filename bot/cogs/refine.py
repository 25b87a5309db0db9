"""Refine: a change to a finished picture, in words, by its form or by a reply to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import discord

from bot.cogs.requester import place, place_of
from bot.cogs.responses import Interaction, answer, own_locale, own_message
from bot.cogs.services import Services, Start
from bot.cogs.thing_doubts import Asked, ThingDoubts, as_read
from bot.domain.jobs import Job, Kind, Order, check_words
from bot.domain.prompt import UnknownThing
from bot.errors import JobUnknown, NotYours, ReplyGone
from bot.services import versions
from bot.ui.attachments import pictures_on
from bot.ui.button_items import REFINE
from bot.ui.buttons import picture_select
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.modals import refine_form
from bot.understanding.prompt_spec import Kind as Meant


def without_mention(content: str, me: int) -> str:
    """Return a message's words without the bot's own mention, and without those of all."""
    for mention in (f"<@{me}>", f"<@!{me}>", "@everyone", "@here"):
        content = content.replace(mention, " ")
    return content.strip()


class Refine:
    """Turns forms and replies into orders; raises what services.versions and Services.order raise."""

    def __init__(self, services: Services, doubts: ThingDoubts) -> None:
        self._services, self._doubts = services, doubts

    async def ask(self, interaction: Interaction, job: Job, index: int | None = None) -> None:
        """Open the form; of a set, ask first which picture is meant."""
        versions.check_finished(job)
        locale = own_locale(interaction)
        if job.order.count > 1 and index is None:
            left = await self._services.left(job, own_message(interaction, job))
            view = picture_select(REFINE, locale, job.id, left)
            await answer(interaction, text(locale, "refine-ask"), view)
            return
        await interaction.response.send_modal(refine_form(locale, job, index))

    async def submit(self, interaction: Interaction, job: Job, words: str, prompt: str, index: int | None) -> None:
        """Take a submitted form: words, an edited prompt, or both. As of a reply, the words are read first."""
        edited = check_words(prompt) if prompt.strip() else None  # an emptied field is no prompt
        order = versions.refine(job, words.strip(), edited, index=index)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.check_left(job, index or 0)
        if order.base is None:  # a prompt that was edited by hand is painted as it is
            await self._services.order(interaction, *self.from_parent(order, job, interaction.user.id, index or 0))
            return
        # Nothing is read for someone who may not draw; `exact`, since the reading itself is counted by `begin`.
        await self._services.orders.check(replace(order, exact=True), place(interaction, private=order.private))
        if self._services.replies.begin(order, interaction.user.id):
            await self._read(interaction, job, order, index or 0)
        else:
            await answer(interaction, text(own_locale(interaction), "refine-too-fast"))

    async def _read(self, interaction: Interaction, job: Job, order: Order, index: int) -> None:
        """Do what the words of a form ask for; what asks for no picture is answered to the asker alone."""
        reading = await self._services.replies.read(job, order, interaction.user.id)
        locale = own_locale(interaction)
        match reading.kind:
            case Meant.UNDO:
                await answer(interaction, undo_line(locale, reading.version))
            case Meant.CHAT if reading.spec is None:
                await answer(interaction, text(locale, "refine-no-change"))
            case Meant.NEW:
                new = replace(order, kind=Kind.IMAGINE, seed=None, base=None, spec=reading.spec, photos_of=())
                await self._doubts.take(interaction, Asked(new, unknown=reading.unknown))
            case _:
                order = versions.as_read(order, reading.spec, self._services.styles)
                asked = Asked(*self.from_parent(order, job, interaction.user.id, index), unknown=reading.unknown)
                await self._doubts.take(interaction, asked)

    def of_reply(self, message: discord.Message, job: Job, words: str, index: int | None = None) -> Order:
        """Return the change that a reply asks for; pictures that are attached to it are looked at as well."""
        order = versions.refine(job, check_words(words), index=index)
        return versions.with_references(order, len(pictures_on(message)), message.author.id)

    async def by_reply(
        self,
        message: discord.Message,
        job: Job | None,
        order: Order,
        *,
        locale: str = "",
        index: int = 0,
        unknown: UnknownThing | None = None,
    ) -> None:
        """Take what a reply was understood as: a change of the job's picture, or without a job a new picture.

        Where the models do not know the thing that it asks for, which is `unknown`, ask first.
        """
        start: Start | None = None
        if job is not None:
            order, _, start = self.from_parent(order, job, message.author.id, index, pictures_on(message))
        # Who replies in the open wants to be answered there, even where the picture before was private.
        order = replace(order, private=False)
        where = place_of(message, job.place.locale if job else locale)
        await self._doubts.take_there(message, Asked(order, job, start, unknown), where)

    async def chosen(self, interaction: Interaction, job: Job, index: int, message_id: int) -> None:
        """Take the reply that asked to change a set, now that its author says which picture.

        Raises NotYours, PictureGone where the reply is gone, JobUnknown, and what refining raises.
        """
        if not 0 <= index < job.order.count:
            raise JobUnknown
        await interaction.response.defer()
        channel = interaction.client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)
        try:
            message = await channel.fetch_message(message_id)
        except discord.HTTPException as error:
            raise ReplyGone from error
        if message.author.id != interaction.user.id:
            raise NotYours
        await self._services.check_left(job, index)
        words = without_mention(message.content, interaction.client.user.id if interaction.client.user else 0)
        order = self.of_reply(message, job, words, index)
        order, _, start = self.from_parent(order, job, interaction.user.id, index, pictures_on(message))
        asked = Asked(replace(order, private=False), job, start, where=place(interaction))
        reading = await self._doubts.read(asked.order, place(interaction), job)
        await self._doubts.take(interaction, as_read(asked, reading))

    def from_parent(
        self, order: Order, parent: Job, user_id: int, index: int, references: Sequence[discord.Attachment] = ()
    ) -> tuple[Order, Job, Start | None]:
        """Add the parent's picture where the refinement is to start from it, as one with references always does."""
        facts = self._services.catalog.facts
        if not references and not versions.starts_from_parent(parent, facts):
            return replace(order, photos_of=()), parent, None
        strength = None if facts.edits_by_instruction else versions.REFINE_STRENGTH
        order = replace(order, from_picture=True, strength=strength)
        return order, parent, self._services.picture_of(parent, index, user_id, references)


def undo_line(locale: str, version: Job | None, *, says: bool = True) -> str:
    """Say where the version is that an undo means, with its buttons; what one showed that is gone, if it `says`."""
    if version is None:
        return text(locale, "undo-none")
    if version.deleted_at is not None or not version.link:
        if not says:
            return text(locale, "undo-gone-unsaid")
        return text(locale, "undo-gone", shows=plain(version.shows, 100))
    return text(locale, "undo", link=version.link)
