"""What a scrape of the bot answers: the counters, and how things stand at this moment."""

from __future__ import annotations

from prometheus_client import generate_latest

from bot.watch.meters import Meters


class Exposition:
    """Call it for the text of a scrape."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    async def __call__(self) -> bytes:
        return generate_latest(self._meters.registry)
