"""What the services need of Discord's messages, as protocols, and what goes wrong with these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.jobs import Job
from bot.domain.progress import Failed, Finished, HeldForReview, Stage, Suspended, Unknown


class Undeliverable(Exception):
    """The job's message cannot be written: it, its channel or the right to post is gone.

    Or, where it `passes`, Discord was unwell for longer than it was waited for.
    """

    def __init__(self, message: str, *, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands, and whether it answers the job's interaction."""

    channel_id: int
    message_id: int
    answer: bool = False


class Gone(Exception):
    """There is no such message any more."""


class Messenger(Protocol):
    """The one message that carries a job. All but `show`, `tell` and `confide` raise Undeliverable."""

    async def post(self, job: Job, finished: Finished | None = None) -> Posted:
        """Post the job's message and return its place; with its pictures where it is finished already."""

    def show(self, job: Job, stage: Stage) -> None:
        """Let the message show the stage soon; a newer stage replaces one not yet shown."""

    async def finish(self, job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> Posted | None:
        """Let the message show the end, that moderators come first, or that it goes on later. Safe to repeat.

        Returns another message's place where it had to be that one.
        """

    async def tell(self, job: Job, failed: Failed) -> None:
        """Tell the requester alone, where the job's message cannot; as far as they let themselves be told."""

    def confide(self, job: Job, unknown: Unknown) -> None:
        """Tell the requester alone, soon, which of their words the models do not know, where others see the message."""

    async def find(self, job: Job) -> tuple[Posted, bool] | None:
        """Return the message's place and whether it shows the pictures already; None when there is no such message."""

    async def delete(self, job: Job) -> None:
        """Delete the job's message; one that is gone already is fine."""

    async def ping(self, job: Job) -> None:
        """Tell the requester, and no one else, that a long wait is over."""


class Thumbnails(Protocol):
    async def thumbnail(self, job: Job) -> str | None:
        """Return a URL of the job's first picture that works now, or None where its message cannot be read.

        Raises Gone where there is no such message.
        """
