"""A crowd's requests on a wire with Discord's limits, in virtual time: the bot's messages and discord.py's own client.

What is real: discord.py's HTTP client with its buckets and repetitions, the bot's messenger, editors and budget.
Discord is a stand-in that takes calls as its limits let it, and the engine one that paints each picture in PAINTS_S.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from yarl import URL

from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.progress import Finished, Painting
from bot.ui.call_budget import CallBudget
from bot.ui.messenger import DiscordMessenger
from harness.discord_limits import DiscordLimits
from harness.virtual_time import VirtualLoop

CHANNELS, FIRST_CHANNEL = 90, 1200000000000000000
PAINTS_S, STEPS = 4.0, 8
LATENCY_S = 0.06
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2_000)


@dataclass
class Figures:
    """What came of a crowd's requests; `late_s` are seconds from each picture to its place on Discord."""

    asked: int = 0
    late_s: list[float] = field(default_factory=list)
    posted_s: list[float] = field(default_factory=list)
    taken: int = 0
    refused: int = 0
    progress: int = 0
    most_in_a_second: int = 0

    @property
    def lost(self) -> int:
        return self.asked - len(self.late_s)

    @property
    def refused_share(self) -> float:
        return self.refused / max(1, self.taken + self.refused)


class Unlimited(CallBudget):
    """As without a budget: every call goes at once, and progress whenever its channel's editor wants it."""

    @property
    def has_room(self) -> bool:
        return True

    async def take(self) -> None:
        return


class Wire:
    """In place of an aiohttp session: answers the calls of messages, as far as the limits let it."""

    closed = False

    def __init__(self, trace: aiohttp.TraceConfig, figures: Figures) -> None:
        self._trace, self._figures = trace, figures
        self._ids = itertools.count(FIRST_CHANNEL + 1_000_000)
        self.limits = DiscordLimits(asyncio.get_running_loop().time)
        self.finished: dict[str, float] = {}
        self._arrived: list[float] = []

    def request(self, method: str, url: str, **sent: Any) -> Any:
        return _Exchange(self, method, URL(url), sent)

    async def answer(self, method: str, url: URL, sent: dict[str, Any]) -> SimpleNamespace:
        for begin in self._trace.on_request_start:
            await begin(self, SimpleNamespace(), aiohttp.TraceRequestStartParams(method, url, {}))  # type: ignore[arg-type]
        await asyncio.sleep(LATENCY_S)
        now = asyncio.get_running_loop().time()
        self._arrived.append(now)
        self._figures.most_in_a_second = max(
            self._figures.most_in_a_second, sum(moment > now - 1.0 for moment in self._arrived[-100:])
        )
        path = url.path.removeprefix("/api/v10")
        verdict = self.limits.ask(method, path)
        body = self._message(method, path, sent, now) if verdict.taken else verdict.body
        return SimpleNamespace(
            status=200 if verdict.taken else 429,
            reason="",
            headers={"content-type": "application/json", **verdict.headers},
            text=lambda encoding=None: _later(json.dumps(body)),
        )

    def _message(self, method: str, path: str, sent: dict[str, Any], now: float) -> dict[str, Any]:
        _, _, channel, _, *message = path.split("/")
        message_id = message[0] if message else str(next(self._ids))
        with_picture = not isinstance(sent.get("data"), str | bytes)
        if method == "PATCH" and with_picture:
            self.finished.setdefault(message_id, now)
        elif method == "PATCH":
            self._figures.progress += 1
        author = {"id": "1", "username": "limner", "discriminator": "0", "avatar": None}
        lists: dict[str, list[Any]] = {
            name: [] for name in ("attachments", "embeds", "mentions", "mention_roles", "components")
        }
        return {
            "id": message_id, "channel_id": channel, "author": author, "content": "", "type": 0, "flags": 0,
            "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False, "pinned": False,
            "mention_everyone": False, **lists,
        }  # fmt: skip


class _Exchange:
    def __init__(self, wire: Wire, method: str, url: URL, sent: dict[str, Any]) -> None:
        self._answer = wire.answer(method, url, sent)

    async def __aenter__(self) -> SimpleNamespace:
        return await self._answer

    async def __aexit__(self, *_: object) -> None:
        return


async def _later(text: str) -> str:
    return text


class _AsTheyAre:
    """Pictures that fit."""

    async def fit(self, picture: bytes, limit: int) -> bytes:
        return picture

    async def clean(self, data: bytes) -> bytes:
        return data

    async def keep(self, data: bytes, most: int) -> bytes:
        return data

    async def convert(self, data: bytes, kind: str) -> bytes:
        return data

    async def mask(self, picture: bytes, mask: bytes) -> bytes:
        return mask

    async def grid(self, picture: bytes) -> bytes:
        return picture

    async def cells(self, picture: bytes, chosen: int) -> bytes:
        return picture

    async def surround(self, picture: bytes, size: tuple[int, int], share: float) -> tuple[bytes, bytes]:
        return picture, picture


def crowd(per_second: float, seconds: float, budget: type[CallBudget] = CallBudget) -> Figures:
    """Let so many requests a second come for so many seconds, and all of them end."""
    with _virtual() as loop:
        return loop.run_until_complete(_crowd(per_second, seconds, budget()))


@contextmanager
def _virtual() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        for task in asyncio.all_tasks(loop):  # editors that pause after their last edit
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        asyncio.set_event_loop(None)
        loop.close()


async def _crowd(per_second: float, seconds: float, budget: CallBudget) -> Figures:
    figures, trace = Figures(), aiohttp.TraceConfig()
    budget.trace(trace)
    client = discord.Client(intents=discord.Intents.none())
    wire = Wire(trace, figures)
    http: Any = client.http
    http.token, http._global_over = "token", asyncio.Event()
    http._HTTPClient__session = wire
    http._global_over.set()
    messenger = DiscordMessenger(client, _AsTheyAre(), budget)
    figures.asked = int(per_second * seconds)
    await asyncio.gather(
        *(_request(messenger, wire, figures, number, number / per_second) for number in range(figures.asked))
    )
    figures.taken, figures.refused = wire.limits.counts["taken"], wire.limits.counts["refused"]
    return figures


async def _request(messenger: DiscordMessenger, wire: Wire, figures: Figures, number: int, at: float) -> None:
    """One request's way: its message, its progress, its picture."""
    await asyncio.sleep(at)
    now = asyncio.get_running_loop().time
    place = Place(number % 200 + 2, FIRST_CHANNEL + number % CHANNELS, 7, "en-US")
    job = Job(f"{number:032x}", Order(f"boat {number}"), place, 1, JobState.QUEUED, 0.0)
    asked = now()
    posted = await messenger.post(job)
    figures.posted_s.append(now() - asked)
    job = job.posted(posted.channel_id, posted.message_id)
    for step in range(STEPS):
        messenger.show(job, Painting(step, STEPS))
        await asyncio.sleep(PAINTS_S / STEPS)
    painted = now()
    await messenger.finish(job, Finished((PICTURE,), Painted("1x1", "m", PAINTS_S, STEPS)))
    if (shown := wire.finished.get(str(posted.message_id))) is not None:
        figures.late_s.append(shown - painted)
