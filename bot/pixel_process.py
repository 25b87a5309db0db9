"""Decodes pictures in a process of their own, two at most at a time, so that no file can bloat or crash the bot."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import structlog

from bot.services.ports import PICTURE_REASONS, PictureInvalid

log = structlog.get_logger(__name__)

AT_ONCE = 2
TIMEOUT_S = 30.0
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MAX_WORDS_BYTES = 2_000
BLOCK_BYTES = 256 * 1024
SCRIPT = Path(__file__).with_name("pixels.py")
ENVIRONMENT = ("HOME", "LANG", "PATH", "PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What finds Python and its packages, and no secret."""


class PixelProcess:
    """The port `Pixels`, each call a process that ends with it."""

    def __init__(self, timeout_s: float = TIMEOUT_S, script: Path = SCRIPT) -> None:
        # Run as a file, and -P: neither the current directory nor the file's can put a module in front of Python's own.
        self._command = [sys.executable, "-P", str(script)]
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def clean(self, data: bytes) -> bytes:
        return await self._run(data, "clean")

    async def fit(self, data: bytes, limit: int) -> bytes:
        return data if len(data) <= limit else await self._run(data, "fit", str(limit))

    async def _run(self, data: bytes, *arguments: str) -> bytes:
        async with self._slots:
            environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec(
                *self._command, *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
            )
            try:
                async with asyncio.timeout(self._timeout_s):
                    result, words = await _exchange(process, data)
                    code = await process.wait()
            except TimeoutError as error:
                raise PictureInvalid("slow") from error
            finally:
                await _end(process)
        if code == 0 and 0 < len(result) <= MAX_OUTPUT_BYTES:
            return result
        # The decoders' own libraries may have written there before.
        reason, _, detail = words.decode("utf-8", "replace").strip().rpartition("\n")[2].partition(" ")
        log.info("pixels.refused", operation=arguments[0], exit_code=code, reason=reason, detail=detail[-300:])
        if -code in (signal.SIGXCPU, signal.SIGKILL):
            raise PictureInvalid("slow")
        raise PictureInvalid(reason if reason in PICTURE_REASONS else "broken")


async def _exchange(process: asyncio.subprocess.Process, data: bytes) -> tuple[bytes, bytes]:
    """Feed the process and take what it answers, all at once, since either side may wait for the other."""
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    if not (stdin and stdout and stderr):
        raise RuntimeError("the process was started without pipes")
    async with asyncio.TaskGroup() as group:
        group.create_task(_feed(stdin, data))
        result = group.create_task(_read(stdout, MAX_OUTPUT_BYTES))
        words = group.create_task(_read(stderr, MAX_WORDS_BYTES))
    return result.result(), words.result()


async def _feed(stream: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(ConnectionError):  # it has seen enough
        view = memoryview(data)
        for start in range(0, len(view), BLOCK_BYTES):
            stream.write(view[start : start + BLOCK_BYTES])
            await stream.drain()
        stream.close()
        await stream.wait_closed()


async def _read(stream: asyncio.StreamReader, most: int) -> bytes:
    """Read to the end; of what is over `most` bytes the first block alone is kept, to tell that there was more."""
    kept = bytearray()
    while block := await stream.read(BLOCK_BYTES):
        if len(kept) <= most:
            kept += block
    return bytes(kept)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
