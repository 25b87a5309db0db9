"""Several engines behind one face: the one with the least work first, and none that is away or has other models.

Invariant: a key stays at the engine where it went as long as that one works; when it dies the job goes to another,
where the same seed paints the same pixels. With all engines away the pool is as one engine that is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing

from msgspec import structs

from bot.services.listed_engine import AWAY, PICTURE_S, ListedEngine, difference
from bot.services.ports.engine import Difference, ListableEngine, ListStatus
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import EngineError, ModelLoading, QueueFull, Unavailable
from engine.api.light_structlog import structlog
from engine.api.messages import ChatRequest, ImageEvent, ImageRequest, Model, StartImage

log = structlog.get_logger(__name__)

KEYS = 4096
"""More than an engine itself remembers, and more than a bot has jobs at once."""
CHAT_TRIES = 2
"""A second engine may answer a chat; a third was perhaps lost by it."""

Rank = Callable[[ListedEngine], tuple[float, ...]]


class EnginePool:
    """Implements Engine over engines by their names; the first that is known decides which models the others need."""

    def __init__(self, engines: Mapping[str, ListableEngine]) -> None:
        self._engines = [ListedEngine(name, engine) for name, engine in engines.items()]
        self._went: dict[str, ListedEngine] = {}
        """Where each key went, the oldest first."""
        self._noted: dict[ListedEngine, Difference | None] = {}

    async def close(self) -> None:
        """End what is asked in the background; the engines' clients are their owner's to close."""
        await asyncio.gather(*(engine.close() for engine in self._engines))

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        """Ask the engine with the fewest chats; where it is lost, one other."""
        tried: set[ListedEngine] = set()
        while True:
            engine = min(await self._usable(tried), key=self._chat_rank())
            engine.chats += 1
            try:
                return await engine.engine.chat(request, on_progress)
            except (Unavailable, ModelLoading) as error:
                engine.lost(error)
                tried.add(engine)
                if len(tried) in (CHAT_TRIES, len(self._engines)):
                    raise
            finally:
                engine.chats -= 1

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        """Yield the events of one engine. Raises what it raises, for the caller to repeat: then another is asked.

        An engine that refuses the request for its full queue, or since it stops, is passed over at once.
        """
        refusals: dict[ListedEngine, EngineError] = {}
        while True:
            engine = await self._placed(key, request.n, refusals)
            has_begun = False
            try:
                async with aclosing(engine.engine.images(request, key=key, start=start)) as events:
                    async for event in events:
                        has_begun = True
                        yield event
                return
            except (QueueFull, ModelLoading, Unavailable) as error:
                if not isinstance(error, QueueFull):
                    engine.lost(error)
                if has_begun or isinstance(error, Unavailable):
                    raise
                refusals[engine] = error
            finally:
                engine.pictures -= request.n

    async def models(self) -> list[Model]:
        """Return the models that all engines in use have; a hosted one names every server that words may go to."""
        await self._look()
        usable = self._known_usable()
        if not usable:
            raise self._why_none()
        owners: dict[str, dict[str, None]] = {}
        for model in (model for engine in usable for model in engine.models or []):
            owners.setdefault(model.id, {})[model.owned_by] = None
        models = usable[0].models or []
        return [structs.replace(model, owned_by=", ".join(owners[model.id])) for model in models]

    async def cancel(self, key: str) -> None:
        """Cancel at every engine that answers: a job may have moved. Raises what the key's own engine raises."""
        own = self._went.get(key)
        asked = [engine for engine in self._engines if engine is own or engine.is_up] or self._engines
        results = await asyncio.gather(*(engine.engine.cancel(key) for engine in asked), return_exceptions=True)
        errors = {engine: result for engine, result in zip(asked, results, strict=True) if result is not None}
        decisive = errors.get(own) if own else next(iter(errors.values()), None) if len(errors) == len(asked) else None
        if decisive is not None:
            raise decisive

    async def ready(self) -> bool:
        """Tell whether any engine takes work, or answers with an error that the request itself is to raise."""
        await self._look()
        return bool(self._known_usable()) or not isinstance(self._why_none(), AWAY)

    async def status(self) -> ListStatus:
        """Return the work of all engines together, when a picture would begin at the first, and each one's state."""
        await self._look()
        usable = self._known_usable()
        if not usable:
            raise self._why_none()
        statuses = [engine.status for engine in usable if engine.status]
        waiting = [status.waiting for status in statuses if status.waiting is not None]
        waits = [status.wait_s for status in statuses if status.wait_s is not None]
        silences = [status.silent_s for status in statuses if status.silent_s is not None]
        return ListStatus(
            sum(waiting) if waiting else None,
            min(waits, default=None),
            max(silences, default=None),
            tuple(engine.state(self._difference(engine)) for engine in self._engines),
        )

    async def _placed(
        self, key: str | None, pictures: int, refusals: Mapping[ListedEngine, EngineError]
    ) -> ListedEngine:
        """Choose an engine, and count the pictures as its own. Raises EngineError where none takes them."""
        if key and (before := self._went.get(key)) and not before.is_up:
            await asyncio.wait({before.look()})  # it may have been lost for a moment only
        try:
            usable = await self._usable(refusals)
        except EngineError as error:
            raise _soonest(refusals.values()) or error from None
        holders = await self._holders(key, usable)
        own = self._went.get(key) if key else None  # asked after the last wait: the same key may have come meanwhile
        if own in usable:
            chosen = own
        else:
            chosen = min(holders or usable, key=self._rank())
            if own:
                log.warning("job.moved", engine=chosen.name, before=own.name)
        if key:
            self._keep(key, chosen)
        chosen.pictures += pictures
        return chosen

    async def _holders(self, key: str | None, usable: Collection[ListedEngine]) -> list[ListedEngine]:
        """Return the engines that have a job of this key from before this bot's start."""
        if key is None or key in self._went:
            return []
        answers = await asyncio.gather(*(engine.engine.holds(key) for engine in usable))
        return [engine for engine, holds in zip(usable, answers, strict=True) if holds]

    def _keep(self, key: str, engine: ListedEngine) -> None:
        self._went.pop(key, None)
        self._went[key] = engine
        if len(self._went) > KEYS:
            del self._went[next(iter(self._went))]

    async def _usable(self, but: Collection[ListedEngine] = ()) -> list[ListedEngine]:
        """Look, and return the engines that take work. Raises why none does."""
        await self._look()
        usable = [engine for engine in self._known_usable() if engine not in but]
        if not usable:
            raise self._why_none()
        return usable

    async def _look(self) -> None:
        """Look at the engines that are not known to be away, at all where no other works; those are asked meanwhile."""
        looks = {engine: engine.look() for engine in self._engines}
        if hopeful := {look for engine, look in looks.items() if engine.error is None}:
            await asyncio.wait(hopeful)
        pending = {look for look in looks.values() if not look.done()}
        while pending and not self._known_usable():
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        self._note_differences()

    def _known_usable(self) -> list[ListedEngine]:
        return [engine for engine in self._engines if engine.is_up and self._difference(engine) is None]

    def _reference(self) -> ListedEngine | None:
        known = [engine for engine in self._engines if engine.models is not None]
        return next((engine for engine in known if engine.paints), known[0] if known else None)

    def _difference(self, engine: ListedEngine) -> Difference | None:
        first = self._reference()
        if first is None or first is engine or first.models is None or engine.models is None:
            return None
        return difference(engine.models, first.name, first.models)

    def _note_differences(self) -> None:
        """Log an engine that is left out for its models, once; not while the first is away, which may get others."""
        first = self._reference()
        if first is None or not first.is_up:
            return
        for engine in self._engines:
            differs = self._difference(engine) if engine.is_up else None
            if differs and differs != self._noted.get(engine):
                log.warning("engine.left_out", engine=engine.name, why=str(differs))
            self._noted[engine] = differs

    def _why_none(self) -> EngineError:
        """Return what one engine would raise in this state: the first that loads speaks for all."""
        errors = [engine.error for engine in self._engines if engine.error is not None]
        away = [error for error in errors if isinstance(error, AWAY)]
        if errors and not away:
            return errors[0]
        loading = [error for error in away if isinstance(error, ModelLoading)]
        return loading[0] if loading else Unavailable("The engine does not answer.")

    def _rank(self) -> Rank:
        usual = max((engine.picture_s for engine in self._engines if engine.picture_s), default=PICTURE_S)
        return lambda engine: engine.work(usual)

    def _chat_rank(self) -> Rank:
        rank = self._rank()

        def with_chats(engine: ListedEngine) -> tuple[float, ...]:
            silent, *work = rank(engine)
            return (silent, engine.chats, *work)

        return with_chats


def _soonest(refusals: Collection[EngineError]) -> EngineError | None:
    """Return the refusal of a full queue that names the shortest wait; None where none was for that."""
    full = [error for error in refusals if isinstance(error, QueueFull)]
    return min(full, key=lambda error: error.retry_after or 0.0, default=None)
