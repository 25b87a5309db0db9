"""What counting and charting need of the world, as protocols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.domain.stats import Report, Why


class Tally(Protocol):
    async def refused(self, guild_id: int | None, why: Why, at: float) -> None:
        """Count a refusal; one in direct messages is no server's. Raises StoreUnavailable."""


class Figures(Protocol):
    async def days(self, guild_id: int, first: int, last: int) -> Report:
        """Return the report of these days, both counted from 1970 in UTC and both among them."""


class ChartFailed(Exception):
    """The chart could not be drawn."""


class ChartsMissing(ChartFailed):
    """The package that draws charts is not installed."""


class Charts(Protocol):
    async def draw(self, report: Report, words: Mapping[str, str], plain: Mapping[str, str]) -> bytes:
        """Return a PNG, labelled with `words` or, where no font has their letters, `plain`. Raises ChartFailed."""
