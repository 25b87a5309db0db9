"""The queue of jobs that wait for the models: bounded, chats first, fair across users.

Invariant: within a lane each user's own jobs keep their order, and a job waits no longer than if its lane's work had
been shared out equally among the users who wait. So short jobs come before long ones, and none starves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

CAPACITY = 64
FURTHER = 4
"""Beyond the capacity a user may have one job waiting, up to this many times the capacity in all."""


class Waiting(Protocol):
    """What the queue needs to know of a job: its lane, its user, its work, and its aging."""

    passed: int

    @property
    def lane(self) -> Hashable: ...

    @property
    def user(self) -> str: ...

    @property
    def cost(self) -> float: ...


J = TypeVar("J", bound=Waiting)


class Full(Exception):
    """The lane holds as many jobs as it may."""


@dataclass(slots=True)
class _Lane(Generic[J]):
    """Self-clocked fair queueing (Golestani, INFOCOM 1994): jobs leave in the order of their tags.

    A tag is the virtual time, in work for each user, at which a job would be done under equal shares, then a number
    that orders users whose times are equal.
    """

    jobs: dict[J, tuple[float, int]] = field(default_factory=dict)
    """The waiting jobs and their tags."""
    last: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Each user's latest tag."""
    clock: float = 0.0
    """The lane's virtual time."""
    places: int = 0

    def add(self, job: J) -> None:
        self.places += 1
        begin, place = self.last.get(job.user, (self.clock, self.places))
        self.jobs[job] = (max(self.clock, begin) + job.cost, place)
        if job.user:
            self.last[job.user] = self.jobs[job]

    def order(self) -> list[J]:
        return sorted(self.jobs, key=lambda job: self.jobs[job])

    def waits(self, user: str) -> bool:
        """Tell whether this user has a job here; a user without a name counts as having one."""
        return not user or any(job.user == user for job in self.jobs)

    def users(self) -> int:
        """Return how many users wait."""
        return len({owner_of(job) for job in self.jobs})

    def take(self, job: J) -> None:
        """Take a job out, to be done now."""
        self.clock += job.cost / self.users()
        del self.jobs[job]
        self.last = {user: tag for user, tag in self.last.items() if tag[0] > self.clock}


class JobQueue(Generic[J]):
    """Filled by the event loop, emptied by the model thread. `lanes` are in the order in which they are served."""

    def __init__(self, *lanes: Hashable, capacity: int = CAPACITY) -> None:
        self._lanes: dict[Hashable, _Lane[J]] = {lane: _Lane() for lane in lanes}
        self._capacity = capacity
        self._changed = threading.Condition()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def push(self, job: J) -> None:
        """Let a job wait behind its user's others. Raises Full; a user's only job is taken far beyond the capacity."""
        with self._changed:
            lane = self._lanes[job.lane]
            most = self._capacity * (1 if lane.waits(job.user) else FURTHER)
            if len(lane.jobs) >= most:
                raise Full
            lane.add(job)
            self._changed.notify()

    def pop(self) -> J | None:
        """Wait for the next job and take it; None once the queue is closed."""
        while self.wait():
            if (job := self.take(lambda job: True)) is not None:
                return job
        return None

    def wait(self) -> bool:
        """Wait until some job waits; False once the queue is closed."""
        with self._changed:
            self._changed.wait_for(self._is_due)
            return not self._closed

    def wait_for(self, seconds: float) -> bool:
        """Wait so long until some job waits or the queue is closed; False where neither came."""
        with self._changed:
            return self._changed.wait_for(self._is_due, seconds)

    def take(self, may_begin: Callable[[J], bool]) -> J | None:
        """Take the first job that may begin, without waiting; None where none may, and once the queue is closed."""
        with self._changed:  # not held while `may_begin` decides, which may measure
            waiting = [] if self._closed else [(lane, job) for lane in self._lanes.values() for job in lane.order()]
        for lane, job in waiting:
            if may_begin(job):
                with self._changed:
                    if job in lane.jobs:  # else it was removed meanwhile
                        lane.take(job)
                        return job
        return None

    def age(self, lane: Hashable, work: int) -> None:
        """Age the jobs that wait in this lane: so much work was done before them."""
        with self._changed:
            for job in self._lanes[lane].jobs:
                job.passed += work

    def users(self, lane: Hashable) -> set[Hashable]:
        """Return the users who have jobs waiting in this lane."""
        with self._changed:
            return {owner_of(job) for job in self._lanes[lane].jobs}

    def others_wait(self, lane: Hashable, owner: Hashable) -> bool:
        """Tell whether a job of another user waits in this lane."""
        with self._changed:
            return any(owner_of(job) != owner for job in self._lanes[lane].jobs)

    def remove(self, job: J) -> bool:
        """Take a job out wherever it waits; False where it does not wait any more."""
        with self._changed:
            return self._lanes[job.lane].jobs.pop(job, None) is not None

    def order(self, lane: Hashable) -> list[J]:
        """Return the lane's jobs in the order in which they would be taken if nobody else came."""
        with self._changed:
            return self._lanes[lane].order()

    def _is_due(self) -> bool:
        return self._closed or any(lane.jobs for lane in self._lanes.values())

    def close(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def owner_of(job: Waiting) -> Hashable:
    """Return whose job it is; a job without a user is its own."""
    return job.user or id(job)
