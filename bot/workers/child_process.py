"""Runs scripts in child processes that get no secret and end with the call: bytes in, bytes out."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAX_WORDS_BYTES = 2_000
BLOCK_BYTES = 256 * 1024
ENVIRONMENT = ("HOME", "LANG", "PATH", "PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What finds Python and its packages, and no secret."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process left: its exit code, its stdout, and the last line of its stderr."""

    code: int
    result: bytes
    words: str


class ScriptFailed(Exception):
    """A script gave no result. `words` is the last line of its stderr; `slow` tells that its time was over."""

    def __init__(self, words: str, *, slow: bool = False, code: int | None = None) -> None:
        super().__init__(words)
        self.words, self.slow, self.code = words, slow, code


class Script:
    """Runs one script, each call a process; at most `at_once` at the same time, others wait."""

    def __init__(self, script: Path, *, at_once: int, timeout_s: float, most: int) -> None:
        self._script, self._timeout_s, self._most = script, timeout_s, most
        self._slots = asyncio.Semaphore(at_once)

    async def run(self, data: bytes, *arguments: str) -> bytes:
        """Return what the script answers, at least one byte and at most `most`. Raises ScriptFailed."""
        async with self._slots:
            try:
                ended = await run_script(self._script, data, *arguments, timeout_s=self._timeout_s, most=self._most)
            except TimeoutError as error:
                raise ScriptFailed("slow", slow=True) from error
        if ended.code == 0 and 0 < len(ended.result) <= self._most:
            return ended.result
        out_of_time = -ended.code in (signal.SIGXCPU, signal.SIGKILL)
        raise ScriptFailed(ended.words, slow=out_of_time, code=ended.code)


async def run_script(script: Path, data: bytes, *arguments: str, timeout_s: float, most: int) -> Ended:
    """Feed the script and return what it answers, cut to little more than `most` bytes. Raises TimeoutError."""
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    pipe = asyncio.subprocess.PIPE
    # Run as a file, and -P: neither the current directory nor the file's can put a module in front of Python's own.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(script), *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
    )
    try:
        async with asyncio.timeout(timeout_s):
            result, words = await _exchange(process, data, most)
            code = await process.wait()
    finally:
        await _end(process)
    # The libraries used may have written there before.
    return Ended(code, result, words.decode("utf-8", "replace").strip().rpartition("\n")[2])


async def _exchange(process: asyncio.subprocess.Process, data: bytes, most: int) -> tuple[bytes, bytes]:
    """Feed the process and take what it answers, all at once, since either side may wait for the other."""
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    if not (stdin and stdout and stderr):
        raise RuntimeError("the process was started without pipes")
    async with asyncio.TaskGroup() as group:
        group.create_task(_feed(stdin, data))
        result = group.create_task(_read(stdout, most))
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
