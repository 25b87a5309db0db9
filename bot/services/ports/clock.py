"""The clock, as the services read it."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Return the wall clock in seconds since 1970."""
