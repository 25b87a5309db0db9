"""Discord's limits on a bot's calls: 50 a second in all, and five in five seconds on each route of a channel.

Written from Discord's documentation and what its headers tell, without a look at any client. Answers to interactions
count for neither. A sandbox can be made to keep them.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox.json_replies import reply
from bot.sandbox.server import Sandbox

POSTS = re.compile(r"POST /channels/(\d+)/messages$")
PER_SECOND = 50
BUCKET, WINDOW_S = 5, 5.0
"""The usual limit of a channel's routes; Discord tells it in headers, so this is what was seen, not a promise."""
UNCOUNTED = re.compile(r"/(interactions|webhooks|gateway)\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether Discord takes a call, and the headers of its answer."""

    taken: bool
    headers: dict[str, str] = field(default_factory=dict)
    retry_after_s: float = 0.0
    is_global: bool = False

    @property
    def body(self) -> dict[str, Any]:
        """What a refusal says."""
        return {
            "message": "You are being rate limited.",
            "retry_after": self.retry_after_s,
            "global": self.is_global,
            "code": 0,
        }


class DiscordLimits:
    """Judges each call at the moment when it arrives. `counts` has how many were taken, refused, and refused in all."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._second: deque[float] = deque()
        self._windows: dict[str, tuple[float, int]] = {}
        self.counts: Counter[str] = Counter()

    def ask(self, method: str, path: str) -> Verdict:
        """Judge a call; the path begins behind the API's version."""
        if UNCOUNTED.match(path):
            return Verdict(True)
        now = self._now()
        while self._second and self._second[0] <= now - 1.0:
            self._second.popleft()
        if len(self._second) >= PER_SECOND:
            return self._refused({"X-RateLimit-Global": "true"}, self._second[0] + 1.0 - now, is_global=True)
        self._second.append(now)
        if not path.startswith("/channels/"):
            self.counts["taken"] += 1
            return Verdict(True)
        route = re.sub(r"(?<=/)\d+", "_", path)
        key = f"{method} {route} {path.split('/')[2]}"
        began, used = self._windows.get(key, (now, 0))
        if now >= began + WINDOW_S:
            began, used = now, 0
        left_s = began + WINDOW_S - now
        headers = {
            "X-RateLimit-Bucket": f"{method}{route}".replace("/", "-"),
            "X-RateLimit-Limit": str(BUCKET),
            "X-RateLimit-Remaining": str(max(0, BUCKET - used - 1)),
            "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
            "X-RateLimit-Reset-After": f"{left_s:.3f}",
        }
        if used >= BUCKET:
            return self._refused({**headers, "X-RateLimit-Scope": "user"}, left_s)
        self._windows[key] = began, used + 1
        self.counts["taken"] += 1
        return Verdict(True, headers)

    def _refused(self, headers: dict[str, str], wait_s: float, *, is_global: bool = False) -> Verdict:
        self.counts["refused"] += 1
        self.counts["refused in all"] += is_global
        # Without Via, discord.py takes the answer for a ban by Cloudflare and gives up.
        told = {**headers, "Retry-After": str(math.ceil(wait_s)), "Via": "1.1 limits"}
        return Verdict(False, told, round(wait_s + 0.001, 3), is_global)


def limit_calls(sandbox: Sandbox) -> list[str]:
    """Let the sandbox keep Discord's limits, and answer 429 to what is over them; return all calls, as they come."""
    limits, calls = DiscordLimits(), list[str]()
    meet: Callable[..., Awaitable[web.StreamResponse]] = sandbox.troubles.meet

    async def limited(call: str, request: web.Request, handler: Any) -> web.StreamResponse:
        calls.append(call)
        verdict = limits.ask(*call.split(" ", 1))
        answer = await meet(call, request, handler) if verdict.taken else reply(verdict.body, 429)
        if not answer.prepared:  # a gateway's is
            answer.headers.update(verdict.headers)
        return answer

    sandbox.troubles.meet = limited  # type: ignore[method-assign]
    return calls
