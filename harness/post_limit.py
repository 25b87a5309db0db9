"""A sandbox that limits posts as Discord does: five in five seconds to a channel, 429 for what is over that."""

from __future__ import annotations

import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.fault_injection import LIMITED, Trouble
from bot.sandbox.server import Sandbox

POSTS = re.compile(r"POST /channels/(\d+)/messages$")
BUCKET, WINDOW_S = 5, 5.0
"""Discord's usual limit on posts to a channel; it is told in headers, so this is what was seen, not a promise."""


def limit_posts(sandbox: Sandbox) -> list[str]:
    """Let the sandbox take so many posts a channel and window, and answer 429 to others; return all calls."""
    taken: defaultdict[str, deque[float]] = defaultdict(deque)
    calls: list[str] = []
    meet: Callable[..., Awaitable[web.StreamResponse]] = sandbox.troubles.meet

    async def limited(call: str, request: web.Request, handler: Any) -> web.StreamResponse:
        calls.append(call)
        if found := POSTS.match(call):
            recent, now = taken[found[1]], time.monotonic()
            while recent and recent[0] < now - WINDOW_S:
                recent.popleft()
            if len(recent) >= BUCKET:
                wait = recent[0] + WINDOW_S - now
                return await Trouble(LIMITED, POSTS, 1, round(wait + 0.05, 2), 0).meet(request, handler)
            recent.append(now)
        return await meet(call, request, handler)

    sandbox.troubles.meet = limited  # type: ignore[method-assign]
    return calls
