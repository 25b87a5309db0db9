"""`/my data`: a person exports or erases all that is kept about them.

Invariant: one export or erase at a time for each person; an erase that a stop cut off, wherever it was, goes on at the
next start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from bot.domain.jobs import Job
from bot.domain.personal_data import FORBIDDEN, Erasure, PostedMessage
from bot.services.export import Archives, Export
from bot.services.orders import Orders
from bot.services.ports.clock import Clock
from bot.services.ports.messaging import Messenger, Undeliverable
from bot.services.ports.personal import Courier, Records, Starts
from bot.services.ports.storage import StoreUnavailable
from bot.services.tidying import Tidying
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

ROUNDS = 20
"""How often new requests are stopped again while an erase begins."""
TOLD_EVERY = 10

Progress = Callable[[int, int], Awaitable[None]]
"""Is told how many messages are done, and of how many."""


class Busy(Exception):
    """An export or erase of the same person's is under way."""


class CutOff(Exception):
    """The database takes nothing, or requests keep coming: the rest of an erase is done at the next start."""


class Personal:
    """Export and erase."""

    def __init__(
        self,
        *,
        records: Records,
        starts: Starts,
        courier: Courier,
        archives: Archives,
        orders: Orders,
        messenger: Messenger,
        tidying: Tidying,
        clock: Clock,
    ) -> None:
        self._records, self._starts, self._courier, self._archives = records, starts, courier, archives
        self._orders, self._messenger, self._clock = orders, messenger, clock
        self._tidying = tidying
        self._busy: set[int] = set()

    @contextmanager
    def export(self, user_id: int) -> Iterator[Export]:
        """Lend the person's export. Raises Busy."""
        with self._alone(user_id):
            yield Export(self._records, self._starts, self._courier, self._archives, user_id, self._clock.now())

    async def erase(self, user_id: int, progress: Progress) -> Erasure:
        """Stop what is on its way, delete what is kept, then delete the messages.

        Raises Busy, CutOff, StoreUnavailable.
        """
        with self._alone(user_id):
            requests, posted = await self._erase(user_id)
            log.info("erase.stored_gone", requests=requests, messages=len(posted))
            await self._tidying.after_erase()
            gone, left = await self._delete(posted, progress)
            swept, stay = await self._courier.sweep(user_id)
            if stay:
                left[FORBIDDEN] += stay
            kept = await self._records.kept(user_id, self._clock.now())
            return Erasure(
                requests, gone + swept, left, sum(use["images"] for use in kept["usage_from_before_an_erase"])
            )

    async def resume(self) -> None:
        """Go on with the erases that the last stop cut off: what is kept, then the messages."""
        for user_id, until in await self._records.begun():
            try:
                with self._alone(user_id):
                    requests, posted = await self._erase(user_id, until)
                    log.info("erase.stored_gone", requests=requests, messages=len(posted))
                    await self._tidying.after_erase()
                    await self._delete(posted)
            except (Busy, CutOff, StoreUnavailable) as error:
                log.warning("erase.not_resumed", detail=str(error))
        if posted := await self._records.undeleted():
            gone, left = await self._delete(posted)
            log.info("erase.resumed", gone=gone, left=sum(left.values()))

    async def _erase(self, user_id: int, until: float | None = None) -> tuple[int, list[PostedMessage]]:
        """Return how many requests went, and their messages. With `until`, later requests stay.

        Raises CutOff, and StoreUnavailable where nothing is erased yet.
        """
        requests, posted = 0, list[PostedMessage]()
        try:
            for _ in range(ROUNDS):
                stray = await self._stop(user_id, until)
                erased = await self._records.erase(user_id, self._clock.now(), until)
                requests += erased.requests
                known = {one.message_id for one in (*posted, *erased.posted)}
                posted += [*erased.posted, *(one for one in stray if one.message_id not in known)]
                if erased.whole:
                    return requests, posted
        except StoreUnavailable as error:
            if any(begun == user_id for begun, _ in await self._records.begun()):
                raise CutOff(str(error)) from error
            raise
        raise CutOff("requests keep coming")

    async def _stop(self, user_id: int, until: float | None) -> list[PostedMessage]:
        """Stop what is on its way, the person's and what others make of it; return messages not written down yet."""
        stray: list[PostedMessage] = []
        for job in await self._records.unfinished(user_id):
            if job.place.user_id != user_id:
                await self._orders.cancel(job.id)
            elif until is None or job.created_at <= until:
                await self._orders.abandon(job.id)
                if job.message_id is None and (message := await self._posted_message(job)):
                    stray.append(message)
        return stray

    async def _posted_message(self, job: Job) -> PostedMessage | None:
        """Return the message that was posted as its job was stopped, and not written down."""
        try:
            message = await self._messenger.find(job)
        except Undeliverable:
            return None
        return PostedMessage(message[0].channel_id, message[0].message_id) if message else None

    async def _delete(self, posted: list[PostedMessage], progress: Progress | None = None) -> tuple[int, Counter[str]]:
        """Delete messages one after the other, at the pace that Discord sets."""
        gone, left = 0, Counter[str]()
        for number, message in enumerate(posted, start=1):
            if why := await self._courier.remove(message):
                left[why] += 1
            else:
                gone += 1
            await self._records.forget(message)
            if progress and number % TOLD_EVERY == 0:
                await progress(number, len(posted))
        return gone, left

    @contextmanager
    def _alone(self, user_id: int) -> Iterator[None]:
        if user_id in self._busy:
            raise Busy
        self._busy.add(user_id)
        try:
            yield
        finally:
            self._busy.discard(user_id)
