"""Runs an engine process for each GPU, or the one of a machine; each is restarted by itself.

Invariant: when one refuses its settings, or the bot stops, all end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from bot.host.engine_process import EngineProcess
from bot.host.engines import OwnEngine
from bot.operator_errors import CannotStart


class EngineProcesses:
    """The processes of these engines; `started` is called at each start of one. Raises CannotStart as they do."""

    def __init__(self, engines: Sequence[OwnEngine], *, blank: Sequence[str], started: Callable[[], object]) -> None:
        self._processes = [
            EngineProcess(engine.socket, blank=blank, started=started, name=engine.name, variables=engine.variables)
            for engine in engines
        ]

    @property
    def cannot_load(self) -> bool:
        """Whether the models can be loaded by none of them."""
        return all(process.cannot_load for process in self._processes)

    def replace(self) -> None:
        """Start all of them anew, with the settings of now."""
        for process in self._processes:
            process.replace()

    async def run(self) -> None:
        """Keep all of them running. Raises CannotStart where one refuses its settings; cancelling stops all."""
        try:
            async with asyncio.TaskGroup() as group:
                for process in self._processes:
                    group.create_task(process.run(), name="engine-process")
        except* CannotStart as errors:
            refused = errors.exceptions[0]
        else:
            return
        raise refused
