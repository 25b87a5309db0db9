"""One engine of a list: how it was at the last look, and how much work it has.

Invariant: a look never raises and never takes longer than LOOK_S, and all who want one share the look that runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from msgspec import structs

from bot.services.ports.engine import Difference, EngineState, ListableEngine
from engine.api.errors import EngineError, Internal, ModelLoading, Unavailable
from engine.api.light_structlog import structlog
from engine.api.messages import Model, Status

log = structlog.get_logger(__name__)

LOOK_S = 4.0
"""An engine that does not answer a look for so long is left out until it answers again."""
FACTS_S = 10.0
"""What models an engine has is asked again after so long, and whenever it was away."""
REMEMBERED_S = 120.0
"""An engine that is away for so long no longer decides which models the others must have."""
SILENT_S = 20.0
"""An engine whose model thread gives no sign for so long may hang: others go before it."""
PICTURE_S = 1.0
"""What a picture is taken to need where no engine of the list has told."""
AWAY = (ModelLoading, Unavailable, Internal)
"""An engine with such an error may come back; any other is an answer that the request itself would get."""
SHOWN_CHARS = 80
UNCOMPARED = ("why", "lora_faults")


class ListedEngine:
    """One engine, under the name that logs, metrics and `/status` have for it."""

    def __init__(self, name: str, engine: ListableEngine, clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self.engine, self._clock = name, engine, clock
        self.error: EngineError | None = None
        """Why it took no work at the last look, or failed since."""
        self.status: Status | None = None
        self.models: list[Model] | None = None
        """What it told of its models last; None before, and once it is away for REMEMBERED_S."""
        self.pictures = self.chats = 0
        """What this bot has there now."""
        self._pictures_before = 0
        self._asked_at = float("-inf")
        self._up_at = clock()
        self._look: asyncio.Task[None] | None = None
        self.picture_s: float | None = None
        """Seconds a picture, as its own forecasts have it."""

    @property
    def is_up(self) -> bool:
        """Whether it took work at the last look."""
        return self.error is None and self.status is not None

    @property
    def paints(self) -> bool:
        """Whether its picture check, which goes before all painting, has not failed to load."""
        return not any(model.limner and model.limner.check == "failed" for model in self.models or [])

    def look(self) -> asyncio.Task[None]:
        """Ask it how it is; all callers of the meantime share the question."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._ask(), name=f"engine-look-{self.name}")
        return self._look

    async def close(self) -> None:
        """End a look that runs."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.wait({self._look})

    def lost(self, error: EngineError) -> None:
        """It failed a request in such a way that it may be away: the next look decides."""
        if self.is_up:
            log.warning("engine.lost", engine=self.name, why=str(error))
        self.error = error

    def work(self, usual_picture_s: float) -> tuple[bool, float, int]:
        """Return what to order engines by, least work first: whether it may hang, seconds until a start, pictures.

        What this bot sent there since the last look counts as well, so that requests of one moment are spread.
        """
        status = self.status or Status()
        since = max(0, self.pictures - self._pictures_before)
        waiting = status.waiting or 0
        picture_s = self.picture_s or usual_picture_s
        begin_s = waiting * picture_s if status.wait_s is None else status.wait_s
        return (status.silent_s or 0.0) > SILENT_S, begin_s + since * picture_s, waiting + since

    def state(self, differs: Difference | None) -> EngineState:
        """Return how it is, for people."""
        status = self.status if self.is_up else None
        return EngineState(self.name, status, isinstance(self.error, ModelLoading), differs if self.is_up else None)

    async def _ask(self) -> None:
        was_up, pictures = self.is_up, self.pictures
        try:
            async with asyncio.timeout(LOOK_S):
                status = await self._answer(was_up=was_up)
        except EngineError as error:
            self._away(error, was_up=was_up)
        except TimeoutError:
            self._away(Unavailable("The engine does not answer in time."), was_up=was_up)
        else:
            if self.error is not None:
                log.info("engine.joined", engine=self.name)
            self.status, self.error = status, None
            self._pictures_before, self._up_at = pictures, self._clock()
            if status.waiting and status.wait_s:
                self.picture_s = status.wait_s / status.waiting

    async def _answer(self, *, was_up: bool) -> Status:
        """Return its status, with its models known. Raises EngineError where it takes no work."""
        if not await self.engine.ready():
            await self.engine.models()  # which raises why not
            raise ModelLoading("The engine is starting or stopping.")
        if not was_up or self._clock() - self._asked_at > FACTS_S:
            self.models = await self.engine.models()
            self._asked_at = self._clock()
        return await self.engine.status()

    def _away(self, error: EngineError, *, was_up: bool) -> None:
        if was_up and self.error is None:
            log.warning("engine.lost", engine=self.name, why=str(error))
        self.error = error
        if self._clock() - self._up_at > REMEMBERED_S:
            self.models = None


def difference(models: Collection[Model], other: str, others: Collection[Model]) -> Difference | None:
    """Return the first thing that two engines tell otherwise of their models; None where they are alike.

    Who owns a model and why it was chosen may differ: these name a server and a GPU. So may the files that cannot be
    used, since those that can are compared.
    """
    for kind in ("painter", "planner"):
        mine, theirs = _of(models, kind), _of(others, kind)
        if (has := _names(mine)) != (usual := _names(theirs)):
            return Difference(kind, has, other, usual)
        for one, two in zip(mine, theirs, strict=True):
            if one.limner and two.limner:
                facts, usual_facts = structs.asdict(one.limner), structs.asdict(two.limner)
                for name, value in facts.items():
                    if name not in UNCOMPARED and value != usual_facts[name]:
                        return Difference(name, _shown(value), other, _shown(usual_facts[name]))
    return None


def _of(models: Collection[Model], kind: str) -> list[Model]:
    """Return the models of a kind; those without facts count as painters."""
    return [model for model in models if (model.limner.kind if model.limner else "painter") == kind]


def _names(models: Sequence[Model]) -> str:
    return ", ".join(model.id for model in models) or "none"


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
