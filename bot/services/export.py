"""Exports what the database and Discord hold of one person, as ZIP files that each fit Discord's upload limit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from typing import IO

from bot.domain.jobs import Job, JobState
from bot.domain.personal_data import GONE, LARGE, MANY, UNREACHABLE, UNREADABLE, Record, iso, job_record
from bot.domain.picture_file import suffix
from bot.services.ports.messaging import Gone, Undeliverable
from bot.services.ports.personal import Archive, Courier, Records, Starts
from bot.services.ports.storage import Unreadable

JOBS_A_FILE = 500
MAX_PARTS = 10
"""Discord is no place for hundreds of files; the newest pictures go first."""

Archives = Callable[[int], Archive]
Entry = tuple[str, bytes]


class Export:
    """One export; read `parts` to its end, and then the counts."""

    def __init__(
        self, records: Records, starts: Starts, courier: Courier, archives: Archives, user_id: int, now: float
    ) -> None:
        self._records, self._starts, self._courier = records, starts, courier
        self._archives, self._user_id, self._now = archives, user_id, now
        self.requests, self.pictures, self.still_counting = 0, 0, 0
        self.left: Counter[str] = Counter()
        self._why: dict[str, str] = {}

    async def parts(self, limit: int) -> AsyncGenerator[IO[bytes], None]:
        """Yield each file of at most `limit` bytes, to be closed by whoever takes it; none where nothing is kept."""
        kept = await self._records.kept(self._user_id, self._now)
        page = await self._records.jobs(self._user_id, None, JOBS_A_FILE)
        self.still_counting = sum(use["images"] for use in kept["usage_from_before_an_erase"])
        if not page and not any(value for name, value in kept.items() if name != "usage_from_before_an_erase"):
            return
        archive, number, spare = self._archives(limit), 1, 0  # the last file has room for the list of what is left out
        try:
            async for name, data in self._entries(kept, page):
                pack = name.endswith(".json")
                if await archive.add(name, data, pack=pack, spare=spare):
                    self._count(name)
                    continue
                if number >= MAX_PARTS and not pack:
                    self._leave(name, MANY)
                    continue
                yield await archive.close()
                number += 1
                archive, spare = self._archives(limit), limit // 8 if number == MAX_PARTS else 0
                if await archive.add(name, data, pack=pack, spare=spare):
                    self._count(name)
                else:
                    self._leave(name, LARGE)
            if self._why and not await archive.add("left-out.json", _json(self._why), pack=True):
                yield await archive.close()
                archive = self._archives(limit)
                await archive.add("left-out.json", _json(self._why), pack=True)
            yield await archive.close()
        except BaseException:
            archive.discard()
            raise

    async def _entries(self, kept: Record, page: list[tuple[int, Job]]) -> AsyncGenerator[Entry, None]:
        about = {"user_id": str(self._user_id), "made_at": iso(self._now)}
        first = page
        yield "data.json", _json({**about, **kept, "jobs": [job_record(job) for _, job in page]})
        number = 1
        while len(page) == JOBS_A_FILE:
            page = await self._records.jobs(self._user_id, page[-1][0], JOBS_A_FILE)
            number += 1
            if page:
                yield f"jobs-{number}.json", _json([job_record(job) for _, job in page])
        page = first
        while page:
            for _, job in page:
                async for entry in self._files(job):
                    yield entry
            more = len(page) == JOBS_A_FILE
            page = await self._records.jobs(self._user_id, page[-1][0], JOBS_A_FILE) if more else []

    async def _files(self, job: Job) -> AsyncGenerator[Entry, None]:
        """Yield the pictures that a job started from, and those that came of it."""
        self.requests += 1
        try:
            starts = await self._starts.start_images(job.id)
            for number, start in enumerate(starts, start=1):
                which = "mask" if job.order.masked and number == len(starts) > 1 else str(number)
                name = f"starts/{job.id}" if number == 1 else f"starts/{job.id}-{which}"
                yield f"{name}.{suffix(start)}", start
        except Unreadable:
            self._leave(f"starts/{job.id}", UNREADABLE)
        if job.state is not JobState.DONE:
            return
        name = f"pictures/{job.id}"
        if job.deleted_at is not None or job.message_id is None:
            self._leave(name, GONE, job.order.count)
            return
        if self.left[MANY]:
            self._leave(name, MANY, job.order.count)
            return
        try:
            files = await self._courier.pictures(job)
        except Gone:
            self._leave(name, GONE, job.order.count)
            return
        except Undeliverable:
            self._leave(name, UNREACHABLE, job.order.count)
            return
        for index, (ending, data) in enumerate(files, start=1):
            yield f"{name}-{index}.{ending}", data

    def _count(self, name: str) -> None:
        self.pictures += name.startswith("pictures/")

    def _leave(self, name: str, why: str, count: int = 1) -> None:
        self._why[name] = why
        self.left[why] += count


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
