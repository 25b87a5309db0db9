"""What the services need of the models, as a protocol; `engine.api` is the wire behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
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
