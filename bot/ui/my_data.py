"""The texts and button of `/my data export` and `erase`, and how both reach Discord."""

from __future__ import annotations

import re
from typing import IO, Any, Protocol, Self, cast

import discord

from bot.domain.jobs import Job
from bot.domain.personal_data import FORBIDDEN, PRIVATE, UNWELL, Erasure, PostedMessage
from bot.domain.picture_file import suffix
from bot.services.export import Export
from bot.services.ports.messaging import Gone, Undeliverable
from bot.ui.attachments import AttachmentRefused, Attachments
from bot.ui.discord_retry import DISCORD_FAILURES, repeated
from bot.ui.i18n import text
from bot.ui.messenger import DiscordMessenger
from bot.ui.thumbnails import GONE
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


class Erases(Protocol):
    """Whoever erases: the client, which hands it to the cog."""

    async def erase(self, interaction: discord.Interaction[Any], owner_id: int) -> None: ...


class EraseButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"limner:erase:(?P<owner>[0-9]{1,20})"
):
    """The answer to "erase everything?"; it works after any restart."""

    def __init__(self, owner_id: int, label: str) -> None:
        custom_id = f"limner:erase:{owner_id}"
        super().__init__(discord.ui.Button(label=label, style=discord.ButtonStyle.danger, custom_id=custom_id))
        self.owner_id = owner_id

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["owner"]), cast("discord.ui.Button[discord.ui.View]", item).label or "")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Erases, interaction.client).erase(interaction, self.owner_id)


def erase_view(locale: str, owner_id: int) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(EraseButton(owner_id, text(locale, "erase-yes")))
    return view


def zip_file(locale: str, data: IO[bytes], number: int) -> discord.File:
    data.seek(0)
    return discord.File(cast("Any", data), f"limner-data-{number}.zip", description=text(locale, "export-file"))


def export_text(locale: str, export: Export, parts: int, here: bool) -> str:
    """Say what was handed over and what was left out, and why."""
    if not parts:
        lines = [text(locale, "export-nothing")]
    else:
        key = "export-here" if here else "export-sent"
        lines = [text(locale, key, parts=parts, requests=export.requests, pictures=export.pictures)]
    if export.still_counting:
        lines.append(text(locale, "erase-counts", images=export.still_counting))
    lines += [text(locale, f"export-left-{why}", count=count) for why, count in sorted(export.left.items())]
    return "\n".join(lines)


def erase_text(locale: str, erased: Erasure) -> str:
    lines = [text(locale, "erased", requests=erased.requests, messages=erased.messages)]
    lines += [text(locale, f"erase-left-{why}", count=count) for why, count in sorted(erased.left.items())]
    if erased.pseudonymous:
        lines.append(text(locale, "erase-counts", images=erased.pseudonymous))
    return "\n".join([*lines, text(locale, "erase-stays")])


class DiscordCourier:
    """Implements services.ports.personal.Courier."""

    def __init__(self, client: discord.Client, messenger: DiscordMessenger, attachments: Attachments) -> None:
        self._client, self._messenger, self._attachments = client, messenger, attachments

    async def pictures(self, job: Job) -> list[tuple[str, bytes]]:
        try:
            message = await self._messenger.fetch(job)
            files = [await self._attachments.original(file) for file in message.attachments]
        except Undeliverable as error:
            if not job.token and isinstance(error.__cause__, discord.NotFound) and error.__cause__.code in GONE:
                raise Gone from error
            raise
        except AttachmentRefused as error:
            raise Undeliverable(error.reason) from error
        return [(suffix(data), data) for data in files]

    async def remove(self, message: PostedMessage) -> str:
        try:
            await repeated(lambda: self._delete(message))
        except DISCORD_FAILURES as error:
            if message.token:
                return PRIVATE
            if isinstance(error, discord.NotFound):
                return ""
            log.info("erase.message_stays", detail=str(error))
            return FORBIDDEN if isinstance(error, discord.Forbidden) else UNWELL
        return ""

    async def _delete(self, message: PostedMessage) -> None:
        if message.token:
            answer = discord.Webhook.partial(self._client.application_id or 0, message.token, client=self._client)
            await answer.delete_message(message.message_id)
        else:
            channel = self._client.get_partial_messageable(message.channel_id)
            await channel.get_partial_message(message.message_id).delete()

    async def sweep(self, user_id: int) -> tuple[int, int]:
        gone = left = 0
        try:
            channel = await self._client.create_dm(discord.Object(user_id))
            mine = [one async for one in channel.history(limit=None) if one.author == self._client.user]
        except DISCORD_FAILURES as error:
            log.info("erase.unswept", detail=str(error))
            return 0, 0
        for message in mine:
            if message.flags.ephemeral:
                continue
            if await self.remove(PostedMessage(message.channel.id, message.id)):
                left += 1
            else:
                gone += 1
        return gone, left
