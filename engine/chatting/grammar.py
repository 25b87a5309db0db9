"""The grammar that an answer must keep to, from the request's response_format; free of torch.

Invariant: the event loop never compiles a schema; each schema is compiled once, in a process with a budget of time and
memory.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256

import msgspec

from engine.api.errors import BadRequest, Internal
from engine.api.light_structlog import structlog
from engine.api.messages import JsonSchema, ResponseFormat
from engine.chatting import schema_compiler
from engine.chatting.schema_compiler import COMPILED, REFUSED, TOO_MUCH

WALL_S = 30.0
"""Beside the budget of CPU seconds, which a process on a crowded machine takes long to use up."""
MAX_PROCESSES = 2
KEPT_GRAMMARS = 64
INHERITED = ("PATH", "LD_LIBRARY_PATH")

log = structlog.get_logger()


class GrammarCompiler:
    """Compiles the schemas of requests and keeps the last grammars and refusals."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        """The compiler's output by the schema's hash, the least recently used first."""
        self._slots = asyncio.Semaphore(MAX_PROCESSES)

    async def compile(self, wanted: ResponseFormat | None) -> str | None:
        """Return the grammar for llguidance; None where any text will do.

        Raises BadRequest for a schema that llguidance lacks or that the budget does not suffice for.
        """
        if wanted is None or wanted.type == "text":
            return None
        if wanted.type == "json_object":
            wanted = ResponseFormat("json_schema", JsonSchema("object", {"type": "object"}))
        if wanted.json_schema is None:
            raise BadRequest("response_format: json_schema is missing.", param="response_format")
        output = await self._output(msgspec.json.encode(wanted.json_schema.schema))
        if output.startswith(COMPILED):
            return output.removeprefix(COMPILED).decode()
        reason = output.removeprefix(REFUSED).decode(errors="replace").rstrip(".")
        raise BadRequest(f"response_format: this schema cannot be kept to: {reason}.", param="response_format")

    async def _output(self, schema: bytes) -> bytes:
        key = sha256(schema).digest()
        if key not in self._kept:
            async with self._slots:
                if key not in self._kept:
                    self._kept[key] = await _run(schema)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT_GRAMMARS:
            self._kept.popitem(last=False)
        return self._kept[key]


async def _run(schema: bytes) -> bytes:
    """Return the output of the compiler for a schema. Raises Internal where its process cannot be started."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",  # neither the working directory nor PYTHONPATH gives it modules
            schema_compiler.__file__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
        )
    except OSError as error:
        raise Internal(f"The schema's compiler cannot be started: {error.strerror}.") from error
    output = b""
    try:
        async with asyncio.timeout(WALL_S):
            output, _ = await process.communicate(schema)
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if output[:1] in (COMPILED, REFUSED):
        return output
    log.warning("schema.over_budget", exit_code=process.returncode, schema_bytes=len(schema))
    return REFUSED + TOO_MUCH
