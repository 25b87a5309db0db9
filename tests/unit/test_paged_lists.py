"""Pages turned as fast as one can press: only the newest page's pictures are asked for at Discord."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from bot.cogs.paged_lists import PagedLists
from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.services.gallery import PER_PAGE
from bot.services.gallery import Gallery as Pictures
from bot.ui.paging import PICTURES
from tests.fakes import FakeClock


class Gallery:
    """Ada's pictures; Discord answers none of them before `go`."""

    def __init__(self) -> None:
        self.go, self.asking, self.asked = asyncio.Event(), 0, 0

    async def count_of_user(self, user_id: int) -> int:
        return 400

    async def of_user(self, user_id: int, offset: int, limit: int) -> list[Job]:
        place, painted = Place(user_id, 2, 3), Painted("1x1", "m", 1.0)
        return [
            Job(f"{number:032x}", Order("a boat"), place, 5, JobState.DONE, 1.0, message_id=number, painted=painted)
            for number in range(offset, offset + limit)
        ]

    async def among(self, user_id: int, job_ids: list[str]) -> set[str]:
        return set()

    async def thumbnail(self, job: Job) -> str | None:
        self.asking += 1
        self.asked += 1
        try:
            await self.go.wait()
        finally:
            self.asking -= 1
        return None


class Press:
    """An interaction of a member's."""

    def __init__(self, user_id: int) -> None:
        self.user, self.locale, self.shown = SimpleNamespace(id=user_id), "en-US", 0
        self.response = SimpleNamespace(defer=self._defer)

    async def _defer(self, **_: Any) -> None: ...

    async def edit_original_response(self, **_: Any) -> None:
        self.shown += 1


async def test_a_page_takes_the_place_of_the_one_that_is_still_waited_for() -> None:
    gallery = Gallery()
    made: Any = gallery
    lists_pictures = Pictures(jobs=made, favourites=made, own=made, thumbnails=made, clock=FakeClock())
    services: Any = SimpleNamespace(gallery=lists_pictures)
    lists = PagedLists(services)
    presses: list[Any] = [Press(1) for _ in range(30)]
    other: Any = Press(2)
    turning = [asyncio.create_task(lists.turn(other, PICTURES, 2, 0))]
    for number, press in enumerate(presses):
        turning.append(asyncio.create_task(lists.turn(press, PICTURES, 1, number)))
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    assert gallery.asking == 2 * PER_PAGE, "one page each"
    gallery.go.set()
    await asyncio.gather(*turning, return_exceptions=True)
    assert [press.shown for press in presses] == [0] * 29 + [1]
    assert other.shown == 1
