"""One job from its first message to its one end: what people saw is on disk, and every failure is refunded."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial

import stamina
import structlog

from bot.domain.jobs import Job, JobState, Painted, Place
from bot.domain.picture_policy import NotShown
from bot.domain.progress import (
    Failed,
    Finished,
    HeldForReview,
    InLine,
    Painting,
    Reason,
    Remarks,
    Stage,
    Suspended,
    Waiting,
)
from bot.domain.prompt import PromptSpec
from bot.domain.pseudonym import pseudonym
from bot.domain.stats import LATER
from bot.domain.styles import Styles
from bot.services.draw import Understood, draw
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine
from bot.services.ports.messaging import Messenger, Undeliverable
from bot.services.ports.moderation import Gate
from bot.services.ports.pictures import PictureInvalid
from bot.services.ports.statistics import Tally
from bot.services.ports.storage import JobStore, QuotaLedger
from bot.services.queue_backoff import QueueBackoff
from bot.services.readiness import Readiness, State
from bot.services.refusal_counter import RefusalCounter
from bot.services.retry import written
from bot.services.screening import REASONS as SCREENED
from bot.services.screening import Screening
from engine.api import errors
from engine.api.messages import PartialImage, Progress, Queued

log = structlog.get_logger(__name__)

LOST = (errors.Unavailable, errors.ModelLoading)
ATTEMPTS, PAUSE_S = 3, 1.0
"""Two engines may be lost under a picture; a third was perhaps lost by it."""
LONG_WAIT_S = 60.0


class WordsBlocked(Exception):
    """What the words were understood as holds a word that the server's moderators blocked."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for an engine that does not answer, and for one that answers but still loads."""

    answer_s: float = 90.0
    loading_s: float = 1_800.0


REASONS: dict[type[errors.EngineError], Reason] = {
    errors.Unavailable: Reason.UNAVAILABLE,
    errors.ModelLoading: Reason.UNAVAILABLE,
    errors.OutOfMemory: Reason.MEMORY,
    errors.ContentBlocked: Reason.BLOCKED,
    errors.CheckFailed: Reason.CHECK,
    errors.QueueFull: Reason.BUSY,
    errors.BadRequest: Reason.REFUSED,
    errors.Unauthorized: Reason.KEY,
    errors.Cancelled: Reason.CANCELLED,
}


