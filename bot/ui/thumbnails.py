"""Fresh URLs of delivered pictures: Discord's expire, so each is read from its message anew."""

from __future__ import annotations

import discord
import structlog

from bot.domain.jobs import Job
from bot.services.ports import Gone
from bot.ui.progress import DISCORD_FAILURES

log = structlog.get_logger(__name__)

GONE = (10_003, 10_008)
"""Discord's codes for an unknown channel and an unknown message."""


class DiscordThumbnails:
    """Implements services.ports.Thumbnails."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def thumbnail(self, job: Job) -> str | None:
        if job.message_id is None:
            return None
        channel = self._client.get_partial_messageable(job.place.channel_id)
        try:
            message = await channel.fetch_message(job.message_id)
        except DISCORD_FAILURES as error:
            if isinstance(error, discord.NotFound) and error.code in GONE:
                raise Gone from error
            log.info("gallery.unreadable", job_id=job.id, detail=str(error))
            return None
        pictures = (file.url for file in message.attachments if (file.content_type or "").startswith("image/"))
        return next(pictures, None)
