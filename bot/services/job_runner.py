"""Carries one accepted job out, from its first message to its end.

Invariant: what people are shown of a job was committed before, and every failure ends in a refund.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial

import stamina

from bot.domain.jobs import Job, JobState, Place
from bot.domain.progress import Finished, HeldForReview, InLine, Painting, Remarks, Stage, Unknown
from bot.domain.prompt import PromptSpec
from bot.domain.pseudonym import turn_name
from bot.domain.styles import Styles
from bot.services.draw import DrawEvent, Understood, draw
from bot.services.engine_wait import EngineWait
from bot.services.job_end import JobEnd, Stuck, ThingUnknown, WordsBlocked, failure
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine
from bot.services.ports.messaging import Messenger, Undeliverable
from bot.services.ports.moderation import Gate
from bot.services.ports.storage import JobStore
from bot.services.retry import retried, written
from bot.services.screening import Screening
from bot.services.versions import versions_of
from bot.understanding.conversation import Version
from engine.api import errors
from engine.api.light_structlog import structlog
from engine.api.messages import PartialImage, Progress, Queued

log = structlog.get_logger(__name__)

LOST = (errors.Unavailable, errors.ModelLoading)
again = stamina.AsyncRetryingCaller(attempts=3, timeout=None, wait_initial=1.0, wait_max=1.0)
"""Two engines may be lost under a picture; a third was perhaps lost by it."""


SILENCE_S, FORECASTS = 1_800.0, 20
"""Longer than a first compilation, or a slow CPU's first step, takes."""
CANCEL_S = 10.0


@dataclass(slots=True)
class _Drawing:
    """What is kept of a job's picture while attempts come and go."""

    job: Job
    starts: Sequence[bytes]
    versions: Sequence[Version]
    stage: Stage = field(default_factory=partial(InLine, 0))
    is_asked: bool = False
    """Whether the engine was ready, and is what an error comes from."""

    def was_lost(self, error: Exception) -> bool:
        return self.is_asked and isinstance(error, LOST)


