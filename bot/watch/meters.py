"""What is counted while the bot runs.

Invariant: every label has few values, all known beforehand; the registry is this object's own.
"""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector


class Meters:
    """The bot's counters; `registry` holds them, and the process's memory, open files and CPU time."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        tasks = Gauge("limner_bot_tasks", "asyncio tasks that have not ended.", registry=self.registry)
        tasks.set_function(lambda: len(asyncio.all_tasks()))
