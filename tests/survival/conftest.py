"""The real bot on the sandbox's wire, in one process: a test breaks it, and acts as a member; the engine is a fake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest
import pytest_asyncio
import stamina

from bot import discord_connection
from bot.assembly import Adapters
from bot.client import LimnerBot
from bot.discord_connection import DiscordConnection
from bot.domain.quota import Limit
from bot.host.clock import SystemClock
from bot.host.style_file import load_styles
from bot.sandbox.connect import point_discord_at
from bot.sandbox.guild import DRAWING
from bot.sandbox.server import Sandbox
from bot.services.orders import Rules
from bot.storage.database import Database
from bot.ui import discord_retry, sharded_client
from bot.watch.meters import Meters
from tests.fakes import FakeCharts, FakeEngine, FakePixels, never
from tests.sandbox.conftest import discord_as_it_was

__all__ = ["discord_as_it_was"]

T = TypeVar("T")
STYLES = load_styles()


class Wire:
    """A sandbox, the bot that stays on it, and a member's hands."""

    def __init__(self, sandbox: Sandbox, database: Database, session: aiohttp.ClientSession, home: Path) -> None:
        self.sandbox, self.database, self.session = sandbox, database, session
        self.engine = FakeEngine()
        self.clients: list[LimnerBot] = []
        self.home = home
        self.connection = self.stay(sandbox.token)
        self.running: asyncio.Task[None] | None = None

    def stay(self, token: str) -> DiscordConnection:
        return DiscordConnection(self._client, token, self.home)

    def _client(self) -> LimnerBot:
        adapters = Adapters(
            engine=self.engine, database=self.database, rules=Rules((Limit(50, "hour"),), at_once=50),
            clock=SystemClock(), styles=STYLES, pixels=FakePixels(), charts=FakeCharts(), meters=Meters(),
            cannot_load=never,
        )  # fmt: skip
        client = LimnerBot(adapters)
        client._connection.guild_ready_timeout = 0.05  # discord.py waits for more guilds than there are
        self.clients.append(client)
        return client

    def begin(self) -> asyncio.Task[None]:
        self.running = asyncio.create_task(self.connection.run())
        return self.running

    async def ready(self) -> None:
        await self.until(lambda: bool(self.clients) and self.clients[-1].was_ready, "the bot")

    async def end(self) -> None:
        if self.running:
            self.running.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self.running

    async def until(self, found: Callable[[], T], what: str, seconds: float = 60.0) -> T:
        try:
            async with asyncio.timeout(seconds):
                while not (value := found()):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{what} did not come") from None
        return value

    async def till(self, found: Callable[[], Awaitable[T]], what: str, seconds: float = 60.0) -> T:
        async with asyncio.timeout(seconds):
            while not (value := await found()):
                await asyncio.sleep(0.05)
        return value

    async def act(self, what: str, **body: Any) -> Any:
        asked = {"as": "Ada", "channel_id": str(DRAWING), **body}
        async with self.session.post(f"/page/{what}", json=asked) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def imagine(self, words: str = "a red boat", **options: Any) -> Any:
        return await self.act("command", name="imagine", options={"prompt": words, **options})

    async def trouble(self, kind: str, path: str, times: int = 1, **more: Any) -> None:
        await self.act("trouble", kind=kind, path=path, times=times, **more)

    async def untroubled(self) -> int:
        """End all troubles; return how many calls had not met theirs."""
        async with self.session.delete("/page/trouble") as answer:
            return int((await answer.json())["left"])

    async def seen(self, member: str = "Ben", channel: int = DRAWING) -> list[Any]:
        """Return what a member sees, oldest first; of Ada's, what she alone sees is among it."""
        async with self.session.get("/page/state", params={"as": member}) as answer:
            messages = (await answer.json())["messages"]
        return [message for message in messages if message["channel_id"] == str(channel)]

    async def ends(self) -> list[tuple[str, str]]:
        sql = "SELECT jobs.state, reservations.state FROM jobs JOIN reservations ON id = job_id ORDER BY created_at"
        rows = await self.database.read(lambda connection: connection.execute(sql).fetchall())
        return [(row[0], row[1]) for row in rows]

    async def settled(self, *states: tuple[str, str]) -> None:
        """Wait until the jobs ended so, oldest first."""

        async def are() -> bool:
            return await self.ends() == list(states)

        try:
            await self.till(are, "the ends")
        except TimeoutError:
            assert await self.ends() == list(states)

    async def drawn_once(self, jobs: int = 1) -> None:
        """Wait for so many pictures; each is in a message of its own, paid for, and there is nothing else."""
        await self.settled(*[("done", "spent")] * jobs)
        posts = await self.seen()
        assert [len(post["attachments"]) for post in posts] == [1] * jobs, posts
        assert all("Again" in str(post["components"]) for post in posts)

    def dispatch(self, event: str, data: Any) -> None:
        """Let the gateway send an event, whatever it holds."""
        (session,) = self.sandbox.gateway.sessions.values()
        session.dispatch(event, data)

    def send(self, op: int, data: Any) -> None:
        (connection,) = self.sandbox.gateway.connections
        connection.send(op, data)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for longer than a test must."""
    monkeypatch.setattr(discord_connection, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(discord_connection, "LONGEST_PAUSE_S", 0.2)
    monkeypatch.setattr(sharded_client, "IDENTIFY_S", 0.2)
    monkeypatch.setattr(
        discord_retry, "patiently", stamina.AsyncRetryingCaller(wait_initial=0.05, wait_max=0.2, wait_jitter=0)
    )


@pytest_asyncio.fixture
async def bare(tmp_path: Path) -> AsyncIterator[Wire]:
    """Lend the wire before the bot is on it."""
    database = await Database.open(tmp_path / "limner.sqlite3")
    async with Sandbox(0) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        point_discord_at(sandbox.url)
        wire = Wire(sandbox, database, session, tmp_path)
        yield wire
        await wire.end()
    await database.close()


@pytest_asyncio.fixture
async def wire(bare: Wire) -> Wire:
    bare.begin()
    await bare.ready()
    return bare
