"""A job from acceptance to its one end: what is acknowledged is on disk, and every failure is refunded."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from bot.domain.account import Host
from bot.domain.jobs import Job, JobState, Order, Painted, Place, check_words
from bot.domain.progress import Failed, Finished, InLine, Painting, Reason, Remarks, Stage, Waiting
from bot.domain.prompt import PromptSpec
from bot.domain.quota import AtOnce, Limit, Refusal
from bot.domain.styles import Styles
from bot.services.draw import Understood, draw
from bot.services.ports import (
    Clock,
    Engine,
    Gate,
    JobStore,
    Messenger,
    PictureInvalid,
    QuotaLedger,
    StoreUnavailable,
    Undeliverable,
)
from engine.api import errors
from engine.api.messages import MAX_SEED, PartialImage, Progress, Queued

log = structlog.get_logger(__name__)

ATTEMPTS = 2
POLL_S = 1.0
LONG_WAIT_S = 60.0
STORE_RETRY_S = 2.0


class Refused(Exception):
    """The order does not fit a limit; nothing was changed."""

    def __init__(self, why: Refusal | AtOnce) -> None:
        super().__init__(str(why))
        self.why = why


class WordsBlocked(Exception):
    """What the words were understood as holds a word that the server's moderators blocked."""


class Closing(Exception):
    """Limner is stopping and takes no new order."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's defaults: limits, requests at once, and seconds to wait for an engine that does not answer."""

    limits: Sequence[Limit]
    at_once: int = 3
    patience_s: float = 90.0
    loading_patience_s: float = 1_800.0

    @property
    def host(self) -> Host:
        return Host(tuple(self.limits), self.at_once)


REASONS: dict[type[errors.EngineError], Reason] = {
    errors.Unavailable: Reason.UNAVAILABLE,
    errors.ModelLoading: Reason.UNAVAILABLE,
    errors.OutOfMemory: Reason.MEMORY,
    errors.ContentBlocked: Reason.BLOCKED,
    errors.QueueFull: Reason.BUSY,
    errors.BadRequest: Reason.REFUSED,
    errors.Unauthorized: Reason.KEY,
    errors.Cancelled: Reason.CANCELLED,
}


