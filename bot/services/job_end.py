"""Ends a job: its end and its reservation are one commit, then its message says how it ended.

Invariant: a job ends once; every end but DONE is a refund.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from bot.domain.jobs import Job, JobState, Painted
from bot.domain.picture_policy import NotShown, Verdict
from bot.domain.progress import Failed, Finished, HeldForReview, Reason, Suspended
from bot.domain.stats import LATER
from bot.services.engine_wait import CannotLoad
from bot.services.ports.clock import Clock
from bot.services.ports.messaging import Messenger, Undeliverable
from bot.services.ports.pictures import PictureInvalid
from bot.services.ports.storage import JobStore, QuotaLedger
from bot.services.refusal_counter import RefusalCounter
from bot.services.retry import written
from bot.understanding.languages import LanguageUnread
from engine.api import errors
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

LONG_WAIT_S = 60.0
"""After so long a wait the requester is pinged."""
OF_ENGINE: dict[type[errors.EngineError], Reason] = {
    errors.Unavailable: Reason.UNAVAILABLE,
    errors.ModelLoading: Reason.UNAVAILABLE,
    errors.OutOfMemory: Reason.MEMORY,
    errors.ContentBlocked: Reason.BLOCKED,
    errors.CheckFailed: Reason.CHECK,
    errors.QueueFull: Reason.BUSY,
    errors.BadRequest: Reason.REFUSED,
    errors.ModelNotFound: Reason.REFUSED,
    errors.Unauthorized: Reason.KEY,
    errors.Cancelled: Reason.CANCELLED,
}
OF_VERDICT = {
    Verdict.BLOCK: Reason.PICTURE,
    Verdict.ELSEWHERE: Reason.ELSEWHERE,
    Verdict.UNCHECKED: Reason.UNCHECKED,
    Verdict.FULL: Reason.FULL,
    Verdict.BARRED: Reason.CANCELLED,
}


class WordsBlocked(Exception):
    """What the words were understood as holds a word that the server's moderators blocked."""


class ThingUnknown(Exception):
    """The models do not know things asked for, which the requester could not be asked about before."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("the thing is unknown")
        self.names = names


class Stuck(Exception):
    """Nothing was heard of the job for far longer than it was to take."""


def failure(error: Exception) -> Failed:
    """Return what people are told of an error that ends a job; one that no reason fits is logged with its trace."""
    match error:
        case errors.EngineError():
            return Failed(OF_ENGINE.get(type(error), Reason.INTERNAL), str(error))
        case LanguageUnread(read=read):
            return Failed(Reason.LANGUAGE, ", ".join(read))
        case ThingUnknown(names=names):
            return Failed(Reason.THING, ", ".join(names))
        case WordsBlocked():
            return Failed(Reason.WORDS)
        case NotShown(verdict=verdict):
            return Failed(OF_VERDICT[verdict])
        case CannotLoad():
            return Failed(Reason.UNLOADED)
        case Stuck():
            return Failed(Reason.UNAVAILABLE)
        case PictureInvalid():
            return Failed(Reason.LARGE)
        case _:
            log.error("job.broke", exc_info=error)
            return Failed(Reason.INTERNAL)


class JobEnd:
    """Commits ends, and tells them."""

    def __init__(
        self, *, jobs: JobStore, ledger: QuotaLedger, messenger: Messenger, refusals: RefusalCounter, clock: Clock
    ) -> None:
        self._jobs, self._ledger, self._messenger = jobs, ledger, messenger
        self._refusals, self._clock = refusals, clock
        self._delivering: set[str] = set()
        """Jobs whose pictures went to their messages, as far as their end is not on disk yet."""

    async def succeed(self, job: Job, painted: Painted) -> None:
        """Spend what the job held: its pictures are delivered. Someone who waited long is pinged."""
        now = self._clock.now()
        if not await self._settle(job, JobState.DONE, painted):
            return
        log.info("job.finished", seconds=round(painted.seconds, 2))
        if now - job.created_at > LONG_WAIT_S:
            try:
                await self._messenger.ping(job)
            except Undeliverable as error:
                log.info("job.ping_failed", job_id=job.id, detail=str(error))

    async def fail(self, job: Job, failed: Failed) -> None:
        """Refund the job, and let its message say why."""
        if await self._settle(job, JobState.FAILED, untold=failed.reason):
            # A service that refuses words may quote them, and no log holds a prompt.
            detail = "" if failed.reason in (Reason.REFUSED, Reason.BLOCKED, Reason.THING) else failed.detail
            log.info("job.failed", job_id=job.id, reason=failed.reason.value, detail=detail)
            await self.tell(job, failed)

    async def undeliverable(self, job: Job, error: Undeliverable) -> None:
        """Refund what could not be delivered, and tell the requester alone; the message follows where it can."""
        log.warning("job.undeliverable", job_id=job.id, detail=str(error))
        failed = Failed(Reason.UNWELL if error.passes else Reason.UNDELIVERABLE)
        if await self._settle(job, JobState.FAILED, untold=failed.reason if error.passes else None):
            await self._messenger.tell(job, failed)

    async def suspend(self, job: Job) -> None:
        """Let the message of a job that has not ended say that it goes on at the next start.

        One that shows its pictures stays as it is, where the disk took no end: by them the next start knows that they
        are delivered, and paints nothing again.
        """
        if job.id in self._delivering:
            return
        try:
            await self._messenger.finish(job, Suspended())
        except Undeliverable as error:
            log.info("job.suspension_untold", job_id=job.id, detail=str(error))

    async def tell(self, job: Job, failed: Failed) -> None:
        """Let the job's message say how it ended, as far as it can be written; count an end that is a refusal."""
        self._delivering.discard(job.id)
        await self._refusals.refused(job.place.guild_id, LATER.get(failed.reason))
        await self.tell_again(job, failed)

    async def tell_again(self, job: Job, failed: Failed) -> None:
        """Let the job's message say how it ended, uncounted. Where Discord is unwell, recovery tells it later."""
        try:
            await self.show(await self._located(job), failed)
        except Undeliverable as error:
            log.info("job.end_untold", job_id=job.id, detail=str(error))
            if error.passes:
                return
        await written(partial(self._jobs.set_told, job.id))

    async def show(self, job: Job, stage: Finished | Failed | HeldForReview) -> None:
        """Show the end; where a private picture had to go by another message, that one's place is kept."""
        if isinstance(stage, Finished):
            self._delivering.add(job.id)
        if posted := await self._messenger.finish(job, stage):
            await written(partial(self._jobs.set_posted, job.posted(posted.channel_id, posted.message_id)))
            if not job.token:  # an older answer to an interaction can be reached no more
                with suppress(Undeliverable):
                    await self._messenger.delete(job)

    async def _settle(
        self, job: Job, end: JobState, painted: Painted | None = None, untold: Reason | None = None
    ) -> bool:
        ended = await written(lambda: self._ledger.settle(job.id, end, self._clock.now(), painted, untold))
        self._delivering.discard(job.id)
        return ended

    async def _located(self, job: Job) -> Job:
        """Return the job with its message, also where the job ended after posting and before that was committed."""
        match await self._messenger.find(job) if job.message_id is None else None:
            case (place, _):
                return job.posted(place.channel_id, place.message_id, answer=place.answer)
            case _:
                return job
