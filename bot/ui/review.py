"""Held pictures as moderators see them: spoilered, with the requester, the score, and buttons Release and Remove.

The buttons carry the job's id, so they work after any restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, cast

import discord

from bot.domain.held_pictures import Held
from bot.domain.moderation import Action, Entry
from bot.domain.picture_file import suffix
from bot.services.ports.pictures import Pixels
from bot.services.review import HeldPage
from bot.ui.button_items import JOB_ID, JobButton
from bot.ui.cards import Upload
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.messenger import upload_limit
from bot.ui.paging import REVIEW, Sheet, page_buttons
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

RELEASE, REMOVE = "release", "remove"
SHOWN_CHARS = 300


class Decides(Protocol):
    """Whoever takes a decision: the client, which hands it to the cog."""

    async def decide(self, interaction: discord.Interaction[Any], action: str, job_id: str) -> None: ...


class ReviewButton(JobButton, template=rf"limner:review:(?P<action>{RELEASE}|{REMOVE}):{JOB_ID}"):
    """Releases or removes what is held of one job."""

    PREFIX = "limner:review"
    STYLES: ClassVar = {RELEASE: discord.ButtonStyle.success, REMOVE: discord.ButtonStyle.danger}

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Decides, interaction.client).decide(interaction, self.action, self.job_id)


class DiscordBoard:
    """Implements services.ports.review.Board."""

    def __init__(self, client: discord.Client, pixels: Pixels) -> None:
        self._client, self._pixels = client, pixels

    async def show(self, guild_id: int, channel_id: int, held: Held, pictures: tuple[bytes, ...]) -> int | None:
        locale, limit = self._locale(guild_id), upload_limit(self._client, guild_id)
        try:
            fitted = [await self._pixels.fit(picture, limit) for picture in pictures]
            message = await self._channel(guild_id, channel_id).send(
                held_line(locale, held),
                files=hidden(locale, held, fitted),
                view=_view(locale, held),
                suppress_embeds=True,
            )
        except Exception as error:
            log.warning("review.not_shown", detail=str(error), exc_info=not isinstance(error, DISCORD_FAILURES))
            return None
        return message.id

    async def hint(self, guild_id: int, channel_id: int, held: Held) -> None:
        locale = self._locale(guild_id)
        line = text(locale, "review-hint", who=f"<@{held.job.place.user_id}>", where=f"<#{held.job.place.channel_id}>")
        try:
            await self._channel(guild_id, channel_id).send(line, suppress_embeds=True)
        except DISCORD_FAILURES as error:
            log.warning("review.not_hinted", detail=str(error))

    async def close(self, guild_id: int, held: Held, entry: Entry | None) -> None:
        if held.shown_at is None:
            return
        channel_id, message_id = held.shown_at
        message = self._channel(guild_id, channel_id).get_partial_message(message_id)
        try:
            await message.edit(content=closed_line(self._locale(guild_id), held, entry), attachments=[], view=None)
        except DISCORD_FAILURES as error:
            log.info("review.not_closed", detail=str(error))

    def _locale(self, guild_id: int) -> str:
        guild = self._client.get_guild(guild_id)
        return str(guild.preferred_locale) if guild else "en-US"

    def _channel(self, guild_id: int, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id)


def review_sheet(locale: str, owner_id: int, page: HeldPage, pictures: Sequence[bytes]) -> Sheet:
    """Return one request of those that wait."""
    if page.held is None:
        return Sheet(text(locale, "review-none"), [], None, [])
    title = text(locale, "review-title", number=page.number + 1, total=page.total)
    view = _view(locale, page.held)
    turning = page_buttons(locale, REVIEW, owner_id, page.number, page.total)
    for item in turning.children if turning else ():
        view.add_item(item)
    return Sheet(f"{title}\n{held_line(locale, page.held)}", [], view, hidden(locale, page.held, pictures))


def held_line(locale: str, held: Held) -> str:
    """Say who asked for what, when and where, and how sure the check is."""
    job = held.job
    return text(
        locale,
        "review-held",
        who=f"<@{job.place.user_id}>",
        where=f"<#{job.place.channel_id}>",
        when=f"<t:{round(held.held_at)}:R>",
        shows=plain(job.shows, SHOWN_CHARS),
        score=round(held.score * 100),
    )


def closed_line(locale: str, held: Held, entry: Entry | None) -> str:
    who = f"<@{held.job.place.user_id}>"
    if entry is None:
        return text(locale, "review-withdrawn", who=who)
    key = "review-released-by" if entry.action is Action.REVIEW_RELEASE else "review-removed-by"
    return text(locale, key, who=who, moderator=f"<@{entry.actor_id}>")


def hidden(locale: str, held: Held, pictures: Sequence[bytes]) -> list[discord.File]:
    """Return the pictures as Discord's spoilers; neither their names nor their alt texts tell what they show."""
    return [
        discord.File(
            Upload(picture),
            f"held-{held.job.id[:8]}-{index}.{suffix(picture)}",
            spoiler=True,
            description=text(locale, "review-alt", index=index),
        )
        for index, picture in enumerate(pictures, start=1)
    ]


def _view(locale: str, held: Held) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for action in (RELEASE, REMOVE):
        view.add_item(ReviewButton(action, held.job.id, text(locale, f"review-{action}")))
    return view
