"""A language model in OpenAI's shape that understands a few words as they are: what a random one never does."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.fakes import SPEC

READ = 160
"""Of the last message so many characters are looked at: what someone wrote stands at its end."""


class Planner:
    """Listens on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.Response:
        words = str((await request.json())["messages"][-1]["content"])[-READ:]
        message = {"role": "assistant", "content": json.dumps(understood(words))}
        return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


def understood(words: str) -> dict[str, Any]:
    """Return what is meant: an undo, chat that may be a change, a change, or a new picture of these words."""
    change = {**SPEC, "version": None, "picture": None, "instruction": "Make it night."}
    if "undo" in words:
        return {**change, "kind": "undo", "version": -1, "prompt": "", "instruction": ""}
    if "haha" in words:
        return {**change, "kind": "chat"}
    if "make it" in words:
        return {**change, "kind": "change"}
    return {**SPEC, "understood": words, "prompt": words}
