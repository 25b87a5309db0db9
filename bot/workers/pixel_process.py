"""Decodes pictures in a process of their own, two at most at a time, so that no file can bloat or crash the bot."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import structlog

from bot.services.ports.pictures import PICTURE_REASONS, PictureInvalid
from bot.workers.child_process import run_script

log = structlog.get_logger(__name__)

AT_ONCE = 2
TIMEOUT_S = 30.0
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
SCRIPT = Path(__file__).with_name("pixels.py")


class PixelProcess:
    """The port `Pixels`, each call a process that ends with it."""

    def __init__(self, timeout_s: float = TIMEOUT_S, script: Path = SCRIPT) -> None:
        self._script, self._timeout_s = script, timeout_s
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def clean(self, data: bytes) -> bytes:
        return await self._run(data, "clean")

    async def fit(self, data: bytes, limit: int) -> bytes:
        return data if len(data) <= limit else await self._run(data, "fit", str(limit))

    async def _run(self, data: bytes, *arguments: str) -> bytes:
        async with self._slots:
            try:
                ended = await run_script(
                    self._script, data, *arguments, timeout_s=self._timeout_s, most=MAX_OUTPUT_BYTES
                )
            except TimeoutError as error:
                raise PictureInvalid("slow") from error
        if ended.code == 0 and 0 < len(ended.result) <= MAX_OUTPUT_BYTES:
            return ended.result
        reason, _, detail = ended.words.partition(" ")
        log.info("pixels.refused", operation=arguments[0], exit_code=ended.code, reason=reason, detail=detail[-300:])
        if -ended.code in (signal.SIGXCPU, signal.SIGKILL):
            raise PictureInvalid("slow")
        raise PictureInvalid(reason if reason in PICTURE_REASONS else "broken")