class JobRunner:
    """Posts, draws, screens and delivers; `secret` is the key of the pseudonyms that the engine gets."""

    def __init__(
        self,
        *,
        engine: Engine,
        wait: EngineWait,
        end: JobEnd,
        jobs: JobStore,
        messenger: Messenger,
        gate: Gate,
        screening: Screening,
        clock: Clock,
        styles: Styles,
        secret: bytes,
    ) -> None:
        self._engine, self._wait, self._end = engine, wait, end
        self._jobs, self._messenger, self._clock, self._styles = jobs, messenger, clock, styles
        self._gate, self._screening, self._secret = gate, screening, secret

    async def run(self, job: Job) -> None:
        """Carry the job out. Raises nothing but CancelledError, which leaves the job for recovery.

        Every line that is logged on the way, the engine's too, has the job's id.
        """
        with structlog.contextvars.bound_contextvars(job_id=job.id):
            try:
                job = await self._posted(job)
                await self._carry_out(job)
            except Undeliverable as error:
                await self._end.undeliverable(job, error)
            except Exception as error:
                await self._end.fail(job, failure(error))

    async def _posted(self, job: Job) -> Job:
        if job.message_id is None:
            posted = await self._messenger.post(job)
            job = job.posted(posted.channel_id, posted.message_id)
            await written(partial(self._jobs.set_posted, job))
            log.info("job.posted")
        return job

    async def _carry_out(self, job: Job) -> None:
        job, finished = await self._screened(job)
        if finished:
            await written(partial(self._jobs.set_painted, job, finished.painted))
            await self._end.show(job, finished)
            await self._end.succeed(job, finished.painted)

    async def _screened(self, job: Job) -> tuple[Job, Finished | None]:
        """Return pictures that may be posted, drawn now or released by a moderator; None where they are held.

        Raises NotShown.
        """
        if job.state is JobState.HELD:  # one that was cancelled meanwhile has no pictures any more
            return job, await self._screening.released(job)
        job, finished = await self._drawn_in_turn(job)
        if await self._screening.passes(job, finished):
            return job, finished
        if await written(partial(self._screening.hold, job, finished)):
            await self._end.show(job, HeldForReview())
            await self._screening.announce(job)
        return job, None

    async def _drawn_in_turn(self, job: Job) -> tuple[Job, Finished]:
        """Draw; where the engine's queue is full, as soon as there is a place."""
        until = self._wait.full_until()
        while True:
            try:
                return await self._drawn(job)
            except errors.QueueFull as error:
                await self._wait.for_place(job, error, until)
                job = await self._jobs.get(job.id) or job  # with the spec that its words were understood as

    async def _drawn(self, job: Job) -> tuple[Job, Finished]:
        """Draw, and again with the same seed and key where the engine was lost on the way."""
        starts = await self._jobs.start_images(job.id)
        versions = versions_of(await self._jobs.ancestors(job.id)) if job.order.base and not job.spec else ()
        drawing = _Drawing(job, starts, versions)
        return await retried(again, drawing.was_lost, partial(self._drawn_once, drawing))

    async def _drawn_once(self, drawing: _Drawing) -> tuple[Job, Finished]:
        job = drawing.job
        drawing.is_asked = False
        await self._wait.until_ready(job)  # after its patience there is no other attempt
        drawing.is_asked = True
        events_of_drawing = draw(
            self._engine, self._styles, job.order, job.seed,
            versions=drawing.versions, key=job.id, user=turn_name(self._secret, job.place.user_id),
            starts=drawing.starts, screen=partial(self._screening.screen, job),
        )  # fmt: skip
        async with aclosing(events_of_drawing) as events, self._deadline(job) as extend:
            remarks = Remarks()
            async for event in events:
                extend(event)
                if isinstance(event, Finished):
                    return job, event
                if isinstance(event, Understood):
                    await self._check(event.spec, job.place)
                    if event.unknown:
                        raise ThingUnknown(event.unknown.names)
                    if job.state is JobState.QUEUED and (unknown := await self._untold(job, event.remarks)):
                        self._messenger.confide(job, unknown)
                    job, remarks = job.understood(event.spec), event.remarks
                    drawing.job = job
                    await written(partial(self._jobs.set_understood, job))
                    log.info("job.understood")
                drawing.stage = self._stage(event, drawing.stage, remarks)
                self._messenger.show(job, drawing.stage)
        raise AssertionError("draw ends with Finished, or raises")

    @asynccontextmanager
    async def _deadline(self, job: Job) -> AsyncIterator[Callable[[DrawEvent], None]]:
        """End a job of which nothing is heard for SILENCE_S, or FORECASTS times its forecast. Raises Stuck.

        An engine whose model hangs may go on sending comments, which tell nothing of the job.
        """
        now, forecast_s = asyncio.get_running_loop().time, 0.0

        def extend(event: DrawEvent) -> None:
            nonlocal forecast_s
            if isinstance(event, Queued) and event.eta_s is not None:
                forecast_s = event.eta_s
            limit.reschedule(now() + max(SILENCE_S, FORECASTS * forecast_s))

        try:
            async with asyncio.timeout(SILENCE_S) as limit:
                yield extend
        except TimeoutError as error:
            log.warning("job.stuck", forecast_s=forecast_s)
            with suppress(errors.EngineError, TimeoutError):
                async with asyncio.timeout(CANCEL_S):
                    await self._engine.cancel(job.id)
            raise Stuck from error

    async def _untold(self, job: Job, remarks: Remarks) -> Unknown | None:
        """Return the unknown words that the requester was not told with the picture before."""
        unknown = remarks.unknown
        parent = await self._jobs.get(job.parent_id) if unknown and job.parent_id else None
        if unknown is None or parent is None or parent.place.user_id != job.place.user_id:
            return unknown
        told = {*(parent.spec.unknown if parent.spec else ()), parent.order.style}
        words = tuple(word for word in unknown.words if word not in told)
        return replace(unknown, words=words) if words else None

    async def _check(self, spec: PromptSpec, place: Place) -> None:
        """Raises WordsBlocked."""
        if not await self._gate.allows(spec, place):
            raise WordsBlocked

    def _stage(self, event: Understood | Queued | Progress | PartialImage, before: Stage, remarks: Remarks) -> Stage:
        """Return what the message shows after an event; a preview changes the picture and keeps the progress.

        No picture that is being painted waits in line again, as far as its message tells.
        """
        match event:
            case Queued(position=position, eta_s=eta_s) if not isinstance(before, Painting):
                return InLine(position, None if eta_s is None else self._clock.now() + eta_s)
            case Progress(step=step, steps=steps):
                return Painting(step, steps, remarks)
            case PartialImage(b64_json=preview):  # a draft comes before the first step
                return replace(before if isinstance(before, Painting) else Painting(remarks=remarks), preview=preview)
            case Understood() if "progress" in remarks.lacks:  # else the engine tells of the queue first
                return Painting(remarks=remarks)
            case _:
                return before
