"""One picture of a set as a message of its own: at once, unpainted, uncounted, and each only once.

Invariant: the row comes before the message, and there is one for each picture; so of two presses at the same moment,
and of one after a crash in between, only one posts.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.domain.jobs import Job, JobState, Kind, Painted, Place
from bot.domain.progress import Finished
from bot.services.ports.clock import Clock
from bot.services.ports.messaging import Messenger, Posted
from bot.services.ports.moderation import Gate
from bot.services.ports.storage import JobStore
from bot.services.retry import written
from bot.services.versions import check_finished
from engine.api.light_structlog import structlog
from engine.api.messages import MAX_SEED

log = structlog.get_logger(__name__)

GONE_A_PICTURE = 3
"""How often a picture may be posted and deleted, on average of its set: no limit counts these posts."""

Fetch = Callable[[], Awaitable[bytes]]
Post = Callable[[Job, Finished], Awaitable[Posted]]


class PickedOften(Exception):
    """Pictures of this set were posted and deleted so often that there are no more posts of them."""


class Picks:
    """Posts single pictures of sets."""

    def __init__(self, *, jobs: JobStore, messenger: Messenger, gate: Gate, clock: Clock) -> None:
        self._jobs, self._messenger, self._gate, self._clock = jobs, messenger, gate, clock
        self._turns: defaultdict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: dict[tuple[str, int], int] = defaultdict(int)

    async def pick(
        self, parent: Job, index: int, presser: Place, fetch: Fetch, post: Post | None = None, token: str | None = None
    ) -> Job | None:
        """Post picture `index` of the parent's, which `fetch` reads; return the job where it was posted before.

        `post` takes the place of the messenger's, with the `token` of the interaction, as for private pictures. The
        picture stays its requester's, whoever pressed. Raises NotFinished, WordsGone, Barred, PickedOften,
        Undeliverable, and what `fetch` raises.
        """
        check_finished(parent)
        which = parent.id, index
        self._waiting[which] += 1
        try:
            async with self._turns[which]:
                return await self._pick(parent, index, presser, fetch, post or self._messenger.post, token)
        finally:
            self._waiting[which] -= 1
            if not self._waiting[which]:
                del self._waiting[which], self._turns[which]

    async def _pick(
        self, parent: Job, index: int, presser: Place, fetch: Fetch, post: Post, token: str | None
    ) -> Job | None:
        picked = await self._jobs.picked(parent.id, index)
        if picked is None:
            picked = replace(_picture_of(parent, index, self._clock.now()), token=token)
            await self._gate.check(replace(picked.order, photos_of=()), presser)
            if await self._jobs.gone_picks(parent.id) >= GONE_A_PICTURE * parent.order.count:
                raise PickedOften
            picture = await fetch()
            await self._jobs.add_pick(picked)
        elif picked.message_id is not None:
            return picked
        else:  # a crash, or Discord, came between the row and its message
            if not picked.order.private and (found := await self._messenger.find(picked)):
                picked = picked.posted(found[0].channel_id, found[0].message_id)
                await self._jobs.set_posted(picked)
                return picked
            picture = await fetch()
        painted = picked.painted or Painted("", "", 0.0)
        posted = await post(picked, Finished((picture,), painted))
        picked = picked.posted(posted.channel_id, posted.message_id, answer=posted.answer)
        await written(partial(self._jobs.set_posted, picked))  # it is seen: a busy disk is waited for
        log.info("picture.picked", job_id=picked.id)
        return None


def _picture_of(parent: Job, index: int, now: float) -> Job:
    """Return the job that shows one picture of the parent's."""
    seed = (parent.seed + index) % (MAX_SEED + 1)
    order = replace(parent.order, count=1, seed=seed, kind=Kind.PICK, base=None, of_picture=index + 1)
    return Job(
        secrets.token_hex(16), order, parent.place, seed, JobState.DONE, now,
        parent_id=parent.id, painted=parent.painted, ended_at=now,
    )  # fmt: skip
