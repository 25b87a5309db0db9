"""Discord's own OpenAPI document as the judge of what the sandbox answers and of what the bot asks."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import aiohttp
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tests.openapi import as_document, document, operation

API = "/api/v10"


@dataclass
class Exchange:
    """One REST request and its answer, as they went over the wire."""

    method: str
    path: str
    asked: bytearray = field(default_factory=bytearray)
    status: int = 0
    answer: bytearray = field(default_factory=bytearray)

    @property
    def body(self) -> Any:
        """The JSON that was sent, also out of a multipart body."""
        raw = bytes(self.asked)
        if found := re.search(rb'name="payload_json".*?\r\n\r\n(.*?)\r\n--', raw, re.DOTALL):
            raw = found[1]
        return json.loads(raw) if raw else None


def recorder(exchanges: list[Exchange]) -> aiohttp.TraceConfig:
    """A trace that discord.py's own session writes its REST exchanges to."""
    trace = aiohttp.TraceConfig(trace_config_ctx_factory=SimpleNamespace)

    async def started(_: Any, context: Any, params: Any) -> None:
        context.exchange = Exchange(params.method, params.url.path)

    async def sent(_: Any, context: Any, params: Any) -> None:
        context.exchange.asked += params.chunk

    async def ended(_: Any, context: Any, params: Any) -> None:
        context.exchange.status = params.response.status
        if params.url.path.startswith(API):
            exchanges.append(context.exchange)

    async def received(_: Any, context: Any, params: Any) -> None:
        context.exchange.answer += params.chunk

    trace.on_request_start.append(started)
    trace.on_request_chunk_sent.append(sent)
    trace.on_request_end.append(ended)
    trace.on_response_chunk_received.append(received)
    return trace


def check(exchange: Exchange) -> None:
    """Fail where the request or the answer is not what the document says; nothing without the document."""
    if document() is None or exchange.status >= 500:  # outages are no part of the document
        return
    path = exchange.path.removeprefix(API)
    asked = operation(exchange.method, path)
    where = f"{exchange.method} {path} → {exchange.status}"
    if exchange.body is not None and exchange.status < 400:
        _hold_to(
            asked["requestBody"]["content"]["application/json"]["schema"],
            as_document(exchange.body),
            f"body of {where}",
        )
    found = asked["responses"].get(str(exchange.status)) or asked["responses"].get("4XX")
    assert found is not None, f"{where}: Discord does not answer so"
    if "$ref" in found:
        found = document()["components"]["responses"][found["$ref"].rsplit("/", 1)[1]]
    content = found.get("content", {}).get("application/json")
    if content is None:
        assert not exchange.answer, f"{where}: Discord sends nothing here"
        return
    _hold_to(content["schema"], json.loads(exchange.answer), where)


def _hold_to(schema: Any, value: Any, where: str) -> None:
    validator = Draft202012Validator({**schema, "components": _components()})
    worst = best_match(validator.iter_errors(value))
    assert worst is None, f"{where}: {list(worst.absolute_path)}: {worst.message[:600]}"


@lru_cache(maxsize=1)
def _components() -> Any:
    """The document's schemas, but for one slip: a form error's code is a word, as Discord's reference shows it."""
    components = copy.deepcopy(document()["components"])
    components["schemas"]["InnerErrors"]["properties"]["_errors"]["items"] = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    }
    return components
