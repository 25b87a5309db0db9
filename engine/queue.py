"""What waits for the models: bounded, chat first, fair across users, and without torch.

Invariant: within a lane the users take turns, and each user's own jobs keep their order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

CAPACITY = 64


class Waiting(Protocol):
    """What the queue needs to know of a job."""

    @property
    def lane(self) -> Hashable: ...

    @property
    def user(self) -> str: ...


J = TypeVar("J", bound=Waiting)


class Full(Exception):
    """The lane holds as many jobs as it may."""


class JobQueue(Generic[J]):
    """Filled by the event loop, emptied by the model thread. `lanes` names them, the one served first in front."""

    def __init__(self, *lanes: Hashable, capacity: int = CAPACITY) -> None:
        self._lanes: dict[Hashable, dict[str, deque[J]]] = {lane: {} for lane in lanes}
        self._capacity = capacity
        self._changed = threading.Condition()
        self._closed = False

    def push(self, job: J) -> None:
        """Let a job wait behind its user's others. Raises Full."""
        with self._changed:
            users = self._lanes[job.lane]
            if sum(map(len, users.values())) >= self._capacity:
                raise Full
            users.setdefault(job.user, deque()).append(job)
            self._changed.notify()

    def pop(self) -> J | None:
        """Wait for the next job and take it; None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or any(self._lanes.values()))
            if self._closed:
                return None
            users = next(users for users in self._lanes.values() if users)
            return _take_turn(users)

    def remove(self, job: J) -> bool:
        """Take a job out wherever it waits; False where it does not wait any more."""
        with self._changed:
            users = self._lanes[job.lane]
            own = users.get(job.user, deque())
            if job not in own:
                return False
            own.remove(job)
            if not own:
                del users[job.user]
            return True

    def order(self, lane: Hashable) -> list[J]:
        """Return the lane's jobs in the order in which they would be taken if nobody else came."""
        with self._changed:
            users = {user: deque(jobs) for user, jobs in self._lanes[lane].items()}
        order = []
        while users:
            order.append(_take_turn(users))
        return order

    def close(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _take_turn(users: dict[str, deque[J]]) -> J:
    """Take the first user's first job, and send that user to the end of the line."""
    user = next(iter(users))
    jobs = users.pop(user)
    job = jobs.popleft()
    if jobs:
        users[user] = jobs
    return job
