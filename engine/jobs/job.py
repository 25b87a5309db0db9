"""A job: one request's work, from the queue to its end, and the events that report on it.

Invariant: the event loop writes every field but `passed`; the model thread reads `work` and `cancelled`.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, cast

from engine.api.errors import EngineError
from engine.api.messages import Completed, ImageEvent, PartialImage, Progress, Queued
from engine.jobs.phases import PhaseSeconds
from engine.jobs.requests import Answer, Conversation, Delta, Painting

Event = ImageEvent | Delta | Answer | PhaseSeconds

_REPLACES: dict[type[Event], tuple[type[Event], ...]] = {
    Queued: (Queued,),
    Progress: (Queued, Progress),
    PartialImage: (PartialImage,),
}
"""The events that an event replaces for a reader who joins later."""


class Lane(Enum):
    """The kinds of work, each with a queue of its own; the language model's turns are short and go first."""

    CHAT = "chat"
    IMAGES = "images"


@dataclass(frozen=True, slots=True)
class End:
    """What a reader gets last: the job ended, with this error or well."""

    error: EngineError | None = None


class Reporter(Protocol):
    """What a model reports its work to, and learns of a cancellation from."""

    def tell(self, event: Event) -> None:
        """Pass an event on. Raises Cancelled."""

    def check(self) -> None:
        """Raise Cancelled where the work was cancelled."""


class NullReporter:
    """A Reporter of work that nobody asked for, such as a warm-up."""

    def tell(self, event: Event) -> None:
        pass

    def check(self) -> None:
        pass


Reader = asyncio.Queue[Event | End]


@dataclass(eq=False, slots=True)
class Job:
    """A request's work, the events so far, and the readers that follow them."""

    work: Painting | Conversation
    user: str = ""
    key: str | None = None
    """The Idempotency-Key."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    request_id: str = ""
    """The client's name for the request."""
    accepted: float = 0.0
    """Seconds, by the clock of `Jobs`; so is `began`."""
    began: float | None = None
    cancelled: bool = False
    passed: int = 0
    """Its aging: the work of others, in pixels, that was done before its own while it waited or had begun."""
    end: End | None = None
    events: list[Event] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)

    @property
    def log_id(self) -> str:
        """Its name in logs: the client's, so that both sides' lines about one request are found together.

        The key comes first, since proxies such as Ray's give a request an id of their own.
        """
        return self.key or self.request_id or self.id

    @property
    def lane(self) -> Lane:
        return Lane.IMAGES if isinstance(self.work, Painting) else Lane.CHAT

    @property
    def painting(self) -> Painting:
        """The work of a job in the lane of images."""
        return cast(Painting, self.work)

    @property
    def cost(self) -> float:
        """Pixels to be denoised; chats all count the same."""
        return float(self.work.step_cost * self.work.run_steps) if isinstance(self.work, Painting) else 1.0

    @property
    def steps_done(self) -> int:
        return next((event.step for event in self.events if isinstance(event, Progress)), 0)

    @property
    def pictures(self) -> list[Completed]:
        return [event for event in self.events if isinstance(event, Completed)]

    def tell(self, event: Event) -> None:
        """Give an event to all readers; after the end do nothing."""
        if self.end:
            return
        outdated = _REPLACES.get(type(event), ())
        self.events = [*(old for old in self.events if not isinstance(old, outdated)), event]
        for reader in self.readers:
            reader.put_nowait(event)

    def finish(self, error: EngineError | None = None) -> None:
        """End the job, once."""
        if self.end:
            return
        self.end = End(error)
        if isinstance(self.work, Painting):
            self.work = self.work.without_start()  # ended jobs are remembered for minutes, and pictures are large
        for reader in self.readers:
            reader.put_nowait(self.end)

    def forget(self, reason: EngineError) -> None:
        """Drop the job's events; who asks for it from now on gets this error."""
        self.events.clear()
        self.end = End(reason)

    def join(self) -> Reader:
        """Return a new reader: it gets the present state first, then every event up to the End."""
        reader: Reader = asyncio.Queue()
        for event in self.events:
            reader.put_nowait(event)
        if self.end:
            reader.put_nowait(self.end)
        self.readers.append(reader)
        return reader
