"""What is remembered of finished work, and when it goes."""

from __future__ import annotations

import pytest

from engine.api.messages import Completed
from engine.jobs import idempotency as idempotency_module
from engine.jobs.idempotency import IdempotencyKeys
from engine.jobs.job import Job
from engine.jobs.requests import Painting


def finished(size: int = 1) -> Job:
    job = Job(Painting("a fox", 8, 8, 1, (0,)))
    job.tell(Completed(b"x" * size))
    job.finish()
    return job


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.setattr(idempotency_module, "KEEP_S", 10)
    monkeypatch.setattr(idempotency_module, "KEEP_BYTES", 100)
    monkeypatch.setattr(idempotency_module, "KEEP_KEYS", 4)
    return [0.0]


def test_what_is_too_old_goes_and_asking_keeps_it(now: list[float]) -> None:
    memory = IdempotencyKeys(lambda: now[0])
    for key in ("asked", "left"):
        memory.keep(key, finished(), None)
    now[0] = 8
    assert memory.find("asked")
    now[0] = 12
    assert memory.find("asked")
    assert memory.find("left") is None


def test_what_is_too_much_goes_the_oldest_first(now: list[float]) -> None:
    memory = IdempotencyKeys(lambda: now[0])
    for key in ("one", "two", "three"):
        memory.keep(key, finished(45), None)
    assert [key for key in ("one", "two", "three") if memory.find(key)] == ["two", "three"]
    for number in range(10):
        memory.keep(str(number), finished(0), None)
    assert sum(memory.find(str(number)) is not None for number in range(10)) == 4


def test_running_work_is_never_forgotten(now: list[float]) -> None:
    memory = IdempotencyKeys(lambda: now[0])
    job = Job(Painting("a fox", 8, 8, 1, (0,)))
    job.tell(Completed(b"x" * 1000))
    memory.keep("running", job, None)
    now[0] = 1000
    assert memory.find("running")
    job.finish()
    assert memory.find("running") is None
