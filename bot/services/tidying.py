"""Takes what erased rows left in unused places of the database's file, and makes old start pictures small.

Invariant: nobody but the person who erases waits for it; erases within an hour of that are tidied up after together.
"""

from __future__ import annotations

import asyncio

from bot.services.ports.clock import Clock
from bot.services.ports.personal import Records
from bot.services.ports.pictures import OldStartPictures, PictureInvalid, Pixels
from bot.services.ports.storage import StoreUnavailable
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

EVERY_S = 3_600.0


class Tidying:
    """Runs beside everything else. The database itself knows whether something was erased since."""

    def __init__(self, records: Records, old_starts: OldStartPictures, pixels: Pixels, clock: Clock) -> None:
        self._records, self._old_starts, self._pixels, self._clock = records, old_starts, pixels, clock
        self._alone = asyncio.Lock()
        self._newest = 0.0

    async def run(self) -> None:
        """Tidy at the start and every EVERY_S where something was erased, for ever."""
        await self.shrink_old_starts()
        while True:
            await self._tidy()
            await asyncio.sleep(EVERY_S)

    async def after_erase(self) -> None:
        """Tidy now, or leave it to `run` where that was done within the last EVERY_S: it reads the whole file."""
        if self._clock.now() - self._newest >= EVERY_S:
            await self._tidy()

    async def _tidy(self) -> None:
        async with self._alone:
            try:
                if await self._records.untidy():
                    self._newest = self._clock.now()
                    await self._records.tidy()
                    log.info("erase.tidied")
            except StoreUnavailable as error:
                log.error("erase.untidy", detail=str(error))
            except Exception:
                log.exception("erase.untidy")

    async def shrink_old_starts(self) -> None:
        """Keep start pictures from before there were budgets as new ones are kept; one that is damaged as it is."""
        try:
            while found := await self._old_starts.first():
                job_id, image = found
                try:
                    image = await self._pixels.clean(image)
                except PictureInvalid as error:
                    log.warning("start_picture.kept_as_it_is", job_id=job_id, reason=error.reason)
                await self._old_starts.move(job_id, image)
        except StoreUnavailable as error:
            log.warning("start_pictures.not_moved", detail=str(error))