class JobRunner:
    """Carries accepted jobs out."""

    def __init__(
        self,
        engine: Engine,
        jobs: JobStore,
        ledger: QuotaLedger,
        messenger: Messenger,
        clock: Clock,
        patience: Patience,
        styles: Styles,
        gate: Gate | None = None,
        tally: Tally | None = None,
        screening: Screening | None = None,
        secret: bytes = b"",
    ) -> None:
        self._engine, self._jobs, self._ledger, self._readiness = engine, jobs, ledger, Readiness(engine)
        self._messenger, self._clock, self._patience, self._styles = messenger, clock, patience, styles
        self._gate, self._screening, self._refusals = gate, screening, RefusalCounter(tally, clock)
        self._secret, self._queue_backoff = secret, QueueBackoff()

    async def run(self, job: Job) -> None:
        """Post, draw, deliver and settle. Raises nothing but being cancelled, which leaves the job for recovery.

        Every line that is logged on the way, the engine's too, tells the job's id.
        """
        with structlog.contextvars.bound_contextvars(job_id=job.id):
            await self._run(job)

    async def _run(self, job: Job) -> None:
        try:
            job = await self._posted(job)
            await self._carry_out(job)
        except errors.EngineError as error:
            await self._fail(job, Failed(REASONS.get(type(error), Reason.INTERNAL), str(error)))
        except WordsBlocked:
            await self._fail(job, Failed(Reason.WORDS))
        except NotShown as error:
            await self._fail(job, Failed(SCREENED[error.verdict]))
        except PictureInvalid:
            await self._fail(job, Failed(Reason.LARGE))
        except Undeliverable as error:
            await self.undeliverable(job, error)
        except Exception:
            log.exception("job.broke")
            await self._fail(job, Failed(Reason.INTERNAL))

    async def _posted(self, job: Job) -> Job:
        if job.message_id is None:
            posted = await self._messenger.post(job)
            job = job.posted(posted.channel_id, posted.message_id)
            await written(partial(self._jobs.set_posted, job))
            log.info("job.posted")
        return job

    async def _carry_out(self, job: Job) -> None:
        job, finished = await self._passed(job)
        if finished:
            await written(partial(self._jobs.set_painted, job, finished.painted))
            await self.show_end(job, finished)
            await self._succeed(job, finished)

    async def _passed(self, job: Job) -> tuple[Job, Finished | None]:
        """Return pictures that may be posted, drawn now or let go by a moderator; none where they are held.

        Raises NotShown.
        """
        if job.state is JobState.HELD:  # one that was taken back meanwhile has none any more
            return job, await self._screening.released(job) if self._screening else None
        job, finished = await self._drawn_in_turn(job)
        if self._screening is None or await self._screening.passes(job, finished):
            return job, finished
        if await written(partial(self._screening.hold, job, finished)):
            await self.show_end(job, HeldForReview())
            await self._screening.announce(job)
        return job, None

    async def show_end(self, job: Job, stage: Finished | Failed | HeldForReview) -> None:
        """Show the end; a private picture may have had to take another way, which is written down then."""
        if posted := await self._messenger.finish(job, stage):
            await written(partial(self._jobs.set_posted, job.posted(posted.channel_id, posted.message_id)))

    async def _drawn_in_turn(self, job: Job) -> tuple[Job, Finished]:
        """Draw; where the engine takes no more for now and says until when, wait for that, and tell so."""
        now = asyncio.get_running_loop().time
        end = now() + self._patience.loading_s
        while True:
            try:
                return await self._drawn(job)
            except errors.QueueFull as error:
                if error.retry_after is None or now() + error.retry_after > end:
                    raise
                await self._tell_line(job)
                await self._queue_backoff.wait(error.retry_after)
                job = await self._jobs.get(job.id) or job  # with what its words were understood as

    async def _tell_line(self, job: Job) -> None:
        with suppress(errors.EngineError):
            status = await self._engine.status()
            if status.waiting is not None:
                ready_at = None if status.wait_s is None else self._clock.now() + status.wait_s
                self._messenger.show(job, InLine(status.waiting, ready_at))

    async def _drawn(self, job: Job) -> tuple[Job, Finished]:
        """Draw, and once more with the same seed and key where the engine was lost on the way."""
        start = await self._jobs.start_image(job.id)
        screen = await self._screening.screen(job) if self._screening else None
        async for attempt in stamina.retry_context(
            LOST, ATTEMPTS, timeout=None, wait_initial=PAUSE_S, wait_max=PAUSE_S
        ):
            await self._engine_ready(job)  # what this raises is raised: it has waited
            drawing = draw(
                self._engine, self._styles, job.order, job.seed,
                key=job.id, user=self._name(job.place.user_id), start=start, screen=screen,
            )  # fmt: skip
            with attempt:
                async with aclosing(drawing) as events:
                    remarks = Remarks()
                    stage: Stage = Painting()
                    async for event in events:
                        if isinstance(event, Finished):
                            return job, event
                        if isinstance(event, Understood):
                            await self._check(event.spec, job.place)
                            job, remarks = job.understood(event.spec), event.remarks
                            await written(partial(self._jobs.set_understood, job))
                            log.info("job.understood")
                        stage = self._stage(event, stage, remarks)
                        self._messenger.show(job, stage)
        raise AssertionError("draw ends with Finished, or raises")

    def _name(self, user_id: int) -> str:
        """A name that the engine takes turns by. It stays after a restart, since work under a key must not change."""
        return pseudonym(self._secret, user_id, b"limner-turns").hex()

    async def _check(self, spec: PromptSpec, place: Place) -> None:
        """Raises WordsBlocked."""
        if self._gate is not None and not await self._gate.allows(spec, place):
            raise WordsBlocked

    def _stage(self, event: Understood | Queued | Progress | PartialImage, before: Stage, remarks: Remarks) -> Stage:
        """Return what the message shows after an event; a preview changes the picture and keeps the progress."""
        match event:
            case Queued(position=position, eta_s=eta_s):
                return InLine(position, None if eta_s is None else self._clock.now() + eta_s)
            case Progress(step=step, steps=steps):
                return Painting(step, steps, remarks)
            case PartialImage(b64_json=preview) if isinstance(before, Painting):
                return replace(before, preview=preview)
            case _:
                return Painting(remarks=remarks)

    async def _engine_ready(self, job: Job) -> None:
        """Wait for the engine, telling so. Raises Unavailable when it stays away for the operator's patience.

        An engine that answers but still loads is given longer: large models take minutes.
        """
        start, now = self._clock.now(), asyncio.get_running_loop().time
        began = now()  # patience is measured by this one, since the clock may be set meanwhile
        state = await self._readiness.now()
        while state is not State.READY:
            loading = state is State.LOADING
            patience = self._patience.loading_s if loading else self._patience.answer_s
            if now() - began > patience:
                raise errors.Unavailable("The engine does not answer.")
            self._messenger.show(job, Waiting(None if loading else start + patience))
            state = await self._readiness.next()

    async def _succeed(self, job: Job, finished: Finished) -> None:
        now = self._clock.now()
        if not await self._settle(job, JobState.DONE, finished.painted):
            return
        log.info("job.finished", seconds=round(finished.painted.seconds, 2))
        if now - job.created_at > LONG_WAIT_S:
            try:
                await self._messenger.ping(job)
            except Undeliverable as error:
                log.info("job.ping_failed", job_id=job.id, detail=str(error))

    async def _fail(self, job: Job, failed: Failed) -> None:
        if await self._settle(job, JobState.FAILED, untold=failed.reason):
            # A service that refuses words may quote them, and no log holds a prompt.
            detail = "" if failed.reason in (Reason.REFUSED, Reason.BLOCKED) else failed.detail
            log.info("job.failed", job_id=job.id, reason=failed.reason.value, detail=detail)
            await self.tell(job, failed)

    async def leave(self, job: Job) -> None:
        """Let the job's message say that it goes on at the next start."""
        try:
            await self._messenger.finish(job, Suspended())
        except Undeliverable as error:
            log.info("job.rest_untold", job_id=job.id, detail=str(error))

    async def undeliverable(self, job: Job, error: Undeliverable) -> None:
        """Refund what could not be delivered, and tell the requester alone; the message follows where it can."""
        log.warning("job.undeliverable", job_id=job.id, detail=str(error))
        failed = Failed(Reason.UNWELL if error.passes else Reason.UNDELIVERABLE)
        if await self._settle(job, JobState.FAILED, untold=failed.reason if error.passes else None):
            await self._messenger.tell(job, failed)

    async def _settle(
        self, job: Job, end: JobState, painted: Painted | None = None, untold: Reason | None = None
    ) -> bool:
        return await written(lambda: self._ledger.settle(job.id, end, self._clock.now(), painted, untold))

    async def tell(self, job: Job, failed: Failed) -> None:
        """Let the job's message say how it ended, as far as it can be written; count an end that is a refusal."""
        await self._refusals.refused(job.place.guild_id, LATER.get(failed.reason))
        await self.tell_again(job, failed)

    async def tell_again(self, job: Job, failed: Failed) -> None:
        """Let the job's message say how it ended. Where Discord is unwell that stays to be said."""
        try:
            await self.show_end(await self._located(job), failed)
        except Undeliverable as error:
            log.info("job.end_untold", job_id=job.id, detail=str(error))
            if error.passes:
                return
        await written(partial(self._jobs.set_told, job.id))

    async def _located(self, job: Job) -> Job:
        """Return the job with its message, also where that was posted and its end came before this was written down."""
        found = await self._messenger.find(job) if job.message_id is None else None
        return job.posted(found[0].channel_id, found[0].message_id, answer=found[0].answer) if found else job
