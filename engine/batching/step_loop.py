"""The jobs that have begun, and whose step comes next: of the one nearest to its end, and of all that can share it.

Invariant: who is passed over comes nearer with each step, so none starves; between two calls every run stands still.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait

from engine.api.errors import Cancelled, EngineError
from engine.batching.task import Task
from engine.jobs.job import Job, Lane
from engine.jobs.queue import JobQueue
from engine.jobs.timing import Step

MAX_PICTURES = 32
"""Picture requests that have begun at one time; each holds its prompt's embeddings and its latents, or at last its
pictures: some megabytes."""
TALK_S = 0.05
"""How long the language model goes on before anyone looks for new work, where no picture is painted."""
ELSEWHERE_S = 0.01
"""How long other threads are waited for before anyone looks for new work, where nothing else runs."""


class StepLoop:
    """Moves runs from step to step. Work is counted in pixels to be denoised."""

    def __init__(self, queue: JobQueue[Job], clock: Callable[[], float] = time.perf_counter) -> None:
        self._queue = queue
        self._clock = clock
        self._runs: list[Task] = []
        self._order: list[Task] | None = None
        self._step_s = 0.0

    def __len__(self) -> int:
        return len(self._runs)

    def may_begin(self, job: Job) -> bool:
        """Tell whether this job is begun now: it would share the next step, or comes before all that have begun."""
        if job.lane is Lane.CHAT:
            return all(run.is_picture for run in self._runs)
        if sum(run.is_picture for run in self._runs) >= MAX_PICTURES:
            return False
        pictures = self._ranked()
        if not pictures:
            return True
        if not all(run.gated for run in pictures):
            return False
        lead = pictures[0]
        if job.cost - job.passed < lead.rank:
            return True
        if job.painting.size != lead.job.painting.size or lead.call is None:
            return False
        rows = sum(run.call.rows for run in pictures if run.call and run.call.key == lead.call.key)
        wanted = lead.call.rows // len(lead.job.painting.seeds) * len(job.painting.seeds)
        return rows + max(1, wanted) <= lead.call.cap(lead.job.painting.size)

    def begin(self, job: Job, work: Callable[[], EngineError | None]) -> None:
        """Begin a job, and move it to where it stops first."""
        run = Task(job, work)
        self._runs.append(run)
        run.around += self._go_on(run)
        self._order = None

    def step(self) -> Step | None:
        """Give the language model its turn, then compute one forward; return what was measured of a whole step."""
        for run in self._runs:
            if run.job.cancelled and not run.dead:
                run.go_on(Cancelled("This work was cancelled."))
        self._fetch()
        self._talk()
        self._order = None
        ranked = self._ranked()
        step = self._paint(ranked) if ranked else None
        self._order = None
        return step

    def take_ended(self) -> list[Task]:
        """Return the runs that have ended, and forget them."""
        ended = [run for run in self._runs if run.dead]
        self._runs = [run for run in self._runs if not run.dead]
        return ended

    def stop(self) -> None:
        """End all runs where they stand."""
        for run in self._runs:
            if not run.dead:
                run.go_on(Cancelled("The engine is shutting down."))

    def _ranked(self) -> list[Task]:
        """Return the pictures that have begun and are not yet painted, the one nearest to its end in front."""
        if self._order is None:  # asked for once for each job that waits, and it changes with each step
            alive = [run for run in self._runs if run.is_picture and not run.dead and not run.elsewhere]
            self._order = sorted(alive, key=lambda run: run.rank)
        return self._order

    def _fetch(self) -> None:
        """Let those go on for whom another thread is done."""
        away = [(run, run.elsewhere) for run in self._runs if run.elsewhere]
        if away and len(away) == len(self._runs):
            wait([future for _, future in away], ELSEWHERE_S, FIRST_COMPLETED)
        for run, future in away:
            if future.done() and not run.dead:
                run.around += self._go_on(run)

    def _talk(self) -> None:
        """Let the chat that runs, if any, go on for as long as the last step of a picture took."""
        for run in self._runs:
            until = self._clock() + (self._step_s if self._ranked() else TALK_S)
            while not run.is_picture and not run.dead:
                run.around += self._go_on(run)
                if run.job.cancelled or self._clock() >= until:
                    break

    def _paint(self, ranked: list[Task]) -> Step | None:
        lead, done = ranked[0], ranked[0].done
        group = _sharing(ranked)
        began = self._clock()
        calls = [run.call for run in group if run.call]
        cap = calls[0].known_cap(lead.job.painting.size) if calls else 0
        outputs = calls[0].gate.run(calls, lead.job.painting.size) if calls else [None]
        seconds = self._clock() - began
        for run, output in zip(group, outputs, strict=True):
            taken = self._go_on(run, output)
            if run.dead or run.elsewhere:
                run.around += taken
            else:
                seconds += taken
        for run in group:
            run.in_step += seconds
        if lead.done == done:  # the pipeline computes more than one forward a step
            return None
        self._count(ranked, group)
        work, pictures = lead.job.painting, sum(len(run.job.painting.seeds) for run in group)
        rows = sum(call.rows for call in calls) or pictures
        return Step(work.size, work.width * work.height, rows, pictures, cap, self._step_s)

    def _count(self, ranked: list[Task], group: list[Task]) -> None:
        """Count a step of this group, and what it means for those who were passed over."""
        users = {run.job.user or id(run.job) for run in ranked} | self._queue.users(Lane.IMAGES)
        passed = min(run.job.painting.step_cost for run in group) / len(users)
        self._queue.pass_over(Lane.IMAGES, passed)
        for run in ranked:
            if run not in group:
                run.job.passed += passed
        self._step_s = group[0].in_step
        for run in group:
            run.in_step = 0.0

    def _go_on(self, run: Task, output: object = None) -> float:
        """Move a run to where it stops next; return the seconds that it took."""
        began = self._clock()
        run.go_on(output)
        while run.undivided and not run.dead:
            run.go_on()
        return self._clock() - began


def _sharing(ranked: Sequence[Task]) -> list[Task]:
    """Return the first run, and as many of the others as can share its forward."""
    lead = ranked[0]
    if lead.call is None:
        return [lead]
    same = [run for run in ranked if run.call and run.call.key == lead.call.key]
    if len(same) == 1:
        return same
    group, rows, cap = [lead], lead.call.rows, lead.call.cap(lead.job.painting.size)
    for run in same[1:]:
        if run.call and rows + run.call.rows <= cap:
            group.append(run)
            rows += run.call.rows
    return group
