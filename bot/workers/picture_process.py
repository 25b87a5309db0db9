"""Decodes pictures in child processes, two at a time, so that no file can bloat or crash the bot."""

from __future__ import annotations

from pathlib import Path

from bot.services.ports.pictures import PICTURE_REASONS, PictureInvalid
from bot.workers.child_process import Script, ScriptFailed
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

AT_ONCE = 2
TIMEOUT_S = 30.0
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
LENGTH = 8
"""Bytes in which the length of each file stands, where there are two."""
SCRIPT = Path(__file__).with_name("picture_decoder.py")


class PictureProcess:
    """Implements services.ports.pictures.Pixels."""

    def __init__(self, timeout_s: float = TIMEOUT_S, script: Path = SCRIPT) -> None:
        self._script = Script(script, at_once=AT_ONCE, timeout_s=timeout_s, most=MAX_OUTPUT_BYTES)

    async def clean(self, data: bytes) -> bytes:
        return await self._run(data, "clean")

    async def keep(self, data: bytes, most: int) -> bytes:
        return await self._run(data, "keep", str(most))

    async def fit(self, data: bytes, limit: int) -> bytes:
        return data if len(data) <= limit else await self._run(data, "fit", str(limit))

    async def mask(self, picture: bytes, mask: bytes) -> bytes:
        return await self._run(picture + mask, "mask", str(len(picture)))

    async def grid(self, picture: bytes) -> bytes:
        return await self._run(picture, "grid")

    async def cells(self, picture: bytes, chosen: int) -> bytes:
        return await self._run(picture, "cells", str(chosen))

    async def surround(self, picture: bytes, size: tuple[int, int], share: float) -> tuple[bytes, bytes]:
        both = await self._run(picture, "surround", *map(str, size), str(round(share * 1_000)))
        until = LENGTH + int.from_bytes(both[:LENGTH], "big")
        return both[until + LENGTH :], both[LENGTH:until]

    async def convert(self, data: bytes, kind: str) -> bytes:
        """Return the picture as a file of this kind: png, jpg or webp. Raises PictureInvalid."""
        return await self._run(data, "convert", kind)

    async def _run(self, data: bytes, *arguments: str) -> bytes:
        try:
            return await self._script.run(data, *arguments)
        except ScriptFailed as error:
            reason, _, detail = error.words.partition(" ")
            log.info(
                "pixels.refused", operation=arguments[0], exit_code=error.code, reason=reason, detail=detail[-300:]
            )
            if error.slow:
                raise PictureInvalid("slow") from error
            sizes = tuple(detail.split()) if reason == "mask-shape" else ()
            raise PictureInvalid(reason if reason in PICTURE_REASONS else "broken", sizes) from error
