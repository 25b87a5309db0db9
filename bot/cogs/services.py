"""The use cases that commands call, and the one path from an interaction to an accepted order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import discord

from bot.cogs.bot_permissions import check_permissions
from bot.cogs.requester import place
from bot.cogs.responses import ACKNOWLEDGE_S, Interaction, answer, own_locale, promptly, without_a_word
from bot.domain.jobs import Job, Order, Place
from bot.domain.styles import Styles
from bot.errors import PictureGone, PrivateOld
from bot.services.catalog import Catalog
from bot.services.gallery import Gallery
from bot.services.limits import Limits
from bot.services.moderation import Moderation
from bot.services.orders import Accepted, Orders
from bot.services.personal_data import Personal
from bot.services.picks import Picks
from bot.services.ports.clock import Clock
from bot.services.ports.favourites import Favourites
from bot.services.ports.messaging import Undeliverable
from bot.services.ports.own_pictures import OwnPictures
from bot.services.ports.statistics import Charts
from bot.services.ports.storage import JobStore, Members
from bot.services.reply_reader import ReplyReader
from bot.services.retry import written
from bot.services.review import Review
from bot.services.stats import Stats
from bot.ui.attachments import OWN_BYTES, Attachments, numbered
from bot.ui.cards import card
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.messenger import DiscordMessenger
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

FEW_LEFT = 5
"""Pictures left, from which on each answer tells how many."""
Start = Callable[[], Awaitable[tuple[bytes, ...]]]
"""Fetches the files of the pictures to start from, the one that is painted from first."""


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases and what they share, made once by the composition root."""

    orders: Orders
    picks: Picks
    jobs: JobStore
    favourites: Favourites
    limits: Limits
    members: Members
    moderation: Moderation
    personal: Personal
    review: Review
    messenger: DiscordMessenger
    attachments: Attachments
    gallery: Gallery
    own_pictures: OwnPictures
    stats: Stats
    charts: Charts
    catalog: Catalog
    styles: Styles
    replies: ReplyReader
    clock: Clock
    started_at: float

    async def order(
        self, interaction: Interaction, order: Order, parent: Job | None = None, start: Start | None = None
    ) -> None:
        """Take an order from a command, button or form: check, fetch, accept, acknowledge, start.

        Raises PermissionsMissing, what Orders.submit raises, and what `start` does, with nothing changed.
        """
        check_permissions(interaction, private=order.private)
        parent_id = parent.id if parent else None
        where = place(interaction, private=order.private)

        async def submitted() -> Accepted:
            starts = await self.fetched(order, where, start)
            return await self.orders.submit(order, where, parent_id, starts=starts, token=interaction.token)

        accepted = await promptly(interaction, submitted())
        job = accepted.job
        self.messenger.asked_by(job, interaction)
        try:
            job = await self._acknowledge(interaction, accepted)
        except DISCORD_FAILURES as error:  # accepted is accepted, and the picture itself will tell
            log.warning("job.unacknowledged", job_id=job.id, detail=str(error))
        finally:
            self.orders.start(job)
        await self.moderation.show_photo_uses(job)

    async def order_there(self, order: Order, where: Place, parent: Job | None, start: Start | None) -> Job:
        """Accept an order that no interaction brought, and start it. Raises what Orders.submit and `start` raise."""
        starts = await self.fetched(order, where, start)
        made = await self.orders.submit(order, where, parent.id if parent else None, starts=starts)
        self.orders.start(made.job)
        await self.moderation.show_photo_uses(made.job)
        return made.job

    async def fetched(self, order: Order, where: Place, start: Start | None) -> tuple[bytes, ...]:
        """Return the pictures to start from; for an order that is refused none is fetched."""
        if start is None:
            return ()
        await self.orders.check(order, where)
        return await start()

    def picture_of(
        self,
        job: Job,
        index: int,
        user_id: int,
        references: Sequence[discord.Attachment] = (),
        *,
        lossless: bool = False,
    ) -> Start:
        """Return what fetches one of the job's pictures, counted from 0, for this user, and raises PictureGone.

        The references are fetched after it. `lossless` keeps its very pixels, for what is to stay or to be enlarged:
        the file on Discord is the only one that there is of a finished picture, so the order gets a copy of its own.
        """

        async def start() -> tuple[bytes, ...]:
            try:
                message = await self.messenger.fetch(job)
            except Undeliverable as error:
                raise (PrivateOld if job.token and job.deleted_at is None else PictureGone) from error
            picture = await self.attachments.of_message(message, index, user_id, lossless=OWN_BYTES if lossless else 0)
            return picture, *await self.attachments.fetch_all(references, user_id)

        return start

    async def left(self, job: Job, there: discord.Message | None = None) -> Collection[int]:
        """Return which pictures the job's message still shows, counted from 0: `there` is that message, where at hand.

        Where Discord does not tell in time, all of them. Raises PictureGone where the message is gone.
        """
        if job.deleted_at is not None:
            raise PictureGone
        if job.order.count == 1:
            return (0,)
        try:
            async with asyncio.timeout(ACKNOWLEDGE_S):
                return numbered(there or await self.messenger.fetch(job))
        except TimeoutError:
            return range(job.order.count)
        except Undeliverable as error:
            if error.passes or job.order.private:  # whose message can be read for some minutes
                return range(job.order.count)
            raise PictureGone from error

    async def check_left(self, job: Job, index: int) -> None:
        """Raises PictureGone where the job's picture at `index` was deleted."""
        if index not in await self.left(job):
            raise PictureGone

    async def forget(self, message_id: int) -> None:
        """A message is gone: what was on its way to it is refunded, and what it showed is no start any more."""
        job = await self.jobs.by_message(message_id)
        if job is None:
            return
        if not job.state.ended:
            await self.orders.abandon(job.id)
        await self.jobs.set_deleted(message_id, self.clock.now())

    async def _acknowledge(self, interaction: Interaction, accepted: Accepted) -> Job:
        """A private picture appears in the very answer. Of any other the answer says that it is on its way: to whoever
        asks for the first time, and to those who have FEW_LEFT; the channel shows the rest.
        """
        job = accepted.job
        if job.order.private:
            shown = card(job)
            message_id = await answer(interaction, shown.content, shown.view)
            job = job.posted(job.place.channel_id, message_id, answer=True)
            await written(partial(self.jobs.set_posted, job))  # it is seen and counted: a busy disk is waited for
            return job
        locale, tightest = own_locale(interaction), accepted.tightest
        if not (tightest and tightest.left <= FEW_LEFT) and not await self.jobs.is_first(job):
            await without_a_word(interaction)
            return job
        lines = [text(locale, "accepted", count=job.order.count)]
        if tightest:
            limit = tightest.limit
            per = text(locale, f"per-{limit.per}")
            key, model = "left-model" if limit.model else "left", plain(limit.model)
            lines.append(text(locale, key, left=tightest.left, limit=limit.images, per=per, model=model))
        await answer(interaction, " ".join(lines))
        return job
