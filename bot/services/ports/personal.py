"""What export and erase need of the world, as protocols."""

from __future__ import annotations

from typing import IO, Protocol

from bot.domain.jobs import Job
from bot.domain.personal_data import Erased, PostedMessage, Record


class Records(Protocol):
    """What the database holds about someone."""

    async def kept(self, user_id: int, now: float) -> Record:
        """Return all of it but the jobs; each value is None or empty where there is nothing."""

    async def jobs(self, user_id: int, before: int | None, limit: int) -> list[tuple[int, Job]]:
        """Return some jobs with their numbers, newest first, all of a smaller number than `before`."""

    async def unfinished(self, user_id: int) -> list[Job]:
        """Return the jobs on their way: the person's, and others' that come of the person's pictures."""

    async def erase(self, user_id: int, now: float, until: float | None = None) -> Erased:
        """Delete what is the person's, in many short transactions, and what others' versions hold of their words.

        With `until`, requests of later stay. The messages are what `undeleted` returns until each is forgotten. Not
        whole while a job of `unfinished` is on its way; `begun` tells of it until all is gone, after a stop too.
        """

    async def begun(self) -> list[tuple[int, float]]:
        """Return the erases that were begun and have not ended: of whom, and of requests up to when."""

    async def undeleted(self) -> list[PostedMessage]: ...

    async def forget(self, message: PostedMessage) -> None: ...

    async def untidy(self) -> bool:
        """Whether something was erased since the last `tidy`."""

    async def tidy(self) -> None:
        """Leave no byte of what was deleted in any file, while others read and write. Raises StoreUnavailable."""


class Starts(Protocol):
    async def start_images(self, job_id: str) -> tuple[bytes, ...]: ...


class Courier(Protocol):
    """Discord, as far as export and erase reach into it."""

    async def pictures(self, job: Job) -> list[tuple[str, bytes]]:
        """Return the job's picture files with their suffixes. Raises Gone, or Undeliverable."""

    async def remove(self, message: PostedMessage) -> str:
        """Delete a message; return why it stays, or the empty text where it is gone."""

    async def sweep(self, user_id: int) -> tuple[int, int]:
        """Delete all that the bot wrote to someone directly; return how many went, and how many stay."""


class Archive(Protocol):
    """One file with entries."""

    async def add(self, name: str, data: bytes, *, pack: bool = False, spare: int = 0) -> bool:
        """Add an entry, packed or as it is; False where it does not fit any more with so many bytes to spare."""

    async def close(self) -> IO[bytes]:
        """Return the file, to be read from its start and closed."""

    def discard(self) -> None: ...
