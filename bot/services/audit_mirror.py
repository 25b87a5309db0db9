"""Shows entries of the audit log in the channel that a server's moderators chose; its failures undo no change."""

from __future__ import annotations

from bot.domain.moderation import Entry
from bot.services.ports.moderation import DecisionStore, Mirror
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


class AuditMirror:
    """Posts each entry after it was committed."""

    def __init__(self, decisions: DecisionStore, mirror: Mirror) -> None:
        self._decisions, self._mirror = decisions, mirror

    async def tell(self, guild_id: int, entry: Entry) -> None:
        """Post the entry where the server has a channel for its log."""
        log.info("moderation.done", action=entry.action.value)
        channel_id = await self._decisions.log_channel(guild_id)
        if channel_id is not None:
            await self._mirror.post(guild_id, channel_id, entry)
