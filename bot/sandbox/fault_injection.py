"""Injects faults for tests: matching REST calls meet a rate limit, a delay, an error or a broken connection."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.discord_errors import Refusal
from bot.sandbox.json_replies import reply

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KINDS = LIMITED, BANNED, SLOW, CUT, LOST = "429", "banned", "slow", "cut", "lost"
STATUSES = ("401", "403", "404", "500", "502", "503")
BUCKET = 5
"""How many calls the bucket of a rate limit says that it holds."""


@dataclass
class Trouble:
    """What the next `times` calls whose method and path match will meet."""

    kind: str
    path: re.Pattern[str]
    times: int
    seconds: float
    code: int

    @classmethod
    def of(cls, body: Json) -> Trouble:
        kind = str(body.get("kind"))
        if kind not in (*KINDS, *STATUSES):
            raise Refusal(400, 0, f"“kind” must be one of: {', '.join((*KINDS, *STATUSES))}.")
        try:
            path = re.compile(str(body.get("path", "")))
        except re.error as error:
            raise Refusal(400, 0, f"“path” is no regular expression: {error}.") from None
        return cls(kind, path, int(body.get("times", 1)), float(body.get("seconds", 1)), int(body.get("code", 0)))

    async def meet(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.kind == LIMITED:
            return self._limited(request)
        if self.kind == BANNED:  # as Cloudflare does it, in front of Discord
            retry = {"Retry-After": str(math.ceil(self.seconds))}
            return web.Response(status=429, text="<h1>error 1015</h1>", content_type="text/html", headers=retry)
        if self.kind in STATUSES:
            raise Refusal(int(self.kind), self.code, f"{self.kind}: made up by a test")
        if self.kind == SLOW:
            await asyncio.sleep(self.seconds)
            return await handler(request)
        answer = await handler(request) if self.kind == LOST else web.Response()
        if request.transport is not None:
            request.transport.abort()
        return answer

    def _limited(self, request: web.Request) -> web.Response:
        body = {
            "message": "You are being rate limited.",
            "code": self.code,
            "retry_after": self.seconds,
            "global": False,
        }
        answer = reply(body, 429)
        answer.headers.update(
            {
                "Retry-After": str(math.ceil(self.seconds)),
                "X-RateLimit-Limit": str(BUCKET),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": f"{time.time() + self.seconds:.3f}",
                "X-RateLimit-Reset-After": f"{self.seconds:.3f}",
                "X-RateLimit-Bucket": f"{request.method}:{request.path}",
                "X-RateLimit-Scope": "user",
                # Without it, discord.py takes the answer for a ban by Cloudflare and gives up.
                "Via": "1.1 sandbox",
            }
        )
        return answer


class Troubles:
    """The troubles that wait; a call meets the first that matches it."""

    def __init__(self) -> None:
        self._waiting: list[Trouble] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/page/trouble", self.add), web.delete("/page/trouble", self.clear)]

    async def add(self, request: web.Request) -> web.Response:
        self._waiting.append(Trouble.of(await request.json()))
        return reply({})

    async def clear(self, _: web.Request) -> web.Response:
        """Forget them all, and say how many calls were still to be met."""
        left = sum(trouble.times for trouble in self._waiting)
        self._waiting.clear()
        return reply({"left": left})

    async def meet(self, call: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass the call on, through the trouble that waits for it; `call` is its method and path."""
        for trouble in self._waiting:
            if trouble.times > 0 and trouble.path.search(call):
                trouble.times -= 1
                return await trouble.meet(request, handler)
        return await handler(request)
