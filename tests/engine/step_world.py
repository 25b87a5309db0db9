"""The step loop with pipelines of a few lines, which stop at a gate as real ones do, in virtual time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import cast

from engine.api.errors import BadRequest, EngineError
from engine.api.messages import ChatMessage, ChatRequest
from engine.batching.gate import Call
from engine.batching.step_loop import StepLoop
from engine.batching.task import Task, current_task
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import Job, Lane
from engine.jobs.queue import JobQueue
from engine.jobs.requests import Conversation, Painting
from engine.jobs.timing import Step

DECODE_S = 0.5
TOKEN_S = 0.1


class Clock:
    """`each_second` is called while virtual seconds pass."""

    def __init__(self) -> None:
        self.now = 0.0
        self.each_second: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now + 1 <= until:
            self.now += 1
            self.each_second()
        self.now = until


def step_seconds(rows: int) -> float:
    return 0.9 + 0.1 * rows


class FakeGate:
    """Computes a forward. `caps` are a batch's most rows by size; where `faults` names a prompt, its calls fail."""

    def __init__(self, clock: Clock, caps: Callable[[str], int]) -> None:
        self.clock, self.caps = clock, caps
        self.groups: list[list[str]] = []
        self.faults: set[str] = set()
        self.seconds: Callable[[int], float] = step_seconds

    def run(self, calls: Sequence[FakeCall], *_: object) -> list[object]:
        self.groups.append([call.prompt for call in calls])
        self.clock.sleep(self.seconds(sum(call.rows for call in calls)))
        return [BadRequest("a fault") if call.prompt in self.faults else None for call in calls]


class FakeCall:
    def __init__(self, gate: FakeGate, work: Painting) -> None:
        self.gate, self.prompt, self.key, self.rows = gate, work.prompt, work.size, len(work.seeds)

    def cap(self, size: str) -> int:
        return self.gate.caps(size)

    def known_cap(self, size: str) -> int:
        return self.gate.caps(size)


class World:
    """The queue, the step loop, and what the model thread does with both; without `batches` there is no gate."""

    def __init__(self, cap: int | Callable[[str], int] = 1, *, batches: bool = True) -> None:
        self.clock = Clock()
        self.gate = FakeGate(self.clock, cap if callable(cap) else lambda size: cap)
        self.batches = batches
        self.token_s, self.decode_s = TOKEN_S, DECODE_S
        self.untaken: dict[Job, int] = {}
        self.extra_steps = 0
        self.refuses_chats = False
        self.heartbeat = Heartbeat(self.clock)
        self.queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES)
        self.loop = StepLoop(self.queue, self.heartbeat, self.clock)
        self.began: dict[str, float] = {}
        self.decoded: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.ended_chats: Counter[str] = Counter()
        self.errors: dict[str, EngineError | None] = {}
        self.steps: list[Step] = []
        self.files: dict[str, Future[None]] = {}

    def ask(self, prompt: str, steps: int, user: str = "", side: int = 8, n: int = 1) -> Job:
        job = Job(Painting(prompt, side, side, steps, tuple(range(n))), user)
        self.queue.push(job)
        return job

    def chat(self, tokens: int, user: str = "", words: str = "hello") -> Job:
        job = Job(Conversation(ChatRequest([ChatMessage("user", words)], max_tokens=tokens)), user)
        self.queue.push(job)
        return job

    def step(self) -> None:
        while job := self.queue.take(self.loop.may_begin):
            self.loop.begin(job, partial(self._work, job))
        if step := self.loop.step():
            self.steps.append(step)
        for task in self.loop.take_ended():
            name = task.job.painting.prompt if task.is_picture else "chat"
            self.errors[name] = task.error
            if not task.is_picture:
                self.ended_chats[task.job.user] += 1
            self.ended[name] = self.clock.now

    def until(self, *names: str) -> None:
        for _ in range(10_000):
            if self.ended.keys() >= set(names):
                return
            self.step()
        raise AssertionError(f"{names} did not end")

    def _work(self, job: Job) -> EngineError | None:
        task = current_task()
        assert task is not None
        try:
            if isinstance(job.work, Conversation):
                if self.refuses_chats:
                    raise BadRequest("too long")
                self._write(task, job, job.work.max_tokens)
                return None
            self.began[job.work.prompt] = self.clock.now
            for step in range(job.work.steps + self.extra_steps):
                self._paint_step(task, job.work)
                task.steps_done = min(step + 1, job.work.steps)
                if not self.batches:
                    task.rest()
            self.clock.sleep(self.decode_s)
            self.decoded[job.work.prompt] = self.clock.now
            if file := self.files.get(job.work.prompt):
                task.await_io(file)
        except EngineError as error:
            return error
        return None

    def _write(self, task: Task, job: Job, tokens: int) -> None:
        """Whoever has no token left to take computes one for each chat, as engine.chatting.decoder does."""
        self.untaken[job] = 0
        for _ in range(tokens):
            if not self.untaken[job]:
                self.clock.sleep(self.token_s)
                self.untaken.update({other: count + 1 for other, count in self.untaken.items()})
            self.untaken[job] -= 1
            task.rest()
        del self.untaken[job]

    def _paint_step(self, task: Task, work: Painting) -> None:
        if self.batches:
            task.wait_for(cast(Call, FakeCall(self.gate, work)))
        else:
            self.clock.sleep(self.gate.seconds(len(work.seeds)))
