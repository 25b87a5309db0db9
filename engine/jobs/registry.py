"""The registry of jobs on the event loop: submission, readers, cancellation, forecasts, and repeated requests.

Invariant: a job that nobody follows stops, at once or, where it has a key, after a grace; a key never paints twice.
"""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from engine.api.errors import BadRequest, Cancelled, EngineError, ModelLoading, QueueFull
from engine.api.light_structlog import structlog
from engine.api.messages import Queued, Status
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.idempotency import IdempotencyKeys
from engine.jobs.job import Event, Job, Lane, Reader
from engine.jobs.metrics import Metrics
from engine.jobs.phases import PhaseSeconds
from engine.jobs.queue import Full, JobQueue
from engine.jobs.requests import Conversation, Painting
from engine.jobs.timing import Span, Step

GRACE_S = 30.0
"""How long a job with a key runs on for its client to come back."""
RETRY_S = 5.0
"""The Retry-After of a refusal while nothing was measured yet."""
NEWS_S, NEWS_SHARE = 2.0, 0.25
"""By how much a forecast must change to be sent again: seconds, and share of what is left."""

SHORT_LINE, PLACES_S, SLICE_S = 16, 1.0, 0.05
"""Each start changes the places of all who wait. A longer line is told them so seldom, some jobs after others."""

log = structlog.get_logger()


def stopping() -> ModelLoading:
    """Return the refusal of an engine that is being stopped."""
    return ModelLoading("The engine is shutting down; ask again in a moment.", retry_after=RETRY_S)


class Forecaster(Protocol):
    """Learns from measurements, and forecasts when jobs begin and end."""

    def add_step(self, step: Step) -> None: ...
    def add_overhead(self, job: Job, seconds: float) -> None: ...
    def seconds(self, job: Job) -> float | None: ...
    def forecast(self, begun: Iterable[Job], waiting: Iterable[Job], chats: int) -> dict[Job, Span] | None: ...


