"""How often a minute the language model reads for one person: understanding costs the device time, chat no picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.services.minute_budget import MinuteBudget
from bot.services.ports.clock import Clock

PER_MINUTE = 10


class TooManyUnderstandings(Exception):
    """This person's words come faster than they are read; `free_at` is when the next are, in seconds since 1970."""

    def __init__(self, free_at: float) -> None:
        super().__init__(str(free_at))
        self.free_at = free_at


class UnderstandingBudget:
    """Counts the understandings of each person; `per_minute` None counts none."""

    def __init__(self, clock: Clock, per_minute: int | None = PER_MINUTE) -> None:
        self._budget = MinuteBudget(clock, per_minute)

    def check(self, user_id: int) -> None:
        """Raise TooManyUnderstandings where nothing is left now."""
        if (free_at := self._budget.free_at(user_id)) is not None:
            raise TooManyUnderstandings(free_at)

    def spend(self, user_id: int) -> None:
        """Count one understanding. Raises TooManyUnderstandings."""
        if (free_at := self._budget.spend(user_id)) is not None:
            raise TooManyUnderstandings(free_at)

    def give_back(self, user_id: int) -> None:
        """Count one less: nothing was read."""
        self._budget.give_back(user_id)

    @contextmanager
    def spent(self, user_id: int) -> Iterator[None]:
        """Count one understanding, unless the work within raises. Raises TooManyUnderstandings."""
        self.spend(user_id)
        try:
            yield
        except BaseException:
            self.give_back(user_id)
            raise
