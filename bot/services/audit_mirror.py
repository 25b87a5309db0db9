"""Shows an entry of the log in the channel that the moderators chose; the deed stands, however that goes."""

from __future__ import annotations

import structlog

from bot.domain.moderation import Entry
from bot.services.ports.moderation import DecisionStore, Mirror

log = structlog.get_logger(__name__)


class AuditMirror:
    """Told of each entry once it is written."""

    def __init__(self, decisions: DecisionStore, mirror: Mirror) -> None:
        self._decisions, self._mirror = decisions, mirror

    async def tell(self, guild_id: int, entry: Entry) -> None:
        log.info("moderation.done", action=entry.action.value)
        channel_id = await self._decisions.log_channel(guild_id)
        if channel_id is not None:
            await self._mirror.post(guild_id, channel_id, entry)