class Generate:
    """Accepts orders and carries each to its end, one task a job."""

    def __init__(
        self,
        engine: Engine,
        jobs: JobStore,
        ledger: QuotaLedger,
        messenger: Messenger,
        clock: Clock,
        rules: Rules,
        styles: Styles,
        gate: Gate | None = None,
    ) -> None:
        self._engine, self._jobs, self._ledger = engine, jobs, ledger
        self._messenger, self._clock, self._rules, self._styles = messenger, clock, rules, styles
        self._gate = gate
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    async def submit(
        self, order: Order, place: Place, parent_id: str | None = None, *, start: bytes | None = None, token: str = ""
    ) -> Job:
        """Accept an order: it is on disk, its pictures held, when this returns. `start` then carries it out.

        `start` is the file of a picture to start from, `token` that of the interaction which a private order answers.
        Raises WordsInvalid, Barred, Refused or Closing; then nothing was changed.
        """
        if self._closing:
            raise Closing
        order = replace(order, words=check_words(order.words))
        if self._gate is not None:
            await self._gate.check(order, place)
        seed = secrets.randbelow(MAX_SEED - order.count) if order.seed is None else order.seed
        now, token_kept = self._clock.now(), token if order.private else None
        job = Job(
            secrets.token_hex(16), order, place, seed, JobState.QUEUED, now, parent_id=parent_id, token=token_kept
        )
        # Shielded: a caller that goes away must not leave a reservation that no task carries.
        refusal = await asyncio.shield(self._ledger.reserve(job, self._rules.host, start))
        if refusal is not None:
            log.info("job.refused", why=type(refusal).__name__, images=order.count)
            raise Refused(refusal)
        log.info("job.accepted", job_id=job.id, images=order.count)
        return job

    def start(self, job: Job) -> None:
        """Carry the job out in a task of its own; one that is on its way already goes on."""
        if job.id in self._tasks:
            return
        task = asyncio.create_task(self._run(job), name=f"job-{job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    @property
    def running(self) -> int:
        """How many jobs are on their way."""
        return len(self._tasks)

    async def cancel(self, job_id: str) -> bool:
        """Stop a job and refund it. False when it has ended already."""
        if not await self.abandon(job_id):
            return False
        job = await self._jobs.get(job_id)
        if job is not None:
            await self._tell(job, Failed(Reason.CANCELLED))
        return True

    async def abandon(self, job_id: str) -> bool:
        """Stop a job and refund it without a word, as where its message is gone. False when it has ended already."""
        if not await self._ledger.settle(job_id, JobState.CANCELLED, self._clock.now()):
            return False
        log.info("job.cancelled", job_id=job_id)
        if task := self._tasks.get(job_id):
            task.cancel()
            await asyncio.wait([task])
        try:
            await self._engine.cancel(job_id)
        except errors.EngineError as error:
            log.info("engine.cancel_failed", job_id=job_id, detail=str(error))
        return True

    async def close(self) -> None:
        """Take no more orders and let go of the running jobs: they stay on disk for recovery to resume."""
        self._closing = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, job: Job) -> None:
        try:
            job = await self._posted(job)
            job, finished = await self._drawn(job)
            await self._finished(job, finished)
        except errors.EngineError as error:
            await self._fail(job, Failed(REASONS.get(type(error), Reason.INTERNAL), str(error)))
        except WordsBlocked:
            await self._fail(job, Failed(Reason.WORDS))
        except PictureInvalid:
            await self._fail(job, Failed(Reason.LARGE))
        except Undeliverable as error:
            log.warning("job.undeliverable", job_id=job.id, detail=str(error))
            if await self._settle(job, JobState.FAILED):
                await self._messenger.tell(job, Failed(Reason.UNDELIVERABLE))
        except Exception:
            log.exception("job.broke", job_id=job.id)
            await self._fail(job, Failed(Reason.INTERNAL))
        else:
            await self._succeed(job, finished)

    async def _posted(self, job: Job) -> Job:
        if job.message_id is None:
            posted = await self._messenger.post(job)
            job = job.posted(posted.channel_id, posted.message_id)
            await self._jobs.set_posted(job)
        return job

    async def _finished(self, job: Job, stage: Finished | Failed) -> None:
        """Show the end; a private picture may have had to take another way, which is written down then."""
        if posted := await self._messenger.finish(job, stage):
            await self._jobs.set_posted(job.posted(posted.channel_id, posted.message_id))

    async def _drawn(self, job: Job) -> tuple[Job, Finished]:
        """Draw, and once more with the same seed and key where the engine was lost on the way."""
        start = await self._jobs.start_image(job.id)
        for attempt in range(1, ATTEMPTS + 1):
            await self._engine_ready(job)
            drawing = draw(self._engine, self._styles, job.order, job.seed, key=job.id, start=start)
            try:
                async with aclosing(drawing) as events:
                    remarks = Remarks()
                    stage: Stage = Painting()
                    async for event in events:
                        if isinstance(event, Finished):
                            return job, event
                        if isinstance(event, Understood):
                            await self._check(event.spec, job.place)
                            job, remarks = job.understood(event.spec), event.remarks
                            await self._jobs.set_understood(job)
                        stage = self._stage(event, stage, remarks)
                        self._messenger.show(job, stage)
            except (errors.Unavailable, errors.ModelLoading) as error:
                log.warning("job.engine_lost", job_id=job.id, attempt=attempt, detail=str(error))
                if attempt == ATTEMPTS:
                    raise
        raise errors.Unavailable("The engine ended the work without a picture.")

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
        start = self._clock.now()
        while not await self._engine.ready():
            loading = await self._loading()
            patience = self._rules.loading_patience_s if loading else self._rules.patience_s
            if self._clock.now() - start > patience:
                raise errors.Unavailable("The engine does not answer.")
            self._messenger.show(job, Waiting(None if loading else start + patience))
            await asyncio.sleep(POLL_S)

    async def _loading(self) -> bool:
        try:
            await self._engine.models()
        except errors.EngineError as error:
            return isinstance(error, errors.ModelLoading)
        return True

    async def _succeed(self, job: Job, finished: Finished) -> None:
        now = self._clock.now()
        if not await self._settle(job, JobState.DONE, finished.painted):
            return
        log.info("job.finished", job_id=job.id, seconds=round(finished.painted.seconds, 2))
        if now - job.created_at > LONG_WAIT_S:
            try:
                await self._messenger.ping(job)
            except Undeliverable as error:
                log.info("job.ping_failed", job_id=job.id, detail=str(error))

    async def _fail(self, job: Job, failed: Failed) -> None:
        if await self._settle(job, JobState.FAILED):
            log.info("job.failed", job_id=job.id, reason=failed.reason.value, detail=failed.detail)
            await self._tell(job, failed)

    async def _settle(self, job: Job, end: JobState, painted: Painted | None = None) -> bool:
        """Write the end down, however long the disk takes nothing: an end that people saw must not be lost."""
        while True:
            try:
                return await self._ledger.settle(job.id, end, self._clock.now(), painted)
            except StoreUnavailable as error:
                log.error("job.end_unwritten", job_id=job.id, detail=str(error))
                await asyncio.sleep(STORE_RETRY_S)

    async def _tell(self, job: Job, failed: Failed) -> None:
        try:
            await self._finished(job, failed)
        except PictureInvalid:
            await self._fail(job, Failed(Reason.LARGE))
        except Undeliverable as error:
            log.info("job.end_untold", job_id=job.id, detail=str(error))
