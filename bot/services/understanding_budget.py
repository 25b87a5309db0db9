"""How often a minute the language model reads for one person: understanding costs the device time, and chat no picture.

Invariant: a minute holds at most so many understandings of a person, however many requests come at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.services.ports.clock import Clock

WINDOW_S = 60.0
PER_MINUTE = 10
PEOPLE_KEPT = 1_000


class TooManyUnderstandings(Exception):
    """This person's words come faster than they are read; `free_at` is when the next are, in seconds since 1970."""

    def __init__(self, free_at: float) -> None:
        super().__init__(str(free_at))
        self.free_at = free_at


class UnderstandingBudget:
    """Counts the understandings of each person over the last minute; `per_minute` None counts none."""

    def __init__(self, clock: Clock, per_minute: int | None = PER_MINUTE) -> None:
        self._clock, self._per_minute = clock, per_minute
        self._times: OrderedDict[int, list[float]] = OrderedDict()
        """When each person's words were read, oldest first; the person who was read last stands last."""

    def check(self, user_id: int) -> None:
        """Raise TooManyUnderstandings where nothing is left now."""
        if self._per_minute is None:
            return
        recent = self._recent(user_id)
        if len(recent) >= self._per_minute:
            raise TooManyUnderstandings(recent[-self._per_minute] + WINDOW_S)

    def spend(self, user_id: int) -> None:
        """Count one understanding. Raises TooManyUnderstandings."""
        self.check(user_id)
        self._times[user_id] = [*self._recent(user_id), self._clock.now()]
        self._times.move_to_end(user_id)
        if len(self._times) > PEOPLE_KEPT:
            self._times.popitem(last=False)

    def give_back(self, user_id: int) -> None:
        """Count one less: nothing was read."""
        if times := self._times.get(user_id):
            times.pop()

    @contextmanager
    def spent(self, user_id: int) -> Iterator[None]:
        """Count one understanding, unless the work within raises. Raises TooManyUnderstandings."""
        self.spend(user_id)
        try:
            yield
        except BaseException:
            self.give_back(user_id)
            raise

    def _recent(self, user_id: int) -> list[float]:
        now = self._clock.now()
        return [at for at in self._times.get(user_id, ()) if now - WINDOW_S < at <= now]
