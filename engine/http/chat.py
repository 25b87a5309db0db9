"""POST /v1/chat/completions: a request in OpenAI's format, answered as one object or as chunks."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from engine.api.messages import ChatRequest
from engine.api.sse import DONE, format_event
from engine.chatting.grammar import GrammarCompiler
from engine.frontend import Frontend
from engine.http.request_body import read_json, request_id
from engine.http.responses import JobJsonResponse, JobStreamResponse
from engine.jobs.job import Event
from engine.jobs.requests import Answer, Conversation, Delta


async def complete_chat(request: Request) -> Response:
    """Answer a chat as one JSON object or, with `stream`, as server-sent events."""
    message = await read_json(request, ChatRequest)
    frontend: Frontend = request.app.state.frontend
    name = frontend.check_model(message.model, "planner")
    compiler: GrammarCompiler = request.app.state.grammar_compiler
    work = Conversation(message, await compiler.compile(message.response_format))
    job = frontend.jobs.submit(work, message.user or "", request_id=request_id(request))
    shape = _ChatFormat(f"chatcmpl-{job.id}", name)
    if message.stream:
        return JobStreamResponse(frontend.jobs, job, shape.chunk, shape.first(), DONE)
    return JobJsonResponse(frontend.jobs, job, shape.whole)


class _ChatFormat:
    """Turns one answer's events into OpenAI's objects, which all repeat its id, time and model."""

    def __init__(self, identity: str, model: str) -> None:
        self._common = {"id": identity, "created": int(time.time()), "model": model}

    def whole(self, events: list[Event]) -> bytes:
        answer = next(event for event in events if isinstance(event, Answer))
        message = {"role": "assistant", "content": answer.text}
        choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
        return msgspec.json.encode(
            {**self._common, "object": "chat.completion", "choices": [choice], "usage": _usage(answer)}
        )

    def first(self) -> bytes:
        return format_event(self._chunk({"role": "assistant", "content": ""}, None))

    def chunk(self, event: Event) -> bytes:
        match event:
            case Delta(text):
                return format_event(self._chunk({"content": text}, None))
            case Answer():
                return format_event({**self._chunk({}, event.finish_reason), "usage": _usage(event)})
            case _:
                return b""

    def _chunk(self, delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {**self._common, "object": "chat.completion.chunk", "choices": [choice]}


def _usage(answer: Answer) -> dict[str, int]:
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }
