"""After a start: each job that a stop or crash left is resumed, or failed and refunded, exactly once; each end is told.

Invariant: a job ends here only for its message, its age, or an error of its own. While Discord or the disk is unwell
it stays unfinished, and the next round tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.domain.jobs import Job, JobState, Place
from bot.domain.progress import Failed, Reason
from bot.services.job_end import JobEnd
from bot.services.orders import Orders
from bot.services.ports.clock import Clock
from bot.services.ports.messaging import Messenger, Posted, Undeliverable
from bot.services.ports.storage import JobStore, QuotaLedger, StoreUnavailable
from bot.services.review import Review
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

TOO_LATE_S = 3_600.0
"""Nobody still waits for a picture that was asked for an hour ago."""
PAUSE_S = 30.0
"""Between two rounds, while something is left for another one."""
UNTOLD_S = 300.0
"""How often ends are looked for that Discord did not let be told."""


class Recovery:
    """Call `look` before the first order can come in, and `run` once Discord is there; `blocks` is Moderation's."""

    def __init__(
        self,
        *,
        orders: Orders,
        end: JobEnd,
        jobs: JobStore,
        ledger: QuotaLedger,
        messenger: Messenger,
        review: Review,
        blocks: Callable[[Place], Awaitable[bool]],
        clock: Clock,
    ) -> None:
        self._orders, self._end, self._jobs, self._ledger = orders, end, jobs, ledger
        self._messenger, self._review, self._blocks, self._clock = messenger, review, blocks, clock
        self._left: list[Job] = []
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Note what is unfinished: these are left by another run, while later ones are this one's."""
        self._left = [*await self._jobs.unreadable(), *await self._jobs.unfinished()]

    async def round(self, is_reached: Callable[[Job], bool] = lambda job: True) -> bool:
        """Bring every job that is left and reached on its way, oldest first; False where some are left."""
        async with self._looking:
            self._left = [job for job in self._left if not (is_reached(job) and await self._is_settled(job))]
            return not self._left

    async def run(self) -> None:
        """Go round until nothing is left, and tell the ends that are untold, then and for ever."""
        while True:
            try:
                is_done = await self.round()
                await self.tell_ends()
            except Exception:
                log.exception("recovery.failed")
                is_done = False
            await asyncio.sleep(UNTOLD_S if is_done else PAUSE_S)

    async def tell_ends(self) -> None:
        """Let messages say how their jobs ended, where a crash or a Discord that was unwell came in between."""
        for job, reason in await self._jobs.untold():
            log.info("job.told_late", job_id=job.id, reason=reason.value)
            try:
                await self._end.tell_again(job, Failed(reason))
            except Exception:  # one that cannot be told must not keep the others from it
                log.exception("job.end_untold", job_id=job.id)

    async def _is_settled(self, job: Job) -> bool:
        """Do what is to be done about a job; False where that must be tried again."""
        try:
            if job.purged_at is not None:  # nobody knows any more what was asked for
                return await self._is_given_up(job)
            if job.state is JobState.HELD:
                if not await self._is_stopped(job) and await self._is_unfinished(job):
                    await self._review.recover(job)
            else:
                await self._recover(job)
        except StoreUnavailable as error:
            log.warning("job.not_recovered", job_id=job.id, detail=str(error))
            return False
        except Undeliverable as error:
            if error.passes:
                log.warning("job.not_recovered", job_id=job.id, detail=str(error))
                return False
            await self._end.undeliverable(job, error)
        except Exception:  # one that cannot be recovered must not keep the others from it, nor its reservation
            log.exception("job.not_recovered", job_id=job.id)
            if job.state is not JobState.HELD:  # a moderator decides, or nobody for too long
                return await self._is_given_up(job)
        return True

    async def _is_given_up(self, job: Job) -> bool:
        """Refund what cannot be carried out; False where the disk does not take that. `tell_ends` tells it."""
        try:
            await self._ledger.settle(job.id, JobState.FAILED, self._clock.now(), untold=Reason.INTERNAL)
        except StoreUnavailable as error:
            log.warning("job.not_recovered", job_id=job.id, detail=str(error))
            return False
        return True

    async def _recover(self, job: Job) -> None:
        message = await self._messenger.find(job)
        if message is None and job.message_id is not None and not job.token:
            await self._ledger.settle(job.id, JobState.FAILED, self._clock.now())
            log.info("job.refunded", job_id=job.id, detail="its message was deleted")
            return
        if message is not None:
            posted, delivered = message
            if delivered:  # the crash came after the pictures were posted and before that was written down
                await self._ledger.settle(job.id, JobState.DONE, self._clock.now())
                log.info("job.found_done", job_id=job.id)
                return
            job = await self._placed(job, posted)
        elif job.token:  # its interaction answers no more: it is finished by direct message
            job = replace(job, message_id=None)
        if await self._is_stopped(job):
            return
        if self._clock.now() - job.created_at > TOO_LATE_S:
            if await self._ledger.settle(job.id, JobState.FAILED, self._clock.now(), untold=Reason.LATE):
                await self._end.tell(job, Failed(Reason.LATE))
            return
        if await self._is_unfinished(job):  # nothing is awaited from here to the start, so that a Cancel finds the task
            log.info("job.resumed", job_id=job.id)
            self._orders.start(job)

    async def _is_stopped(self, job: Job) -> bool:
        """Cancel the job where the crash came between its requester's block and the stop of what was on its way."""
        return await self._blocks(job.place) and await self._orders.cancel(job.id)

    async def _is_unfinished(self, job: Job) -> bool:
        """False where it came to its end while recovery was looking, as by someone who pressed Cancel."""
        known = await self._jobs.get(job.id)
        return known is not None and not known.state.ended

    async def _placed(self, job: Job, posted: Posted) -> Job:
        job = job.posted(posted.channel_id, posted.message_id, answer=posted.answer)
        await self._jobs.set_posted(job)
        return job
