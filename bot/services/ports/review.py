"""What holding and reviewing pictures needs of the world, as protocols; see `ports.py`."""

from __future__ import annotations

from typing import Protocol

from bot.domain.held_pictures import Held
from bot.domain.jobs import Job
from bot.domain.moderation import Entry
from bot.domain.picture_policy import Policy
from bot.domain.progress import Finished


class HeldFull(Exception):
    """Too many bytes of this person's, or of all, wait for moderators."""


class HeldStore(Protocol):
    """Pictures that wait for a moderator, and what a server does with such; each decision is written with its entry."""

    async def policy(self, guild_id: int) -> Policy | None: ...

    async def set_policy(self, guild_id: int, policy: Policy | None, entry: Entry) -> None: ...

    async def channel(self, guild_id: int) -> int | None: ...

    async def set_channel(self, guild_id: int, channel_id: int | None, entry: Entry) -> None: ...

    async def hold(self, job: Job, finished: Finished, at: float) -> bool:
        """Keep the pictures, and the job from ending, in one transaction. False when it had ended before.

        Raises HeldFull, with nothing changed.
        """

    async def get(self, job_id: str) -> Held | None: ...

    async def pictures(self, job_id: str) -> tuple[bytes, ...]: ...

    async def finished(self, job_id: str) -> Finished | None:
        """Return what was kept; None where nothing is."""

    async def waiting(self, guild_id: int, offset: int, limit: int) -> list[Held]:
        """Return the server's held pictures that nobody decided on, oldest first."""

    async def count(self, guild_id: int) -> int: ...

    async def before(self, at: float) -> list[Held]:
        """Return all that were held before that time and that nobody decided on."""

    async def set_shown(self, job_id: str, channel_id: int, message_id: int) -> None: ...

    async def release(self, job_id: str, guild_id: int, entry: Entry) -> bool:
        """Let the pictures go to their requester. False when it was decided before."""

    async def remove(self, job_id: str, guild_id: int, entry: Entry) -> bool:
        """End the job, refunded. False when it was decided before."""


class Rooms(Protocol):
    async def age_restricted(self, channel_id: int) -> bool:
        """Whether Discord shows the channel to adults alone; False where that cannot be found out."""


class Board(Protocol):
    """Where moderators see what waits for them. What goes wrong is logged, not raised."""

    async def show(self, guild_id: int, channel_id: int, held: Held, pictures: tuple[bytes, ...]) -> int | None:
        """Post the pictures for moderators; return the message's id."""

    async def hint(self, guild_id: int, channel_id: int, held: Held) -> None:
        """Say in the log's channel that something waits, without the pictures."""

    async def close(self, guild_id: int, held: Held, entry: Entry | None) -> None:
        """Take the pictures and buttons off the message that showed them; an entry says who decided."""
