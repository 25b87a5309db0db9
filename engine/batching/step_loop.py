"""The jobs that have begun, moved step by step: continuous batching as engine.batching.policy decides it.

Invariant: between two calls every task stands still. Aging: each step adds the work done ahead of a job to
`job.passed`, which lowers its rank; so no job starves.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import FIRST_COMPLETED, wait

from engine.api.errors import Cancelled, EngineError
from engine.batching import policy
from engine.batching.task import Call, Task
from engine.jobs.heartbeat import Activity, Heartbeat
from engine.jobs.job import Job, Lane
from engine.jobs.phases import Phase
from engine.jobs.queue import JobQueue, owner_of
from engine.jobs.requests import Painting
from engine.jobs.timing import Step

CHAT_TURN_S = 0.05
"""How long the language model goes on before the queue is looked at, where no picture is painted."""
IO_WAIT_S = 0.01
"""How long pending I/O is waited for before the queue is looked at, where nothing else can go on."""


class StepLoop:
    """Moves tasks from step to step."""

    def __init__(
        self, queue: JobQueue[Job], heartbeat: Heartbeat, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._queue = queue
        self._heartbeat = heartbeat
        self._clock = clock
        self._tasks: list[Task] = []
        self._ranking: list[Task] | None = None
        self._last_step_s = 0.0
        self.chat_slots: Callable[[], int] = lambda: 1
        """Returns how many chats the language model continues at once."""
        self._chats: deque[Task] = deque()
        """The begun chats; the first is the one that was moved longest ago."""
        self._chat_debts: dict[Hashable, float] = {}
        """Seconds by user; see policy.chat_may_begin."""

    def __len__(self) -> int:
        return len(self._tasks)

    def may_begin(self, job: Job) -> bool:
        """Tell whether this job is begun now."""
        if job.lane is Lane.CHAT:
            return self._chat_may_begin(owner_of(job))
        if sum(task.is_picture for task in self._tasks) >= policy.MAX_PICTURES:
            return False
        ranked, work = self._ranked(), job.painting
        rank = policy.rank(work.step_cost, work.run_steps, job.passed)
        rows = _rows_of(job, ranked[0]) if ranked else 0
        self._heartbeat.start(Activity.MEASURING)
        return policy.may_begin(rank, work.group, rows, policy.lead_of(ranked), lambda: ranked[0].cap)

    def _chat_may_begin(self, owner: Hashable) -> bool:
        debt_s = self._chat_debts.get(owner, 0.0)
        chats = any(owner_of(task.job) == owner for task in self._chats)
        others_paint = (chats or debt_s > 0) and self._others_paint(owner)
        return policy.chat_may_begin(len(self._chats), self.chat_slots(), chats, others_paint, debt_s)

    def begin(self, job: Job, work: Callable[[], EngineError | None]) -> None:
        """Begin a job, and move it to its first stop."""
        task = Task(job, work)
        self._tasks.append(task)
        if not task.is_picture:
            self._chats.append(task)
        task.overhead_seconds += self._resume(task)
        self._ranking = None

    def step(self) -> Step | None:
        """Give the language model its turn, then compute one forward; return the measurement of a whole step."""
        for task in self._tasks:
            if task.job.cancelled and not task.dead:
                task.resume(Cancelled("This work was cancelled."))
        self._finish_io()
        self._chat()
        self._ranking = None
        ranked = self._ranked()
        step = self._paint(ranked) if ranked else None
        self._ranking = None
        return step

    def take_ended(self) -> list[Task]:
        """Return the tasks that have ended, and forget them."""
        ended = [task for task in self._tasks if task.dead]
        for task in ended:
            owner = owner_of(task.job)
            if not task.is_picture and self._others_paint(owner):
                self._chat_debts[owner] = policy.CHAT_DEBT * task.overhead_seconds
        self._tasks = [task for task in self._tasks if not task.dead]
        self._chats = deque(task for task in self._chats if not task.dead)
        return ended

    def stop(self) -> None:
        """End all tasks where they stand."""
        for task in self._tasks:
            if not task.dead:
                task.resume(Cancelled("The engine is shutting down."))

    def _ranked(self) -> list[Task]:
        """Return the pictures that have a step to compute, in order of rank."""
        if self._ranking is None:  # asked for once for each job that waits, and it changes with each step
            painting = [task for task in self._tasks if task.is_picture and not task.dead and not task.pending_io]
            self._ranking = sorted(painting, key=lambda task: task.rank)
        return self._ranking

    def _finish_io(self) -> None:
        """Resume the tasks whose I/O is done."""
        pending = [(task, task.pending_io) for task in self._tasks if task.pending_io]
        if pending and len(pending) == len(self._tasks):
            wait([future for _, future in pending], IO_WAIT_S, FIRST_COMPLETED)
        for task, future in pending:
            if future.done() and not task.dead:
                task.overhead_seconds += self._resume(task)

    def _chat(self) -> None:
        """Let the begun chats go on in turn, for as long as the last step of a picture took.

        The seconds are shared out among them: whichever computes, computes a token of each (engine.chatting.decoder).
        """
        chats = [task for task in self._chats if not task.dead]
        began = self._clock()
        until = began + (self._last_step_s if self._ranked() else CHAT_TURN_S)
        while any(not task.dead for task in chats):
            task = self._chats.popleft()
            self._chats.append(task)
            if not task.dead:
                self._resume(task)
                if task.job.cancelled or self._clock() >= until:
                    break
        for task in chats:
            task.overhead_seconds += (self._clock() - began) / len(chats)

    def _paint(self, ranked: list[Task]) -> Step | None:
        """Compute the next forward; return the measurement where it was the last of a step."""
        self._heartbeat.start(Activity.MEASURING)
        batch = policy.batch(ranked, lambda task: task.cap)
        lead, steps_done = batch[0], batch[0].steps_done
        calls = [task.call for task in batch if task.call]
        cap = calls[0].known_cap(lead.size) if calls else 0
        rows = sum(task.rows for task in batch)
        began = self._clock()
        outputs = self._forward(calls, lead.size, rows) if calls else [None]
        seconds = self._clock() - began
        for task, output in zip(batch, outputs, strict=True):
            taken = self._resume(task, output)
            if task.dead or task.pending_io:
                task.overhead_seconds += taken
            else:
                seconds += taken
        for task in batch:
            task.step_seconds += seconds
        self._chat_debts = {owner: debt - seconds for owner, debt in self._chat_debts.items() if debt > seconds}
        if lead.steps_done == steps_done:  # the pipeline computes more than one forward a step
            return None
        self._last_step_s = lead.step_seconds
        self._age(ranked, batch)
        for task in batch:
            kind = Phase.UPSCALER if task.job.painting.upscale else Phase.DENOISER
            task.phases[kind] = task.phases.get(kind, 0.0) + task.step_seconds
            task.step_seconds = 0.0
        work, pictures = lead.job.painting, sum(len(task.job.painting.seeds) for task in batch)
        pixels = work.step_cost // len(work.seeds)
        return Step(work.size, pixels, rows, pictures, cap, self._last_step_s, upscales=work.upscale > 0)

    def _others_paint(self, owner: Hashable) -> bool:
        """Tell whether pictures of other users wait or have steps to compute."""
        begun = any(owner_of(task.job) != owner for task in self._ranked())
        return begun or self._queue.others_wait(Lane.IMAGES, owner)

    def _age(self, ranked: list[Task], batch: list[Task]) -> None:
        """Age the jobs that this step passed over, begun and waiting."""
        users = {owner_of(task.job) for task in ranked} | self._queue.users(Lane.IMAGES)
        aged = policy.aging(min(task.job.painting.step_cost for task in batch), len(users))
        self._queue.age(Lane.IMAGES, aged)
        for task in ranked:
            if task not in batch:
                task.job.passed += aged

    def _forward(self, calls: list[Call], size: str, rows: int) -> list[object]:
        """Return each call's output, or the exception that it failed with."""
        shape = ("forward", size, rows)
        self._heartbeat.start(Activity.PAINTING, shape)
        outputs = calls[0].gate.run(calls, size)
        if not any(isinstance(output, BaseException) for output in outputs):
            self._heartbeat.complete(shape)
        return outputs

    def _resume(self, task: Task, output: object = None) -> float:
        """Move a task to its next stop; return the seconds that it took."""
        began = self._clock()
        self._resume_once(task, output)
        while task.exclusive and not task.dead:
            self._resume_once(task)
        return self._clock() - began

    def _resume_once(self, task: Task, output: object = None) -> None:
        kind, *about = shape = _shape_of(task)
        self._heartbeat.start(Activity.PAINTING if task.is_picture else Activity.CHATTING, shape)
        task.resume(output)
        if task.error is not None or task.job.cancelled:
            return
        if kind == "begin" and not task.interruptible:  # no gate stopped it before its first step was done
            self._heartbeat.complete(("step", *about))
        elif kind != "end" or task.dead or task.pending_io:
            self._heartbeat.complete(shape)


def _rows_of(job: Job, like: Task) -> int:
    """Return the rows that a waiting job's forward will have, by those of a task that stands at one."""
    return max(1, like.rows // len(like.job.painting.seeds) * len(job.painting.seeds))


def _shape_of(task: Task) -> tuple[Hashable, ...]:
    """Return what the seconds to a task's next stop depend on: the kind of its next operation, then its size.

    The kinds of a chat are its prompt and a token; of a picture its begin (text encoder), a step, what is probably its
    end (autoencoder), and what follows its file. Some noise schedulers take more steps than they were asked for.
    """
    work = task.job.work
    is_begin = not (task or task.dead)  # a greenlet is true once it has started
    if not isinstance(work, Painting):
        length = sum(len(message.text) for message in work.request.messages)
        return ("prompt", length.bit_length()) if is_begin else ("token",)
    about = (work.size, len(work.seeds))
    if is_begin:
        return ("begin", *about)
    if task.pending_io:
        return ("file", *about)
    step, steps = task.steps_done, work.run_steps
    is_end = step % steps == steps - 1 or (step > 0 and step % steps == 0)
    return ("end" if is_end else "step", *about)
