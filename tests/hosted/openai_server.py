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

KEY = "sk-test-0123456789abcdefghij"
B64 = base64.b64encode(PNG).decode()
COMMON = {"model", "prompt", "n", "size", "user"}
GPT_IMAGE = COMMON | {"background", "moderation", "output_compression", "output_format", "partial_images", "quality"}
CHAT = {"model", "messages", "seed", "top_p", "temperature", "stream", "user", "response_format", "stop"}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Painter:
    """What one image model takes."""

    fields: set[str]
    sizes: set[str] = field(default_factory=set)
    most: int = 10
    edit_fields: set[str] | None = None
    always_b64: bool = False


PAINTERS = {
    "gpt-image-1": Painter(
        GPT_IMAGE | {"stream"},
        {"auto", "1024x1024", "1536x1024", "1024x1536"},
        edit_fields=GPT_IMAGE | {"stream", "image", "image[]", "mask", "input_fidelity"},
        always_b64=True,
    ),
    "dall-e-3": Painter(
        COMMON | {"quality", "style", "response_format"}, {"1024x1024", "1792x1024", "1024x1792"}, most=1
    ),
    "dall-e-2": Painter(
        COMMON | {"response_format"},
        {"256x256", "512x512", "1024x1024"},
        edit_fields=COMMON | {"response_format", "image", "mask"},
    ),
}
CHATS = {
    "gpt-4.1-mini": CHAT | {"max_tokens", "max_completion_tokens"},
    "gpt-5-mini": CHAT - {"top_p"} | {"max_completion_tokens", "reasoning_effort"},
    "old-chat": CHAT - {"response_format", "seed"} | {"max_tokens"},
}


class Refusal(Exception):
    """OpenAI's error object."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "type": "invalid_request_error", "param": param, "code": code}


@dataclass
class Recorded:
    path: str
    headers: dict[str, str]
    fields: dict[str, Any]
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)


@dataclass
class OpenAIServer:
    """`tolerant` makes it like vLLM: any model name, and fields that it does not know are passed over.

    `next` are answers for the next POSTs, each once; `listing` answers GET /v1/models where set; `content` is what the
    language model says.
    """

    tolerant: bool = False
    key: str = KEY
    requests: list[Recorded] = field(default_factory=list)
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
                return self._chat(recorded.fields)
            if request.path in ("/v1/images/generations", "/v1/images/edits"):
                return await self._paint(request, recorded)
            raise Refusal(f"Unknown request URL: POST {request.path}.", code="unknown_url", status=404)
        except Refusal as refusal:
            return web.json_response({"error": refusal.body}, status=refusal.status)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/v1/models":
            raise Refusal(f"Unknown request URL: GET {request.path}.", code="unknown_url", status=404)
        if self.listing:
            return await self.listing(request)
        names = ["the-only-one"] if self.tolerant else [*PAINTERS, *CHATS]
        data = [{"id": name, "object": "model", "created": 1, "owned_by": "system"} for name in names]
        return web.json_response({"object": "list", "data": data})

    def _chat(self, fields: dict[str, Any]) -> web.Response:
        if not self.tolerant:
            _check_chat(fields)
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

    async def _paint(self, request: web.Request, recorded: Recorded) -> web.StreamResponse:
        fields, edits = recorded.fields, request.path.endswith("edits")
        painter = Painter(set(), always_b64=True) if self.tolerant else _check_painting(recorded, edits)
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
    files = {
        name: (part.filename, part.content_type, part.file.read())
        for name, part in form.items()
        if isinstance(part, web.FileField)
    }
    return Recorded(request.path, headers, {name: form[name] for name in form if name not in files}, files)


def _check_painting(recorded: Recorded, edits: bool) -> Painter:
    fields = recorded.fields
    painter = PAINTERS.get(fields.get("model", "dall-e-2"))
    if painter is None:
        raise Refusal("Invalid value: the model does not exist.", "model", "invalid_value")
    known = painter.edit_fields if edits else painter.fields
    if known is None:
        raise Refusal(f"The model {fields['model']} does not support edits.", "model", "invalid_value")
    for name in [*fields, *recorded.files]:
        if name not in known:
            raise Refusal(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    if not fields.get("prompt"):
        raise Refusal("You must provide a prompt.", "prompt", "missing_required_parameter")
    if fields.get("size", "1024x1024") not in painter.sizes:
        told = f"Invalid value: '{fields['size']}'. Supported values are: {', '.join(sorted(painter.sizes))}."
        raise Refusal(told, "size", "invalid_value")
    count = int(fields.get("n", 1))
    if not 1 <= count <= painter.most:
        raise Refusal(f"Invalid 'n': expected at most {painter.most}.", "n", "integer_above_max_value")
    if fields.get("stream") in (True, "true") and count != 1:
        raise Refusal("Streaming is only supported with n=1.")
    if edits and not {"image", "image[]"} & set(recorded.files):
        raise Refusal("Missing required parameter: 'image'.", "image", "missing_required_parameter")
    return painter


def _check_chat(fields: dict[str, Any]) -> None:
    model = fields.get("model")
    if model not in CHATS:
        raise Refusal(
            f"The model `{model}` does not exist or you do not have access to it.", None, "model_not_found", 404
        )
    for name in fields:
        if name == "max_tokens" and name not in CHATS[model]:
            told = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
            raise Refusal(told, name, "unsupported_parameter")
        if name not in CHATS[model]:
            raise Refusal(f"Unrecognized request argument supplied: {name}")
    if model == "gpt-5-mini" and fields.get("temperature", 1) != 1:
        told = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) is supported."
        raise Refusal(told, "temperature", "unsupported_value")
    wanted = fields.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        _check_strict(wanted["json_schema"]["schema"], wanted["json_schema"]["name"])


def _check_strict(schema: Any, name: str) -> None:
    """OpenAI's strict mode: every property required, none beside them, and a subset of JSON Schema."""
    if isinstance(schema, list):
        for part in schema:
            _check_strict(part, name)
    if not isinstance(schema, dict):
        return
    for keyword in ("minLength", "maxLength"):
        if keyword in schema:
            told = f"Invalid schema for response_format '{name}': '{keyword}' is not permitted."
            raise Refusal(told, "response_format", "invalid_json_schema")
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False or set(schema["required"]) != set(schema["properties"]):
            raise Refusal(f"Invalid schema for response_format '{name}'.", "response_format", "invalid_json_schema")
        for part in schema["properties"].values():
            _check_strict(part, name)
    _check_strict(schema.get("items"), name)


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
