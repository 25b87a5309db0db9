"""POST /v1/chat/completions: a request in OpenAI's format, answered as one object or as chunks."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from engine.api.errors import BadRequest
from engine.api.messages import ChatRequest
from engine.api.sse import DONE, format_event
from engine.chatting.grammar import GrammarCompiler
from engine.frontend import Frontend
from engine.http.field_tables import settle_chat
from engine.http.request_body import read_json, request_id
from engine.http.responses import JobJsonResponse, JobStreamResponse
from engine.jobs.job import Event
from engine.jobs.requests import Answer, Conversation, Delta


async def complete_chat(request: Request) -> Response:
    """Answer a chat as one JSON object or, with `stream`, as server-sent events."""
    message = await read_json(request, ChatRequest, settle_chat)
    if message.stream_options and not message.stream:
        raise BadRequest("stream_options: only a stream has them; set stream, or leave it out.", param="stream_options")
    frontend: Frontend = request.app.state.frontend
    name = frontend.check_model(message.model, "planner")
    compiler: GrammarCompiler = request.app.state.grammar_compiler
    work = Conversation(message, await compiler.compile(message.response_format))
    job = frontend.jobs.submit(work, message.user or "", request_id=request_id(request))
    shape = _ChatFormat(f"chatcmpl-{job.id}", name, message)
    if message.stream:
        return JobStreamResponse(frontend.jobs, job, shape.chunk, shape.first(), DONE)
    return JobJsonResponse(frontend.jobs, job, shape.whole)


class _ChatFormat:
    """Turns one request's events into OpenAI's objects, which all repeat its id, time and model."""

    def __init__(self, identity: str, model: str, request: ChatRequest) -> None:
        self._common = {"id": identity, "created": int(time.time()), "model": model}
        self._choices = request.n
        self._counts = bool(request.stream_options and request.stream_options.include_usage)
        self._answers: list[Answer] = []

    def whole(self, events: list[Event]) -> bytes:
        answers = sorted((event for event in events if isinstance(event, Answer)), key=lambda answer: answer.index)
        choices = [
            {
                "index": answer.index,
                "message": {"role": "assistant", "content": answer.text, "refusal": None},
                "logprobs": None,
                "finish_reason": answer.finish_reason,
            }
            for answer in answers
        ]
        return msgspec.json.encode(
            {**self._common, "object": "chat.completion", "choices": choices, "usage": _usage(answers)}
        )

    def first(self) -> bytes:
        return b"".join(
            format_event(self._chunk(index, {"role": "assistant", "content": ""}, None))
            for index in range(self._choices)
        )

    def chunk(self, event: Event) -> bytes:
        match event:
            case Delta(text, index):
                return format_event(self._chunk(index, {"content": text}, None))
            case Answer():
                self._answers.append(event)
                last = format_event(self._chunk(event.index, {}, event.finish_reason))
                return last + (self._count() if len(self._answers) == self._choices else b"")
            case _:
                return b""

    def _count(self) -> bytes:
        """Return the chunk with the counts of tokens, where the request asks for one."""
        return format_event(self._object([], usage=_usage(self._answers))) if self._counts else b""

    def _chunk(self, index: int, delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._object([choice], **({"usage": None} if self._counts else {}))

    def _object(self, choices: list[dict[str, Any]], **usage: object) -> dict[str, Any]:
        return {**self._common, "object": "chat.completion.chunk", "choices": choices, **usage}


def _usage(answers: list[Answer]) -> dict[str, int]:
    """Count the prompt once, however many answers there are, as OpenAI does."""
    prompt, completion = answers[0].prompt_tokens, sum(answer.completion_tokens for answer in answers)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
