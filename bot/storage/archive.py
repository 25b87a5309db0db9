"""ZIP files for an export, each within Discord's upload limit; written in threads, to files without a name.

Invariant: one entry at a time is in memory, and nothing is left on the disk when the file is closed or the bot dies.
"""

from __future__ import annotations

import asyncio
import tempfile
import zlib
from typing import IO

HEADERS = 512
"""Bytes that an entry takes beside its data and its name, generously."""


class ZipArchive:
    """Implements services.ports.personal.Archive."""

    def __init__(self, limit: int) -> None:
        from zipfile import ZipFile  # a quarter of a megabyte, which an export alone needs

        self._limit = limit
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever takes it closes it
        self._zip = ZipFile(self._file, "w")
        self._spent = HEADERS

    async def add(self, name: str, data: bytes, *, pack: bool = False, spare: int = 0) -> bool:
        return await asyncio.to_thread(self._add, name, data, pack, spare)

    async def close(self) -> IO[bytes]:
        await asyncio.to_thread(self._zip.close)
        self._file.seek(0)
        return self._file

    def discard(self) -> None:
        self._file.close()

    def _add(self, name: str, data: bytes, pack: bool, spare: int) -> bool:
        from zipfile import ZIP_DEFLATED, ZIP_STORED

        size = len(data) if not pack or self._fits(name, len(data) + spare) else len(zlib.compress(data))
        if not self._fits(name, size + spare):
            return False
        self._zip.writestr(name, data, ZIP_DEFLATED if pack else ZIP_STORED)
        self._spent = self._file.tell() + HEADERS * (len(self._zip.namelist()) + 1)
        return True

    def _fits(self, name: str, size: int) -> bool:
        return self._spent + size + 4 * len(name) + HEADERS <= self._limit
