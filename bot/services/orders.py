"""Admits orders as jobs, runs one task for each, and cancels or drains them.

Invariant: an order that was acknowledged is on disk, and a job that was stopped is refunded. Longer than 300 lines:
admitting, running and stopping share the table of running tasks, and the invariant holds only over all three.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn

from bot.domain.account import Account, CeilingPer, Host
from bot.domain.jobs import Job, JobState, Order, Place, check_words
from bot.domain.moderation import Barred, Door
from bot.domain.progress import Failed, Reason
from bot.domain.quota import AtOnce, Limit, Refusal, Standing
from bot.domain.stats import Why, why_barred, why_refused
from bot.services.catalog import Catalog
from bot.services.engine_wait import CannotLoad, Patience
from bot.services.job_end import JobEnd
from bot.services.job_runner import JobRunner
from bot.services.minute_budget import MinuteBudget
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine
from bot.services.ports.moderation import Gate
from bot.services.ports.storage import ADMIT_S, JobStore, QuotaLedger, StoreUnavailable, WordsChanged
from bot.services.refusal_counter import RefusalCounter
from bot.services.retry import written
from bot.services.screening import Screening
from bot.services.understanding_budget import PER_MINUTE, UnderstandingBudget
from engine.api import errors
from engine.api.light_structlog import structlog
from engine.api.messages import MAX_SEED

log = structlog.get_logger(__name__)

CANCELS_A_MINUTE = 5
"""Of one person, until more is refused for a while: each had a post in its channel, and counts against no limit."""
OTHERS_FIRST_S = 0.25
"""How much later a job begins, at most, while other orders wait for their acknowledgement."""
TELL_S = 5.0
"""How long a stop may take to tell people that their pictures come later."""


class Refused(Exception):
    """The order does not fit a limit; nothing was changed."""

    def __init__(self, why: Refusal | AtOnce) -> None:
        super().__init__(str(why))
        self.why = why


class TooManyCancelled(Exception):
    """The person cancelled CANCELS_A_MINUTE requests; `free_at` is when the next is taken, in seconds since 1970."""

    def __init__(self, free_at: float) -> None:
        super().__init__(str(free_at))
        self.free_at = free_at


class Closing(Exception):
    """Limner is stopping and takes no new order."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that is on disk, and how its requester's tightest limit stands with it; None where nothing is limited."""

    job: Job
    tightest: Standing | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator sets: limits as in `Host`, how long an engine is waited for, and how long words are kept.

    The language model reads for one person at most `understandings_per_minute` times a minute; None sets no bound.
    `blocked_users` draw nowhere. Where `servers` names any, people draw in these alone, and not in direct messages.
    """

    limits: Sequence[Limit]
    at_once: int = 3
    patience: Patience = field(default_factory=Patience)
    retention_days: int = 0
    understandings_per_minute: int | None = PER_MINUTE
    ceiling: Sequence[Limit] = ()
    ceiling_per: CeilingPer = "user"
    blocked_users: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()

    @property
    def host(self) -> Host:
        return Host(tuple(self.limits), self.at_once, tuple(self.ceiling), self.ceiling_per)

    @property
    def door(self) -> Door:
        return Door(self.blocked_users, self.servers)


class Orders:
    """Admits orders, and lets the runner carry each job to its end in a task of its own."""

    def __init__(
        self,
        *,
        runner: JobRunner,
        end: JobEnd,
        engine: Engine,
        catalog: Catalog,
        jobs: JobStore,
        ledger: QuotaLedger,
        gate: Gate,
        screening: Screening,
        refusals: RefusalCounter,
        understandings: UnderstandingBudget,
        clock: Clock,
        host: Host,
        cannot_load: Callable[[], bool],
    ) -> None:
        self._cannot_load = cannot_load
        self._runner, self._end, self._engine, self._jobs, self._ledger = runner, end, engine, jobs, ledger
        self._gate, self._screening, self._refusals = gate, screening, refusals
        self._understandings, self._clock, self._host = understandings, clock, host
        self._catalog = catalog
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._taking: dict[str, asyncio.Future[None]] = {}
        self._others: set[asyncio.Task[None]] = set()
        self._closing = self._closed = False
        self._cancels = MinuteBudget(clock, CANCELS_A_MINUTE)

    async def submit(
        self,
        order: Order,
        place: Place,
        parent_id: str | None = None,
        *,
        starts: Sequence[bytes] = (),
        token: str = "",
    ) -> Accepted:
        """Accept an order: it is on disk, its pictures held, when this returns. `start` then carries it out.

        `starts` are the files of pictures to start from, the one that is painted from first; `token` is that of the
        interaction which a private order answers. Raises CannotLoad, WordsInvalid, LanguageUnread, TooManyPictures,
        ModelUnknown, LoraUnknown, Barred, Refused, TooManyUnderstandings, TooManyCancelled or Closing, with nothing
        changed.
        """
        order = replace(order, words=check_words(order.words))
        self.check_models(order)
        self._check_cancels(place.user_id)
        seed = secrets.randbelow(MAX_SEED - order.count) if order.seed is None else order.seed
        now, token_kept = self._clock.now(), token if order.private else None
        job = Job(
            secrets.token_hex(16), order, place, seed, JobState.QUEUED, now, parent_id=parent_id, token=token_kept
        )
        with self._understandings.spent(place.user_id) if order.is_read else nullcontext():
            try:
                answer = await self._admit(job, starts)
            except Barred as error:
                self._count(place, why_barred(error))
                raise
            if not isinstance(answer, Account):
                self._refuse(answer, order, place)
        log.info("job.accepted", job_id=job.id, images=order.count)
        return Accepted(job, answer.tightest(self._host, now, self._catalog.painter_of(order)))

    async def _admit(self, job: Job, starts: Sequence[bytes]) -> Account | Refusal | AtOnce:
        """Reserve within ADMIT_S; where the caller is told that it failed, or is gone, what comes later is released."""
        anew = False
        while True:
            words = await self._gate.check_words(job.order, job.place, anew=anew)
            if self._closing:  # asked last, since a stop may have come while the gate was asked
                raise Closing
            self._taking[job.id] = asyncio.get_running_loop().create_future()
            model = self._catalog.painter_of(job.order)
            reserving = asyncio.create_task(self._ledger.reserve(job, self._host, starts, words, model))
            try:
                async with asyncio.timeout(ADMIT_S):
                    answer = await asyncio.shield(reserving)
            except WordsChanged:
                self._taken(job.id)
                anew = True
                continue
            except (TimeoutError, asyncio.CancelledError) as error:
                self._beside(self._release_late(job, reserving))
                if isinstance(error, TimeoutError):
                    raise StoreUnavailable("the database is busy") from error
                raise
            except BaseException:
                self._taken(job.id)
                raise
            if not isinstance(answer, Account):
                self._taken(job.id)
            return answer

    async def _release_late(self, job: Job, reserving: asyncio.Task[Account | Refusal | AtOnce]) -> None:
        """Release what was committed after its requester had been told that it failed."""
        try:
            with suppress(StoreUnavailable, Barred, WordsChanged):
                if isinstance(await reserving, Account):
                    log.warning("job.admitted_late", job_id=job.id)
                    settle = partial(self._ledger.settle, job.id, JobState.CANCELLED, self._clock.now())
                    await written(settle)
        finally:
            self._taken(job.id)

    async def check(self, order: Order, place: Place) -> None:
        """Raise what `submit` would raise as things stand, before anything is done for the order."""
        self.check_models(order)
        self._check_cancels(place.user_id)
        try:
            order = replace(order, words=check_words(order.words))
            await self._gate.check(order, place, self._catalog.painter_of(order))
        except Barred as error:
            self._count(place, why_barred(error))
            raise
        if self._closing:
            raise Closing
        if order.is_read:
            self._understandings.check(place.user_id)
        if refusal := await self._refusal(order, place):
            self._refuse(refusal, order, place)

    def check_models(self, order: Order) -> None:
        """Raises CannotLoad; LanguageUnread, TooManyPictures, as far as is known what it takes: painting asks again.

        Raises ModelUnknown, LoraUnknown as `Catalog.check` does.
        """
        if self._cannot_load():
            raise CannotLoad
        self._catalog.check(order)
        if order.is_read:
            self._catalog.facts.languages.check(order.words)
        if self._catalog.loaded:
            self._catalog.facts.check_pictures(order)

    async def takes(self, order: Order, place: Place) -> bool:
        """Whether `submit` would take the order as things stand; nobody is refused, so nothing is counted."""
        try:
            await self._gate.check(order, place, self._catalog.painter_of(order))
        except Barred:
            return False
        if self._closing or self._cannot_load():
            return False
        return not await self._refusal(order, place)

    async def _refusal(self, order: Order, place: Place) -> Refusal | AtOnce | None:
        model = self._catalog.painter_of(order)
        return await self._ledger.refusal(place, order.count, self._clock.now(), self._host, model)

    async def may_be_repeated(self, order: Order, place: Place) -> bool:
        """Whether the order's words may be shown there now: none of them was blocked since."""
        try:
            await self._gate.check_words(order, place, anew=True)
        except Barred:
            return False
        return True

    def _count(self, place: Place, why: Why | None) -> None:
        """Count a refusal, which nobody waits for."""
        self._beside(self._refusals.refused(place.guild_id, why))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    def _refuse(self, refusal: Refusal | AtOnce, order: Order, place: Place) -> NoReturn:
        """Raises Refused."""
        log.info("job.refused", why=type(refusal).__name__, images=order.count)
        self._count(place, why_refused(refusal))
        raise Refused(refusal)

    def start(self, job: Job) -> None:
        """Carry the job out in a task of its own; one that is on its way already goes on.

        A held job that was released may still be telling that it waits: then it is delivered after that.
        """
        self._taken(job.id)
        before = self._tasks.get(job.id)
        if self._closed:  # it is on disk, and goes on at the next start
            return
        if before and job.state is not JobState.HELD:
            return
        task = asyncio.create_task(self._run(job, before), name=f"job-{job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda done: self._forget(job.id, done))

    def _taken(self, job_id: str) -> None:
        if taking := self._taking.pop(job_id, None):
            taking.set_result(None)

    async def _run(self, job: Job, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait([before])
        if taking := list(self._taking.values()):  # whoever waits for an acknowledgement goes first
            await asyncio.wait(taking, timeout=OTHERS_FIRST_S)
        await self._runner.run(job)

    def _forget(self, job_id: str, done: asyncio.Task[None]) -> None:
        if self._tasks.get(job_id) is done:
            del self._tasks[job_id]

    @property
    def running(self) -> int:
        """How many jobs are on their way."""
        return len(self._tasks)

    @property
    def on_their_way(self) -> frozenset[str]:
        """The ids of the jobs that tasks carry out."""
        return frozenset(self._tasks)

    async def ended(self, job_id: str) -> None:
        """Return once no task carries the job out: it ended, waits for a moderator, or goes on at the next start."""
        while task := self._tasks.get(job_id):
            await asyncio.wait([task])

    async def cancel(self, job_id: str, *, by_requester: bool = False) -> bool:
        """Stop a job and refund it. False when it has ended already. How often requesters do so is counted."""
        if not await self._abandon(job_id, Reason.CANCELLED):
            return False
        job = await self._jobs.get(job_id)
        if job is not None:
            if by_requester:
                self._cancels.spend(job.place.user_id)
            await self._end.tell(job, Failed(Reason.CANCELLED))
        return True

    def _check_cancels(self, user_id: int) -> None:
        """Raises TooManyCancelled."""
        if (free_at := self._cancels.free_at(user_id)) is not None:
            raise TooManyCancelled(free_at)

    async def abandon(self, job_id: str) -> bool:
        """Stop a job and refund it without a word, as where its message is gone. False when it has ended already."""
        return await self._abandon(job_id, None)

    async def _abandon(self, job_id: str, untold: Reason | None) -> bool:
        if not await self._ledger.settle(job_id, JobState.CANCELLED, self._clock.now(), untold=untold):
            return False
        log.info("job.cancelled", job_id=job_id)
        await self.halt(job_id)
        await self._screening.withdraw(job_id)
        try:
            await self._engine.cancel(job_id)
        except errors.EngineError as error:
            log.info("engine.cancel_failed", job_id=job_id, detail=str(error))
        return True

    async def halt(self, job_id: str) -> None:
        """Let go of a job that has ended: nothing more is shown of it."""
        if task := self._tasks.get(job_id):
            task.cancel()
            await asyncio.wait([task])

    async def drain(self, grace_s: float) -> None:
        """Take no more orders, and give those that are on their way, or just being taken, so many seconds to end.

        What is left then stays on disk for recovery to resume, and its messages say so, as far as Discord lets them.
        """
        self._closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while on_their_way := [*self._taking.values(), *self._tasks.values()]:
                    await asyncio.wait(on_their_way)
        left = list(self._tasks)
        await self.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(TELL_S):
                await asyncio.gather(*(self._leave(job_id) for job_id in left))

    async def _leave(self, job_id: str) -> None:
        job = await self._jobs.get(job_id)
        if job is not None and not job.state.ended and job.state is not JobState.HELD:
            log.info("job.left", job_id=job_id)
            await self._end.suspend(job)

    async def close(self) -> None:
        """Take no more orders and let go of the running jobs: they stay on disk for recovery to resume."""
        self._closing = self._closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
