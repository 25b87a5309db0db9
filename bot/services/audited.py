"""A moderator's change: its entry is written with it, and shown in the log's channel after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain.actor import Actor
from bot.domain.moderation import Action, Entry
from bot.services.audit_mirror import AuditMirror
from bot.services.ports.clock import Clock


class AuditedChanges:
    """The way that the changes of all use cases for moderators take once `check_moderator` let them pass."""

    def __init__(self, mirror: AuditMirror, clock: Clock) -> None:
        self._mirror, self._clock = mirror, clock

    async def apply(
        self,
        actor: Actor,
        guild_id: int,
        action: Action,
        write: Callable[[Entry], Awaitable[object]],
        *,
        target: int | None = None,
        target_kind: str = "",
        before: str = "",
        after: str = "",
        reason: str = "",
    ) -> None:
        """Let `write` make the change with its entry, then show the entry; what `write` raises leaves no trace."""
        entry = Entry(actor.user_id, action, self._clock.now(), target, before, after, reason, target_kind)
        await write(entry)
        await self.show(guild_id, entry)

    async def show(self, guild_id: int, entry: Entry) -> None:
        """Show an entry that was written before."""
        await self._mirror.tell(guild_id, entry)
