"""Requests with the answer of a language model that understood them perfectly, and what harm is done to such an answer.

Harm: what reaches the painter is not what the model answered, but for quoted text that was put back.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from bot.domain.jobs import Order
from bot.domain.outgoing import scrub
from bot.domain.prompt import PromptSpec
from bot.domain.styles import Styles
from bot.services.draw import draw
from bot.services.split_engine import SplitEngine
from bot.settings import read
from bot.understanding.notation import read_notation
from bot.understanding.understand import QUOTED
from engine.api.auto_client import AutoClient
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.messages import ChatRequest, Completed, ImageEvent, ImageRequest, Model, StartImage, Status

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
        return bool(prompt != wanted or negative != self.answer["negative"])


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


class Recorder:
    """Implements Engine: keeps what it is asked to paint, and paints nothing that can be seen."""

    def __init__(self) -> None:
        self.painted: list[tuple[str, str]] = []

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        self.painted.append((request.prompt, request.negative_prompt or ""))
        yield Completed(b"")

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        raise NotImplementedError

    async def models(self) -> list[Model]:
        return []

    async def cancel(self, key: str) -> None: ...

    async def ready(self) -> bool:
        return True

    async def status(self) -> Status:
        return Status()


@asynccontextmanager
async def serving(planner: PerfectPlanner) -> AsyncIterator[str]:
    """Yield the server's address, as PLANNER_URL takes it."""
    runner = web.AppRunner(planner.app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def find_harm(rows: list[Right]) -> list[tuple[Right, tuple[str, str]]]:
    """Return the rows whose prompt and negative prompt came to the painter changed, as `draw_right` draws them."""
    painted = await draw_right(rows)
    return [(row, prompts) for row, prompts in zip(rows, painted, strict=True) if row.harmed(*prompts)]


async def draw_right(rows: list[Right]) -> list[tuple[str, str]]:
    """Draw each row with its right answer; return the prompts and negative prompts that came to the painter.

    Raises AssertionError where an answer was not taken at the first asking.
    """
    server, recorder, styles = PerfectPlanner(rows), Recorder(), Styles([])
    async with serving(server) as url:
        address = read({"PLANNER_URL": url}).planner
        assert address is not None
        async with AutoClient(address, None, scrub, planner="perfect") as planner:
            engine = SplitEngine(recorder, planner)
            for row in rows:
                base = PromptSpec(**row.base) if row.base else None
                words = row.words if base else read_notation(row.words).words
                async with aclosing(draw(engine, styles, Order(words, base=base), seed=1)) as events:
                    async for _ in events:
                        pass
    assert server.asked == len(rows), "an answer was refused"
    return recorder.painted
