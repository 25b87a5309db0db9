"""What the services need of the models, as a protocol; `engine.api` is the wire behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from engine.api.chat_progress import OnProgress
from engine.api.messages import ChatRequest, ImageEvent, ImageRequest, Model, StartImage, Status


class Engine(Protocol):
    """The models. Every method raises `engine.api.errors.EngineError`."""

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ...) -> str:
        """Return the language model's answer."""
        ...

    def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]: ...

    async def models(self) -> list[Model]: ...

    async def cancel(self, key: str) -> None: ...

    async def ready(self) -> bool: ...

    async def status(self) -> Status: ...


class ListableEngine(Engine, Protocol):
    """An engine that can be one of a list."""

    async def holds(self, key: str) -> bool:
        """Tell whether a repeated request with this key would join a job there. Raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Difference:
    """What an engine of a list tells otherwise than `other` does, which comes before it: a fact's name and both values.

    `fact` is painter, planner, or a field of `ModelFacts`.
    """

    fact: str
    has: str
    other: str
    others: str

    def __str__(self) -> str:
        return f"Its {self.fact} is {self.has}, and that of {self.other} is {self.others}."


@dataclass(frozen=True, slots=True)
class EngineState:
    """One engine of a list; `status` is None where it takes no work, and `differs` says why a ready one gets none."""

    name: str
    status: Status | None = None
    is_loading: bool = False
    differs: Difference | None = None


class ListStatus(Status, frozen=True):
    """The status of a list of engines: their work together, and each for itself."""

    engines: tuple[EngineState, ...] = ()
