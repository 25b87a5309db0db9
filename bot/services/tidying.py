"""Takes what erased rows left in unused places of the database's file, and makes old start pictures small.

Invariant: nobody waits for it, and all erases of one hour are tidied up after together.
"""

from __future__ import annotations

import asyncio

import structlog

from bot.services.ports.personal import Records
from bot.services.ports.pictures import OldStartPictures, PictureInvalid, Pixels
from bot.services.ports.storage import StoreUnavailable

log = structlog.get_logger(__name__)

EVERY_S = 3_600.0


class Tidying:
    """Runs beside everything else. The database itself knows whether something was erased since."""

    def __init__(self, records: Records, old_starts: OldStartPictures, pixels: Pixels) -> None:
        self._records, self._old_starts, self._pixels = records, old_starts, pixels

    async def run(self) -> None:
        """Tidy at the start and every EVERY_S where something was erased, for ever."""
        await self.shrink_old_starts()
        while True:
            try:
                await self.tidy()
            except StoreUnavailable as error:
                log.error("erase.untidy", detail=str(error))
            except Exception:
                log.exception("erase.untidy")
            await asyncio.sleep(EVERY_S)

    async def tidy(self) -> None:
        """Tidy where something was erased. Raises StoreUnavailable."""
        if await self._records.untidy():
            await self._records.tidy()
            log.info("erase.tidied")

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
