"""The way of a request between the words and the pictures, the same for Discord and for the command line."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from bot.domain.jobs import Order, Painted
from bot.domain.progress import Finished
from bot.domain.prompt import PromptSpec
from bot.domain.vocabulary import Unknown, Vocabulary
from bot.services.ports import Engine
from bot.services.understand import understand
from engine.api.messages import Completed, ImageRequest, Model, PartialImage, Progress, Queued

FALLBACK_SIZES = {"square": "1024x1024", "portrait": "1024x1536", "landscape": "1536x1024"}
"""For engines that do not tell: the sizes of OpenAI's gpt-image models."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What the words were taken for, and what of them the models do not know; painting comes next."""

    spec: PromptSpec
    unknown: Unknown | None = None


DrawEvent = Understood | Queued | Progress | PartialImage | Finished


@dataclass(frozen=True, slots=True)
class Facts:
    """What the loaded models say of themselves."""

    model: str
    sizes: dict[str, str]
    knows: dict[str, list[str]]
    vocabulary: Vocabulary

    def size(self, shape: str) -> str | None:
        """Return WIDTHxHEIGHT for a shape, or the nearest that the model has; None leaves it to the engine."""
        nearest = {"wide": "landscape", "tall": "portrait"}.get(shape, shape)
        return self.sizes.get(shape) or self.sizes.get(nearest)


def read_facts(models: list[Model]) -> Facts:
    """Read the engine's model list; an engine that is not Limner's tells names alone."""
    known = {model.limner.kind: model for model in models if model.limner}
    painter, planner = known.get("painter"), known.get("planner")
    planner_facts = planner.limner if planner else None
    return Facts(
        model=painter.id if painter else "default",
        sizes=dict(painter.limner.sizes) if painter and painter.limner else FALLBACK_SIZES,
        knows=dict(planner_facts.knows) if planner_facts else {},
        vocabulary=Vocabulary(planner_facts.words if planner_facts else ()),
    )


async def draw(engine: Engine, order: Order, seed: int, key: str | None = None) -> AsyncGenerator[DrawEvent, None]:
    """Understand the words, paint, and yield what happens; the last event is Finished. Raises EngineError.

    With a key, work that was cut off goes on in the engine, and drawing again gives the same pictures.
    """
    started = time.monotonic()
    facts = read_facts(await engine.models())
    spec = await understand(engine, order)
    words = facts.vocabulary.unknown(order.words)
    unknown = Unknown(tuple(words), facts.knows) if words else None
    yield Understood(spec, unknown)
    request = ImageRequest(
        prompt=spec.prompt,
        negative_prompt=spec.negative or None,
        n=order.count,
        size=facts.size(order.shape),
        seed=seed,
        stream=True,
        partial_images=1,
        x_progress=True,
    )
    pictures: list[Completed] = []
    async with aclosing(engine.images(request, key=key)) as events:
        async for event in events:
            if isinstance(event, Completed):
                pictures.append(event)
            else:
                yield event
    pictures.sort(key=lambda picture: picture.index)
    last = pictures[-1]
    painted = Painted(
        size=last.size or request.size or "",
        model=last.model or facts.model,
        seconds=time.monotonic() - started,
        steps=last.steps,
    )
    yield Finished(tuple(picture.b64_json for picture in pictures), painted, unknown)
