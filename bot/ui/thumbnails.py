"""Fetches fresh URLs of delivered pictures for the gallery, since Discord's expire."""

from __future__ import annotations

import discord

from bot.domain.jobs import Job
from bot.services.ports.messaging import Gone, Undeliverable
from bot.ui.messenger import DiscordMessenger
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

GONE = (10_003, 10_008)
"""Discord's codes for an unknown channel and an unknown message."""


class DiscordThumbnails:
    """Implements services.ports.messaging.Thumbnails."""

    def __init__(self, messenger: DiscordMessenger) -> None:
        self._messenger = messenger

    async def thumbnail(self, job: Job) -> str | None:
        try:
            message = await self._messenger.fetch(job)
        except Undeliverable as error:
            if isinstance(error.__cause__, discord.NotFound) and error.__cause__.code in GONE:
                raise Gone from error
            log.info("gallery.unreadable", job_id=job.id, detail=str(error))
            return None
        pictures = (file.url for file in message.attachments if (file.content_type or "").startswith("image/"))
        return next(pictures, None)
