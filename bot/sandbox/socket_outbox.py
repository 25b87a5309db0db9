"""Queues the frames of one websocket, and sends them in order from one task."""

from __future__ import annotations

import asyncio

from aiohttp import web


class Outbox:
    """Lets plain code send on a websocket without waiting for it; a socket that is gone swallows the rest."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._task = asyncio.create_task(self._pump())

    @property
    def waiting(self) -> int:
        """How many frames are not sent yet."""
        return self._waiting.qsize()

    def put(self, frame: str | bytes) -> None:
        self._waiting.put_nowait(frame)

    async def _pump(self) -> None:
        while True:
            frame = await self._waiting.get()
            try:
                if isinstance(frame, bytes):
                    await self.socket.send_bytes(frame)
                else:
                    await self.socket.send_str(frame)
            except (ConnectionError, RuntimeError):
                return

    def close(self) -> None:
        self._task.cancel()
