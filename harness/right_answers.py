"""Requests with the answer of a language model that understood them perfectly, and what harm is done to such an answer.

Harm: what reaches the painter is not what the model answered, but for quoted text that was put back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from bot.understanding.understand import QUOTED

FILE = Path(__file__).parents[1] / "tests" / "requests" / "right_answers.jsonl"


@dataclass(frozen=True, slots=True)
class Right:
    """`base` is the present picture where the words are an edit; it and `answer` hold a spec's four fields."""

    group: str
    lang: str
    words: str
    answer: dict[str, Any]
    base: dict[str, Any] | None = None

    def harmed(self, prompt: str, negative: str) -> bool:
        """Whether the painter got something else than the answer."""
        wanted = self.answer["prompt"]
        for found in QUOTED.finditer(self.words):
            quote = next(group for group in found.groups() if group is not None)
            prompt = prompt.removesuffix(f', "{quote}"') if prompt != wanted else prompt
        return prompt != wanted or negative != self.answer["negative"]


def load_right() -> list[Right]:
    return [msgspec.json.decode(line, type=Right) for line in FILE.read_text(encoding="utf-8").splitlines()]


class PerfectPlanner:
    """A server in OpenAI's shape that answers each of the rows as its model did, without facts of any vocabulary."""

    def __init__(self, rows: list[Right]) -> None:
        self._answers = {(row.words, row.base["prompt"] if row.base else ""): row.answer for row in rows}
        self.asked = 0

    @property
    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        return app

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "perfect", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.Response:
        messages = (await request.json())["messages"]
        self.asked += 1
        before = [message["content"] for message in messages[:-1] if message["role"] == "assistant"]
        prompts = [json.loads(text).get("prompt", "") for text in before]
        words = messages[-1]["content"]
        answer = self._answers.get((words, prompts[-1] if prompts else "")) or self._answers[(words, "")]
        message = {"role": "assistant", "content": json.dumps(answer, ensure_ascii=False)}
        return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
