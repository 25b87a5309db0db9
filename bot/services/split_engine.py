"""Two engines behind one face: a language model of one service, a painter of another.

Invariant: a language model that is away delays nothing; its failures send the words to the painter as they are.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from bot.services.ports.engine import Engine
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import EngineError, Internal, Unavailable
from engine.api.light_structlog import structlog
from engine.api.messages import ChatRequest, ImageEvent, ImageRequest, Model, StartImage, Status

log = structlog.get_logger(__name__)


class SplitEngine:
    """Implements Engine: chat and the language model's facts come from `planner`, all else from `painter`."""

    def __init__(self, painter: Engine, planner: Engine) -> None:
        self._painter, self._planner = painter, planner

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        """Raises Internal where the planner is away, since Unavailable would mean that nothing can be painted."""
        try:
            return await self._planner.chat(request, on_progress)
        except Unavailable as error:
            raise Internal(str(error)) from error

    def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        return self._painter.images(request, key=key, start=start)

    async def models(self) -> list[Model]:
        """Return the painters of one and the language models of the other, none where they cannot be asked."""
        painters = [model for model in await self._painter.models() if not _is(model, "planner")]
        try:
            planners = [model for model in await self._planner.models() if _is(model, "planner")]
        except EngineError as error:
            log.warning("planner.facts_unknown", error=type(error).__name__, detail=str(error))
            planners = []
        return painters + planners

    async def cancel(self, key: str) -> None:
        await self._painter.cancel(key)

    async def ready(self) -> bool:
        return await self._painter.ready()

    async def status(self) -> Status:
        return await self._painter.status()


def _is(model: Model, kind: str) -> bool:
    return model.limner is not None and model.limner.kind == kind
