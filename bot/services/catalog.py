"""The engine's list of loaded models, refreshed in the background: autocompletion never waits for the engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from bot.domain.jobs import Kind, Order
from bot.services.draw import Facts, read_facts
from bot.services.ports.engine import Engine
from engine.api.errors import EngineError, Unavailable
from engine.api.light_structlog import structlog
from engine.api.messages import Model, Status

log = structlog.get_logger(__name__)

REFRESH_S = 60.0
FIRST_RETRY_S = 2.0
"""After a failure; it doubles up to REFRESH_S."""
START_S = 180.0
"""An engine may take so long to load its models before that is worth a line of the log."""
ANSWER_S = 2.0
"""Discord gives a command three seconds for its first answer."""
DEFAULT = "default"
"""Every engine takes this name for the model that it has loaded."""
MAX_CHOICES, CHOICE_CHARS = 25, 100
"""What Discord takes."""


class ModelUnknown(Exception):
    """The engine has not loaded the model that was `typed`, but those `known`."""

    def __init__(self, typed: str, known: Sequence[str]) -> None:
        super().__init__(typed)
        self.typed, self.known = typed, tuple(known)


class LoraUnknown(Exception):
    """The painter has no LoRA of these `names`, but those `known`."""

    def __init__(self, names: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names, self.known = tuple(names), tuple(known)


class Catalog:
    """The models of the last answer; before the first, those that every engine has."""

    def __init__(self, engine: Engine, refresh_s: float = REFRESH_S, first_retry_s: float = FIRST_RETRY_S) -> None:
        self._engine, self._refresh_s, self._first_retry_s = engine, refresh_s, first_retry_s
        self._began, self._is_known = time.monotonic(), False
        self.loaded: tuple[Model, ...] = ()
        self._facts: Facts | None = None

    @property
    def facts(self) -> Facts:
        """What the loaded models say of themselves, as far as it is known."""
        if self._facts is None:
            self._facts = read_facts(list(self.loaded))
        return self._facts

    def models(self, typed: str = "") -> list[str]:
        """Return at most 25 names of painters that hold the typed text, in any case, as Discord's choices may be."""
        painters = [model.id for model in self.loaded if model.limner and model.limner.kind == "painter"]
        untold = [model.id for model in self.loaded if model.limner is None]
        names = painters or untold or [DEFAULT]
        part = typed.casefold().strip()
        return [name for name in names if part in name.casefold() and len(name) <= CHOICE_CHARS][:MAX_CHOICES]

    def painter_of(self, order: Order) -> str:
        """Return the name of the model that paints an order; empty where that is not known yet."""
        named = order.model or (self.facts.model if self.loaded else "")
        return "" if named == DEFAULT else named

    def check(self, order: Order) -> None:
        """Raises ModelUnknown for a model that is gone; LoraUnknown for a new order, where the painter has others.

        Of an earlier picture, a LoRA that is gone is left out, and the message says so.
        """
        if not self.loaded:
            return
        if order.model and order.model not in (DEFAULT, *(model.id for model in self.loaded)):
            raise ModelUnknown(order.model, self.models())
        known = self.facts.loras
        names = [lora.rpartition(":")[0] for lora in order.loras]
        unknown = [name for name in names if name.casefold() not in known]
        if unknown and known and order.kind in (Kind.IMAGINE, Kind.START):
            raise LoraUnknown(unknown, [lora.name for lora in known.values()])

    async def status(self) -> Status:
        """Ask the engine how many wait. Raises EngineError, Unavailable also where it takes longer than ANSWER_S."""
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._engine.status()
        except TimeoutError as error:
            raise Unavailable("The engine does not answer in time.") from error

    async def refresh(self) -> bool:
        """Ask the engine once; False where it does not answer, and what was known stays known."""
        try:
            async with asyncio.timeout(self._refresh_s):
                self.loaded = tuple(await self._engine.models())
        except (EngineError, TimeoutError) as error:
            if self.loaded or time.monotonic() - self._began > START_S:
                log.info("catalog.not_refreshed", detail=str(error) or type(error).__name__)
            return False
        if not self._is_known:
            self._is_known = True
            seconds = round(time.monotonic() - self._began, 1)
            log.info("catalog.ready", models=[model.id for model in self.loaded], seconds=seconds)
        self._facts = None
        return True

    async def follow(self, started: asyncio.Event) -> None:
        """Refresh for ever as soon as the engine answers after `started` was set: it may have other models then."""
        while True:
            await started.wait()
            started.clear()
            while not started.is_set() and not await self.refresh():  # noqa: ASYNC110, the engine is another process
                await asyncio.sleep(self._first_retry_s)

    async def run(self) -> None:
        """Refresh for ever: every REFRESH_S, and sooner after a failure."""
        retry = self._first_retry_s
        while True:
            if await self.refresh():
                retry = self._first_retry_s
                await asyncio.sleep(self._refresh_s)
            else:
                await asyncio.sleep(retry)
                retry = min(self._refresh_s, retry * 2)
