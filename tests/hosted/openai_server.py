"""A server on 127.0.0.1 in the shapes that OpenAI publishes for images and chat, and as strict about them.

Invariant: what it records is what came over the wire; a parameter that a model does not know is refused with 400.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes import PNG, SPEC
from tests.hosted.strictness import CHATS, PAINTERS, Painter, Refusal, check_chat, check_painting

KEY = "sk-test-0123456789abcdefghij"
B64 = base64.b64encode(PNG).decode()
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Recorded:
    path: str
    headers: dict[str, str]
    fields: dict[str, Any]
    files: dict[str, list[tuple[str, str, bytes]]] = field(default_factory=dict)
    """By the field's name, in their order: the name, the type and the bytes of each."""


@dataclass
class OpenAIServer:
    """`tolerant` makes it like vLLM: any model name, and fields that it does not know are passed over.

    `next` are answers for the next POSTs, each once; `listing` answers GET /v1/models where set; `content` is what the
    language model says.
    """

    tolerant: bool = False
    key: str = KEY
    requests: list[Recorded] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """What it said of each request that it did not take."""
    next: list[Answer] = field(default_factory=list)
    listing: Answer | None = None
    content: str = json.dumps(SPEC)
    finish_reason: str = "stop"
    refusal: str | None = None
    port: int = 0

    @property
    def url(self) -> str:
        """Reaches this machine, and is none of the addresses that count as it: like a service elsewhere."""
        return f"http://0.0.0.0:{self.port}/v1"

    @property
    def loopback(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def sent(self, path: str) -> list[Recorded]:
        return [request for request in self.requests if request.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.method == "GET":
                return await self._models(request)
            recorded = await _record(request)
            self.requests.append(recorded)
            if self.next:
                return await self.next.pop(0)(request)
            if request.headers.get("Authorization") != f"Bearer {self.key}":
                raise Refusal("Incorrect API key provided: sk-wrong***.", code="invalid_api_key", status=401)
            if request.path == "/v1/chat/completions":
                return await self._chat(request, recorded.fields)
            if request.path in ("/v1/images/generations", "/v1/images/edits"):
                return await self._paint(request, recorded)
            raise Refusal(f"Unknown request URL: POST {request.path}.", code="unknown_url", status=404)
        except Refusal as refusal:
            self.refusals.append(str(refusal))
            return web.json_response({"error": refusal.body}, status=refusal.status)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/v1/models":
            raise Refusal(f"Unknown request URL: GET {request.path}.", code="unknown_url", status=404)
        if self.listing:
            return await self.listing(request)
        names = ["the-only-one"] if self.tolerant else [*PAINTERS, *CHATS]
        data = [{"id": name, "object": "model", "created": 1, "owned_by": "system"} for name in names]
        return web.json_response({"object": "list", "data": data})

    async def _chat(self, request: web.Request, fields: dict[str, Any]) -> web.StreamResponse:
        if not self.tolerant:
            check_chat(fields)
        if fields.get("stream"):
            return await self._stream_chat(request)
        message = {"role": "assistant", "content": None if self.refusal else self.content, "refusal": self.refusal}
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason, "logprobs": None}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return web.json_response(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": int(time.time()),
                "model": fields.get("model"),
                "choices": [choice],
                "usage": usage,
            }
        )

    async def _stream_chat(self, request: web.Request) -> web.StreamResponse:
        """Send the answer in two pieces, as OpenAI's chunks."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        half = len(self.content) // 2
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "", "refusal": None}]
        deltas += (
            [{"refusal": self.refusal}]
            if self.refusal
            else [{"content": self.content[:half]}, {"content": self.content[half:]}]
        )
        choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
        for choice in [*choices, {"index": 0, "delta": {}, "finish_reason": self.finish_reason}]:
            chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice]}
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _paint(self, request: web.Request, recorded: Recorded) -> web.StreamResponse:
        fields, edits = recorded.fields, request.path.endswith("edits")
        painter = Painter(set(), always_b64=True) if self.tolerant else check_painting(fields, recorded.files, edits)
        size = fields.get("size", "1024x1024")
        count = int(fields.get("n", 1))
        told = {"created": int(time.time()), "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}
        if painter.always_b64 and not self.tolerant:
            told |= {"background": "opaque", "output_format": "png", "quality": "high", "size": size}
        if fields.get("stream") in (True, "true") and not self.tolerant:
            return await _stream(request, "image_edit" if edits else "image_generation", fields, size)
        b64 = painter.always_b64 or fields.get("response_format") == "b64_json"
        picture = {"b64_json": B64} if b64 else {"url": "https://pictures.example/1.png"}
        return web.json_response(told | {"data": [picture] * count})


@asynccontextmanager
async def serving(server: OpenAIServer) -> AsyncIterator[OpenAIServer]:
    """Run the server on a free port of 127.0.0.1."""
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", server.port)
        await site.start()
        server.port = runner.addresses[0][1]
        yield server
    finally:
        await runner.cleanup()


async def _record(request: web.Request) -> Recorded:
    headers = dict(request.headers)
    if request.content_type != "multipart/form-data":
        return Recorded(request.path, headers, json.loads(await request.read()))
    form = await request.post()
    fields: dict[str, Any] = {}
    files: dict[str, list[tuple[str, str, bytes]]] = {}
    for name, part in form.items():
        if isinstance(part, web.FileField):
            files.setdefault(name, []).append((part.filename, part.content_type, part.file.read()))
        elif name in fields:
            raise Refusal(f"Duplicate parameter: '{name}'.", name, "duplicate_parameter")
        else:
            fields[name] = part
    return Recorded(request.path, headers, fields, files)


async def _stream(request: web.Request, family: str, fields: dict[str, Any], size: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    common = {
        "b64_json": B64,
        "created_at": int(time.time()),
        "size": size,
        "quality": "high",
        "background": "opaque",
        "output_format": "png",
    }
    for index in range(int(fields.get("partial_images", 0))):
        await _event(response, {"type": f"{family}.partial_image", **common, "partial_image_index": index})
        await asyncio.sleep(0)
    usage = {
        "total_tokens": 2,
        "input_tokens": 1,
        "output_tokens": 1,
        "input_tokens_details": {"text_tokens": 1, "image_tokens": 0},
    }
    await _event(response, {"type": f"{family}.completed", **common, "usage": usage})
    return response


async def _event(response: web.StreamResponse, event: dict[str, Any]) -> None:
    await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None, kind: str = "") -> Answer:
    """Return what answers once with this body: text as it is, all else as JSON."""

    async def respond(request: web.Request) -> web.StreamResponse:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, headers=headers, content_type=kind or "application/json")

    return respond


def refusing(message: str, code: str | None = None, status: int = 400, **headers: str) -> Answer:
    """Return what answers once with OpenAI's error object."""
    body = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return answer({"error": body}, status, {name.replace("_", "-"): value for name, value in headers.items()})