class Jobs:
    """Accepts work, passes the model thread's events to the readers, and answers repeated requests."""

    def __init__(
        self,
        queue: JobQueue[Job],
        eta: Forecaster,
        heartbeat: Heartbeat,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.heartbeat = heartbeat
        self.metrics = Metrics()
        self._queue = queue
        self._clock = clock
        self._eta = eta
        self._keys = IdempotencyKeys(clock)
        self._open: set[Job] = set()
        self._newest: Painting | None = None
        """The last picture request, for the forecast of one more like it."""
        self._running: dict[Job, None] = {}
        """In the order in which they began."""
        self._promised: dict[Job, float] = {}
        """The end that was forecast and sent last, in seconds of the clock."""
        self._graces: dict[Job, asyncio.TimerHandle] = {}
        self._announcing: asyncio.TimerHandle | None = None
        """What tells a long line its places next."""
        self._closing = False
        self.idle = asyncio.Event()

    def submit(
        self,
        work: Painting | Conversation,
        user: str,
        key: str | None = None,
        same: object = None,
        request_id: str = "",
    ) -> Job:
        """Queue this work, or return the job that already does it under this key.

        `same` is what a request under the same key must equal; logs name the job by the key, else by `request_id`.
        Raises QueueFull, BadRequest, ModelLoading.
        """
        if key is not None and (known := self._keys.find(key)):
            if known.same != same:
                raise BadRequest("Idempotency-Key: this key was used for another request.")
            if not known.failed:
                return known.job
        if self._closing:
            raise stopping()
        job = Job(work, user, key, request_id=request_id, accepted=self._clock())
        if isinstance(work, Painting) and not self._open:
            job.tell(Queued(0, self._eta.seconds(job)))  # the model thread may take it before anyone can look
        try:
            self._queue.push(job)
        except Full:
            wait = max(1.0, self._next_end() or RETRY_S)
            raise QueueFull("Too much is waiting already; ask again later.", retry_after=math.ceil(wait)) from None
        if key is not None:
            self._keys.keep(key, job, same)
        self._open.add(job)
        if isinstance(work, Painting):
            self._newest = work.without_start()
        log.info("job.queued", job_id=job.log_id, lane=job.lane.value)
        self._announce()
        return job

    def follow(self, job: Job) -> Reader:
        """Return a reader of this job; each must be given back to `leave`."""
        if grace := self._graces.pop(job, None):
            grace.cancel()
        return job.join()

    def leave(self, job: Job, reader: Reader) -> None:
        """A reader stopped following. When none is left, the job is cancelled, one with a key after a grace."""
        job.readers.remove(reader)
        if job.end or job.readers:
            return
        if job.key is None:
            self.cancel(job, Cancelled("The client closed the connection."))
        else:
            gone = Cancelled("The client did not come back.")
            self._graces[job] = asyncio.get_running_loop().call_later(GRACE_S, self.cancel, job, gone)

    def cancel(self, job: Job, reason: EngineError) -> None:
        """End a job now: it leaves the queue, or the model thread drops it at its next step."""
        if job.end:
            return
        job.cancelled = True
        self._queue.remove(job)
        self._finish(job, reason)
        self._announce()
        log.info("job.cancelled", job_id=job.log_id, reason=str(reason), step=job.steps_done)

    def holds(self, key: str) -> bool:
        """Tell whether a repeated request with this key would join a job, or get its pictures."""
        known = self._keys.find(key)
        return known is not None and not known.failed

    def cancel_key(self, key: str) -> bool:
        """Cancel the job under this key and forget its events; False where the key is unknown."""
        known = self._keys.find(key)
        if known is None:
            return False
        reason = Cancelled("This work was cancelled.")
        self.cancel(known.job, reason)
        known.job.forget(reason)
        return True

    def status(self) -> Status:
        """Return how many pictures wait or are painted, when one more would begin, and the model thread's heartbeat."""
        silent_s = round(self.heartbeat.silent_s, 1)
        painted = [job for job in self._open if job.lane is Lane.IMAGES]
        pictures = sum(len(job.painting.seeds) for job in painted)
        if not painted or self._newest is None:
            return Status(pictures, 0.0, silent_s)
        one = Job(replace(self._newest, seeds=(0,)))
        times = self._forecast(one)
        return Status(pictures, None if times is None else round(times[one].begin, 1), silent_s)

    def exposition(self) -> bytes:
        """Return Prometheus's text of the metrics, with the queue and the running jobs as they are now."""
        return self.metrics.render(self._queue, self._running, self._clock(), self.heartbeat.silent_s)

    def started(self, job: Job) -> None:
        """The model thread took this job."""
        self._running[job] = None
        job.began = self._clock()
        self.metrics.began(job, job.began - job.accepted)
        log.info("job.started", job_id=job.log_id)
        self._announce()

    def event(self, job: Job, event: Event) -> None:
        """The model thread reports on this job."""
        if isinstance(event, PhaseSeconds):
            self.metrics.phases(event)
        else:
            job.tell(event)

    def stepped(self, step: Step) -> None:
        """The model thread measured a step."""
        self._eta.add_step(step)
        self.metrics.stepped(step)

    def ended(self, job: Job, error: EngineError | None, overhead_seconds: float) -> None:
        """The model thread is done with this job, which took it `overhead_seconds` beside its steps."""
        self._running.pop(job, None)
        if error is None:
            self._eta.add_overhead(job, overhead_seconds)
            log.info("job.finished", job_id=job.log_id)
        else:
            log.info("job.stopped", job_id=job.log_id, code=error.code, step=job.steps_done)
        self._finish(job, error)

    @property
    def closing(self) -> bool:
        """Whether new work is refused."""
        return self._closing

    def close(self) -> None:
        """Take no new work; `idle` is set once nothing is left to do."""
        self._closing = True
        self._check_idle()

    def cancel_all(self) -> None:
        """End everything that waits or runs."""
        for job in list(self._open):
            self.cancel(job, stopping())

    def _finish(self, job: Job, error: EngineError | None) -> None:
        if job.end is None:
            self.metrics.ended(job, error, None if job.began is None else self._clock() - job.began)
        job.finish(error)
        self._open.discard(job)
        self._promised.pop(job, None)
        if grace := self._graces.pop(job, None):
            grace.cancel()
        self._keys.prune()
        self._check_idle()

    def _check_idle(self) -> None:
        if self._closing and not self._open:
            self.idle.set()

    def _announce(self) -> None:
        """Tell those who wait their places, a long line soon and with all that changes until then.

        Not when a job ended: the next one starts at once, and only then is it known who waits for whom.
        """
        if self._announcing is not None:
            return
        if len(self._queue.order(Lane.IMAGES)) <= SHORT_LINE:
            self._tell(self._places())
        else:
            self._announcing = asyncio.get_running_loop().call_later(PLACES_S, self._tell_line)

    def _tell_line(self) -> None:
        self._announcing = None
        self._tell(self._places())

    def _tell(self, places: list[tuple[Job, Queued]]) -> None:
        """Tell each job its place, some of them now and the others soon, so that nobody gets hundreds at once."""
        for job, place in places[:SHORT_LINE]:
            if job.began is None:
                job.tell(place)
        if rest := places[SHORT_LINE:]:
            asyncio.get_running_loop().call_later(SLICE_S, self._tell, rest)

    def _places(self) -> list[tuple[Job, Queued]]:
        """Return for each waiting picture how many end before it, and when it will end, where that changed."""
        times, now = self._forecast(), self._clock()
        ahead = sum(job.lane is Lane.IMAGES for job in self._running)
        ends = [] if times is None else sorted(line.end for line in times.values())
        news: list[tuple[Job, Queued]] = []
        for index, job in enumerate(self._queue.order(Lane.IMAGES), start=ahead):
            end = None if times is None else times[job].end
            position = index if times is None else bisect_left(ends, times[job].end)
            last = next((event for event in job.events if isinstance(event, Queued)), None)
            if last and last.position == position and not self._is_news(job, end, now):
                continue
            if end is not None:
                self._promised[job] = now + end
            news.append((job, Queued(position, None if end is None else round(end, 1))))
        return news

    def _is_news(self, job: Job, end: float | None, now: float) -> bool:
        """Tell whether a forecast differs from the one that was sent by more than people overlook."""
        if end is None:
            return False
        return job not in self._promised or abs(now + end - self._promised[job]) > max(NEWS_S, NEWS_SHARE * end)

    def _forecast(self, *more: Job) -> dict[Job, Span] | None:
        begun = [job for job in self._running if job.lane is Lane.IMAGES and not job.end]
        return self._eta.forecast(begun, [*self._queue.order(Lane.IMAGES), *more], self._chats())

    def _chats(self) -> int:
        return sum(job.lane is Lane.CHAT for job in self._open)

    def _next_end(self) -> float | None:
        """Return the seconds until the first of the pictures that have begun will end; None where that is unknown."""
        times = self._forecast()
        return min((times[job].end for job in self._running if job in times), default=None) if times else None
