"""A Unix socket before the engine's, through which every connection of the bot goes, and can be cut."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

BLOCK_BYTES = 1 << 16


class Proxy:
    """Passes bytes on both ways. A connection that is cut ends for both sides, without a goodbye."""

    def __init__(self, path: Path, behind: Path) -> None:
        self.path, self._behind = path, behind
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._closed = False

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def cut(self, seconds: float = 0.0) -> None:
        """Cut every connection, and take none for so long."""
        self._closed = True
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(seconds)
        self._closed = False

    async def stop(self) -> None:
        await self.cut()
        if self._server:
            self._server.close()
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            there, to_engine = await asyncio.open_unix_connection(self._behind)
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(to_engine)
        await asyncio.gather(_pass(reader, to_engine), _pass(there, writer))
        self._open -= {writer, to_engine}


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on until one side ends; then the other ends, too."""
    with suppress(OSError):
        while block := await reader.read(BLOCK_BYTES):
            writer.write(block)
            await writer.drain()
    with suppress(OSError):
        writer.close()
