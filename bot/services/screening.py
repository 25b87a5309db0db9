"""Judges finished pictures by the safety check's scores and the server's policy, before anyone sees them.

Invariant: a picture that is to be held is on disk, and its job held, before its message says anything of it.
"""

from __future__ import annotations

from bot.domain.jobs import Job
from bot.domain.picture_policy import NotShown, Policy, Screen, Verdict
from bot.domain.progress import Finished
from bot.services.ports.clock import Clock
from bot.services.ports.moderation import DecisionStore
from bot.services.ports.review import Board, HeldFull, HeldStore, Rooms
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


class Screening:
    """Posts, holds or blocks; pictures that a moderator is to see first are kept in the database."""

    def __init__(self, held: HeldStore, decisions: DecisionStore, rooms: Rooms, board: Board, clock: Clock) -> None:
        self._held, self._decisions, self._rooms = held, decisions, rooms
        self._board, self._clock = board, clock

    async def screen(self, job: Job) -> Screen:
        """Return what the job's pictures have to pass, as things stand now.

        A private picture may end in direct messages, which are not age-restricted.
        """
        guild_id = job.place.guild_id
        policy = None if guild_id is None else await self._held.policy(guild_id)
        if policy is not Policy.AGE_RESTRICTED or job.order.private:
            return Screen(policy)
        return Screen(policy, await self._rooms.age_restricted(job.place.channel_id))

    async def passes(self, job: Job, finished: Finished) -> bool:
        """Judge the pictures: False where they are to be held. Raises NotShown where nobody may see them.

        A block stops what is on its way, and where the disk does not take that at once, the pictures may come first.
        """
        if await self._decisions.blocked(job.place, self._clock.now()):
            raise NotShown(Verdict.BARRED)
        verdict = (await self.screen(job)).judge(finished.rating)
        if verdict is Verdict.POST:
            return True
        log.info("picture.kept_back", job_id=job.id, verdict=verdict.value, score=round(finished.rating.worst, 3))
        if verdict is not Verdict.HOLD:
            raise NotShown(verdict)
        return False

    async def hold(self, job: Job, finished: Finished) -> bool:
        """Keep the pictures for a moderator; False where the job ended meanwhile.

        Raises NotShown where too much waits already.
        """
        try:
            return await self._held.hold(job, finished, self._clock.now())
        except HeldFull as error:
            log.warning("review.full", job_id=job.id)
            raise NotShown(Verdict.FULL) from error

    async def released(self, job: Job) -> Finished | None:
        """Return the pictures of a held job that a moderator let go."""
        held = await self._held.get(job.id)
        return await self._held.finished(job.id) if held and held.released_by is not None else None

    async def announce(self, job: Job, *, again: bool = False) -> None:
        """Show the moderators what waits, once: in their channel, else by a line in the log's.

        `again` after a restart: then the line was said before.
        """
        held, guild_id = await self._held.get(job.id), job.place.guild_id
        if held is None or guild_id is None or not held.waits or held.shown_at:
            return
        if channel_id := await self._held.channel(guild_id):
            message_id = await self._board.show(guild_id, channel_id, held, await self._held.pictures(job.id))
            if message_id:
                await self._held.set_shown(job.id, channel_id, message_id)
                return
        if not again and (log_channel_id := await self._decisions.log_channel(guild_id)):
            await self._board.hint(guild_id, log_channel_id, held)

    async def withdraw(self, job_id: str) -> None:
        """The job ended without a moderator: take its pictures off their channel."""
        held = await self._held.get(job_id)
        if held and held.job.place.guild_id:
            await self._board.close(held.job.place.guild_id, held, None)
