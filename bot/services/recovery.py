"""At start, every job that a stop or crash left unfinished is resumed, or failed and refunded, exactly once."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.domain.jobs import Job, JobState
from bot.domain.progress import Failed, Reason
from bot.services.generate import Generate
from bot.services.ports import Clock, JobStore, Messenger, QuotaLedger, Undeliverable
from bot.services.review import Review

log = structlog.get_logger(__name__)

TOO_LATE_S = 3_600.0
"""Nobody still waits for a picture that was asked for an hour ago."""


async def recover(
    generate: Generate, jobs: JobStore, ledger: QuotaLedger, messenger: Messenger, clock: Clock, review: Review
) -> None:
    """Bring every unfinished job back on its way; what is held goes on waiting.

    To be called once, before new orders are taken.
    """
    for job in await jobs.unfinished():
        try:
            if job.state is JobState.HELD:
                await review.recover(job)
                continue
            await _recover(job, generate, jobs, ledger, messenger, clock)
        except Undeliverable as error:
            await ledger.settle(job.id, JobState.FAILED, clock.now())
            log.info("job.refunded", job_id=job.id, detail=str(error))


async def _recover(
    job: Job, generate: Generate, jobs: JobStore, ledger: QuotaLedger, messenger: Messenger, clock: Clock
) -> None:
    found = await messenger.find(job)
    if found is not None:
        posted, delivered = found
        if delivered:  # the crash came after the pictures were posted and before that was written down
            await ledger.settle(job.id, JobState.DONE, clock.now())
            log.info("job.found_done", job_id=job.id)
            return
        job = job.posted(posted.channel_id, posted.message_id, answer=posted.answer)
        await jobs.set_posted(job)
    elif job.token:  # its interaction answers no more: it is finished by direct message
        job = replace(job, message_id=None)
    elif job.message_id is not None:
        raise Undeliverable("its message was deleted")
    if clock.now() - job.created_at > TOO_LATE_S:
        await ledger.settle(job.id, JobState.FAILED, clock.now())
        if found is not None:
            await messenger.finish(job, Failed(Reason.LATE))
        return
    log.info("job.resumed", job_id=job.id)
    generate.start(job)
