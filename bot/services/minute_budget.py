"""How often a minute someone may do one thing.

Invariant: a minute holds at most so many of each person, however many come at once.
"""

from __future__ import annotations

from collections import OrderedDict

from bot.services.ports.clock import Clock

WINDOW_S = 60.0
PEOPLE_KEPT = 1_000


class MinuteBudget:
    """Counts what each person did over the last minute, at most `most` times; None sets no bound."""

    def __init__(self, clock: Clock, most: int | None) -> None:
        self._clock, self._most = clock, most
        self._times: OrderedDict[int, list[float]] = OrderedDict()
        """When each person did it, oldest first; the person who did it last stands last."""

    def free_at(self, user_id: int) -> float | None:
        """Return when the person may do it again, in seconds since 1970; None where that is now."""
        if self._most is None:
            return None
        recent = self._recent(user_id)
        return recent[-self._most] + WINDOW_S if len(recent) >= self._most else None

    def spend(self, user_id: int) -> float | None:
        """Count one more, and return None; where nothing is left, count nothing, and return `free_at`."""
        if (free_at := self.free_at(user_id)) is not None:
            return free_at
        self._times[user_id] = [*self._recent(user_id), self._clock.now()]
        self._times.move_to_end(user_id)
        if len(self._times) > PEOPLE_KEPT:
            self._times.popitem(last=False)
        return None

    def give_back(self, user_id: int) -> None:
        """Count one less: it was not done."""
        if times := self._times.get(user_id):
            times.pop()

    def _recent(self, user_id: int) -> list[float]:
        now = self._clock.now()
        return [at for at in self._times.get(user_id, ()) if now - WINDOW_S < at <= now]
