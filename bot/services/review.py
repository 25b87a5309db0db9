"""Moderators release or remove pictures that the safety check held; each use case checks that its actor moderates.

Invariant: of several decisions on one picture the first counts, and it is written with its line of the log.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from bot.domain.actor import Actor, check_moderator
from bot.domain.held_pictures import WAITING_S, Held
from bot.domain.jobs import Job, JobState
from bot.domain.moderation import Action, Entry
from bot.domain.picture_policy import Policy
from bot.domain.progress import Failed, HeldForReview, Reason
from bot.services.audited import AuditedChanges
from bot.services.job_end import JobEnd
from bot.services.orders import Orders
from bot.services.ports.clock import Clock
from bot.services.ports.messaging import Messenger, Undeliverable
from bot.services.ports.review import Board, HeldStore
from bot.services.ports.storage import QuotaLedger
from bot.services.screening import Screening
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

SWEEP_S = 3_600.0


class AlreadyDecided(Exception):
    """Another moderator decided, the requester took it back, or nothing was ever held under this id."""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """One request of those that wait, counted from 0; `held` is None where none waits."""

    held: Held | None
    pictures: tuple[bytes, ...]
    number: int
    total: int


class Review:
    """All that takes an actor raises NotModerator, and then nothing was changed."""

    def __init__(
        self,
        *,
        held: HeldStore,
        ledger: QuotaLedger,
        orders: Orders,
        end: JobEnd,
        screening: Screening,
        messenger: Messenger,
        board: Board,
        changes: AuditedChanges,
        clock: Clock,
    ) -> None:
        self._held, self._ledger = held, ledger
        self._orders, self._end, self._screening = orders, end, screening
        self._messenger, self._board, self._changes, self._clock = messenger, board, changes, clock

    async def policy(self, actor: Actor) -> Policy | None:
        return await self._held.policy(check_moderator(actor, actor.guild_id))

    async def set_policy(self, actor: Actor, policy: Policy | None) -> None:
        """Say what becomes of pictures over the threshold; None leaves it to the default."""
        guild_id = check_moderator(actor, actor.guild_id)
        before, write = await self._held.policy(guild_id), partial(self._held.set_policy, guild_id, policy)
        await self._changes.apply(
            actor, guild_id, Action.NSFW_POLICY, write, before=_value(before), after=_value(policy)
        )

    async def set_channel(self, actor: Actor, channel_id: int | None) -> None:
        """Post what is held there, for moderators to see; None ends that."""
        guild_id = check_moderator(actor, actor.guild_id)
        before, after = str(await self._held.channel(guild_id) or ""), str(channel_id or "")
        write = partial(self._held.set_channel, guild_id, channel_id)
        await self._changes.apply(
            actor, guild_id, Action.REVIEW_CHANNEL, write, target=channel_id, before=before, after=after
        )

    async def page(self, actor: Actor, number: int) -> HeldPage:
        """Return one of the requests that wait, oldest first, or the last where there are fewer."""
        guild_id = check_moderator(actor, actor.guild_id)
        total = await self._held.count(guild_id)
        number = max(0, min(number, total - 1))
        waiting = await self._held.waiting(guild_id, number, 1)
        if not waiting:
            return HeldPage(None, (), 0, 0)
        return HeldPage(waiting[0], await self._held.pictures(waiting[0].job.id), number, total)

    async def release(self, actor: Actor, job_id: str) -> Held:
        """Let the pictures go to where they were asked for. Raises AlreadyDecided."""
        held, guild_id = await self._waiting(actor, job_id)

        async def write(entry: Entry) -> None:
            if not await self._held.release(job_id, guild_id, entry):
                raise AlreadyDecided
            self._orders.start(held.job)
            await self._board.close(guild_id, held, entry)

        await self._changes.apply(actor, guild_id, Action.REVIEW_RELEASE, write, target=held.job.place.user_id)
        return held

    async def remove(self, actor: Actor, job_id: str) -> Held:
        """Let nobody have the pictures, and refund them. Raises AlreadyDecided."""
        held, guild_id = await self._waiting(actor, job_id)

        async def write(entry: Entry) -> None:
            if not await self._held.remove(job_id, guild_id, entry):
                raise AlreadyDecided
            await self._orders.halt(job_id)
            await self._board.close(guild_id, await self._held.get(job_id) or held, entry)
            await self._end.tell(held.job, Failed(Reason.REMOVED))

        await self._changes.apply(actor, guild_id, Action.REVIEW_REMOVE, write, target=held.job.place.user_id)
        return held

    async def recover(self, job: Job) -> None:
        """After a stop: deliver what was released, and let the others' messages say that they wait.

        A Discord that is unwell fails nothing here. Raises Undeliverable where the message was deleted.
        """
        held = await self._held.get(job.id)
        if held and held.released_by is not None:
            self._orders.start(job)
            return
        try:
            message = await self._messenger.find(job)
            if message or job.order.private:
                await self._end.show(job, HeldForReview())
        except Undeliverable as error:
            log.warning("review.not_told", job_id=job.id, detail=str(error))
        else:
            if message is None and not job.order.private:
                raise Undeliverable("its message was deleted")
        await self._screening.announce(job, again=True)

    async def sweep(self) -> int:
        """Remove and refund what nobody decided on for WAITING_S. Return how many that were."""
        stale = await self._held.before(self._clock.now() - WAITING_S)
        for held in stale:
            if await self._ledger.settle(held.job.id, JobState.FAILED, self._clock.now(), untold=Reason.UNREVIEWED):
                log.info("review.expired", job_id=held.job.id)
                await self._screening.withdraw(held.job.id)
                await self._end.tell(held.job, Failed(Reason.UNREVIEWED))
        return len(stale)

    async def run(self) -> None:
        """Sweep now and every hour, for ever."""
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("review.sweep_failed")
            await asyncio.sleep(SWEEP_S)

    async def _waiting(self, actor: Actor, job_id: str) -> tuple[Held, int]:
        check_moderator(actor, actor.guild_id)
        held = await self._held.get(job_id)
        if held is None:
            raise AlreadyDecided
        guild_id = check_moderator(actor, held.job.place.guild_id)
        if not held.waits:
            raise AlreadyDecided
        return held, guild_id


def _value(policy: Policy | None) -> str:
    return "" if policy is None else policy.value
