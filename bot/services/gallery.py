"""The pages of `/my pictures`: a member's finished pictures, newest first, without those whose message was deleted."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from bot.domain.jobs import Job
from bot.services.ports.clock import Clock
from bot.services.ports.messaging import Gone, Thumbnails
from bot.services.ports.storage import JobStore, StoreUnavailable

PER_PAGE = 4
ROUNDS = 5
"""How often a page is filled again after pictures on it turned out to be gone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture; `thumbnail` is the URL of its file, where that can be read now."""

    job: Job
    thumbnail: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The `number`th of `pages` pages, from 0, of `total` pictures."""

    entries: tuple[Entry, ...]
    number: int
    pages: int
    total: int


async def gallery(jobs: JobStore, thumbnails: Thumbnails, clock: Clock, user_id: int, number: int) -> Page:
    """Return a page of this user's pictures, the last one where there are fewer."""
    looked: dict[str, Entry | None] = {}
    for _ in range(ROUNDS):
        total = await jobs.count_of_user(user_id)
        pages = max(1, -(-total // PER_PAGE))
        number = min(max(0, number), pages - 1)
        page = await jobs.of_user(user_id, number * PER_PAGE, PER_PAGE)
        new = [job for job in page if job.id not in looked]
        entries = await asyncio.gather(*(_look(thumbnails, job) for job in new))
        looked |= zip((job.id for job in new), entries, strict=True)
        gone = [job for job in page if looked[job.id] is None]
        for job in gone:
            if job.message_id is not None:
                with suppress(StoreUnavailable):  # it is left out of the page all the same
                    await jobs.set_deleted(job.message_id, clock.now())
        if not gone:
            break
    return Page(tuple(entry for job in page if (entry := looked[job.id])), number, pages, total)


async def _look(thumbnails: Thumbnails, job: Job) -> Entry | None:
    """Return None for a picture that is gone; the answer to an interaction may be there unseen."""
    try:
        return Entry(job, await thumbnails.thumbnail(job))
    except Gone:
        return Entry(job) if job.token else None
