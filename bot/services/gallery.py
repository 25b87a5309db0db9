"""The pages of `/my pictures`: a member's finished pictures or favourites, without those whose message was deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.domain.jobs import Job
from bot.domain.picture_search import Wanted, holds, sought
from bot.services.ports.clock import Clock
from bot.services.ports.favourites import Favourites
from bot.services.ports.messaging import Gone, Thumbnails
from bot.services.ports.own_pictures import OwnPictures
from bot.services.ports.storage import JobStore, StoreUnavailable

PER_PAGE = 4
ROUNDS = 5
"""How often a page is filled again after pictures on it turned out to be gone."""

Sees = Callable[[Job], bool]
"""Whether the asker may see a picture where they ask."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture; `thumbnail` is the URL of its file, where that can be read now."""

    job: Job
    thumbnail: str | None = None
    is_favourite: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The `number`th of `pages` pages, from 0, of `total` pictures.

    `hidden` are favourites that the asker cannot see where they ask; not `whole` is a search that left old ones out.
    """

    entries: tuple[Entry, ...]
    number: int
    pages: int
    total: int
    hidden: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Listed:
    """The pictures of one page, as the database knows them."""

    jobs: list[Job]
    number: int
    total: int
    hidden: int = 0
    whole: bool = True


class Gallery:
    """Lists pictures for the one who asks."""

    def __init__(
        self, *, jobs: JobStore, favourites: Favourites, own: OwnPictures, thumbnails: Thumbnails, clock: Clock
    ) -> None:
        self._jobs, self._favourites, self._own = jobs, favourites, own
        self._thumbnails, self._clock = thumbnails, clock

    async def page(self, user_id: int, wanted: Wanted, number: int, sees: Sees) -> Page:
        """Return a page of what is wanted of this user's, the last one where there are fewer."""
        looked: dict[str, Entry | None] = {}
        for _ in range(ROUNDS):
            listed = await self._list(user_id, wanted, number, sees)
            new = [job for job in listed.jobs if job.id not in looked]
            entries = await asyncio.gather(*(self._look(job) for job in new))
            looked |= zip((job.id for job in new), entries, strict=True)
            gone = [job for job in listed.jobs if looked[job.id] is None]
            for job in gone:
                if job.message_id is not None:
                    with suppress(StoreUnavailable):  # it is left out of the page all the same
                        await self._jobs.set_deleted(job.message_id, self._clock.now())
            if not gone:
                break
        there = [entry for job in listed.jobs if (entry := looked[job.id])]
        kept = await self._favourites.among(user_id, [entry.job.id for entry in there])
        shown = tuple(Entry(entry.job, entry.thumbnail, entry.job.id in kept) for entry in there)
        return Page(shown, listed.number, _pages(listed.total), listed.total, listed.hidden, listed.whole)

    async def _list(self, user_id: int, wanted: Wanted, number: int, sees: Sees) -> _Listed:
        words = sought(wanted.words)
        if wanted.favourites:
            kept = await self._favourites.of_user(user_id)
            seen = [job for job in kept if sees(job)]
            found = [job for job in seen if holds(job, words)]
            number = _within(number, len(found))
            page = found[number * PER_PAGE :][:PER_PAGE]
            return _Listed(page, number, len(found), hidden=len(kept) - len(seen))
        if words:
            ids, whole = await self._own.search(user_id, words)
            number = _within(number, len(ids))
            jobs = [await self._jobs.get(id_) for id_ in ids[number * PER_PAGE :][:PER_PAGE]]
            return _Listed([job for job in jobs if job], number, len(ids), whole=whole)
        total = await self._jobs.count_of_user(user_id)
        number = _within(number, total)
        return _Listed(await self._jobs.of_user(user_id, number * PER_PAGE, PER_PAGE), number, total)

    async def _look(self, job: Job) -> Entry | None:
        """Return None for a picture that is gone; the answer to an interaction may be there unseen."""
        try:
            return Entry(job, await self._thumbnails.thumbnail(job))
        except Gone:
            return Entry(job) if job.token else None


def _pages(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


def _within(number: int, total: int) -> int:
    return min(max(0, number), _pages(total) - 1)
