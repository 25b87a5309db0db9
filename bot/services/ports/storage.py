"""What the services need of the database for jobs, members and the quota ledger, as protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Painted, Place
from bot.domain.preferences import Preferences
from bot.domain.progress import Reason
from bot.domain.quota import AtOnce, Refusal, Use

ADMIT_S = 2.5
"""So soon an order is on disk or refused; Discord waits three seconds for an answer."""


class StoreUnavailable(Exception):
    """The database cannot be written, as on a full or read-only disk; nothing was changed."""


class WordsChanged(Exception):
    """The server has other blocked words than those that an order was compared with; nothing was changed."""


class Unreadable(Exception):
    """What is kept cannot be read, as where it was sealed with a key that is lost."""


class JobStore(Protocol):
    async def get(self, job_id: str) -> Job | None: ...

    async def unfinished(self) -> list[Job]:
        """Return the jobs that have not ended, oldest first, but for those that `unreadable` returns."""

    async def unreadable(self) -> list[Job]:
        """Return the jobs that have not ended and whose words cannot be read; they have none."""

    async def by_message(self, message_id: int) -> Job | None: ...

    async def set_posted(self, job: Job) -> None: ...

    async def set_understood(self, job: Job) -> None: ...

    async def set_painted(self, job: Job, painted: Painted) -> None:
        """Keep how the pictures were made, before they are delivered."""

    async def picked(self, parent_id: str, index: int) -> Job | None:
        """Return the job that shows this picture of a set by itself, where its message is not known to be gone."""

    async def add_pick(self, job: Job) -> None:
        """Insert a job that has ended: one picture of its parent's set, which counts against no limit."""

    async def gone_picks(self, parent_id: str) -> int:
        """Return how many pictures of a set were picked, deleted, and picked again."""

    async def untold(self) -> list[tuple[Job, Reason]]:
        """Return the jobs that ended without their message saying so, and why they ended, oldest first."""

    async def set_told(self, job_id: str) -> None:
        """Note that there is no more to say about a job's end."""

    async def start_images(self, job_id: str) -> tuple[bytes, ...]: ...

    async def ancestors(self, job_id: str, limit: int = 25) -> list[Job]: ...

    async def of_user(self, user_id: int, offset: int, limit: int) -> list[Job]:
        """Return this user's finished jobs whose message is not known to be gone, newest first."""

    async def count_of_user(self, user_id: int) -> int:
        """Return how many jobs `of_user` has for this user."""

    async def is_first(self, job: Job) -> bool:
        """Whether nothing else is known that the job's requester asked for."""

    async def set_deleted(self, message_id: int, at: float) -> Job | None: ...


class Members(Protocol):
    async def get(self, user_id: int) -> Preferences: ...

    async def set(self, user_id: int, preferences: Preferences) -> None: ...


class QuotaLedger(Protocol):
    async def reserve(
        self, job: Job, host: Host, starts: Sequence[bytes] = (), words: tuple[str, ...] = (), model: str = ""
    ) -> Account | Refusal | AtOnce:
        """Insert the job, with the pictures that it starts from, and hold its own, in one transaction.

        Return the requester's account with them, or why not, having changed nothing. `words` are the server's blocked
        words that the job's texts were compared with, `model` is the one that paints, where that is known. Raises
        Barred, WordsChanged where there are others by now, and StoreUnavailable after ADMIT_S.
        """

    async def refusal(
        self, place: Place, asked: int, now: float, host: Host, model: str = ""
    ) -> Refusal | AtOnce | None:
        """Return why `reserve` would not take so many pictures as things stand; None where it would."""

    async def settle(
        self, job_id: str, end: JobState, at: float, painted: Painted | None = None, untold: Reason | None = None
    ) -> bool:
        """End the job and spend or release what it held, in one transaction. False when it had ended before.

        `untold` is why it ended, where its message is still to say so. Without `painted`, what set_painted kept stays.
        """

    async def uses(self, user_id: int, guild_id: int | None, since: float) -> list[Use]:
        """Return what counts against this user there since that time: held and spent, not released."""

    async def account(self, place: Place, now: float) -> Account:
        """Return what the member there has used and under which rules."""
