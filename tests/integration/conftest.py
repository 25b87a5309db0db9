"""The real bot on SimCord's Discord, with a real database file; only the engine is a fake."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord.app_commands import Command, ContextMenu, Group
from simcord import interactions
from simcord.env import Env
from simcord.http.router import route
from simcord.http.routes.interactions import get_original_response

from bot.assembly import Adapters
from bot.client import LimnerBot
from bot.domain.jobs import Job
from bot.domain.quota import Limit
from bot.host.style_file import load_styles
from bot.services.engine_wait import Patience
from bot.services.orders import Rules
from bot.services.ports.engine import Engine
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.ui import channel_editor
from bot.ui.cdn import Cdn
from bot.watch.meters import Meters
from tests.fakes import FakeCharts, FakeClock, FakeEngine, FakePixels
from tests.openapi import check_requests

# discord.py writes the @ of `fetch_message("@original")` as %40, which on a real wire is the same; not so for SimCord.
route("GET", "/webhooks/{webhook_id}/{token}/messages/%40original")(get_original_response)

SETTLED_EACH_S = 0.002
"""How often SimCord looks whether the bot is idle, where no task ends: its own 50 ms pass at nearly each step."""
BETWEEN_EDITS_S = 0.001
"""The first pause between two edits of progress: the bot's own 0.3 s pass once a picture (test_channel_editor.py)."""

PAYLOADS: dict[tuple[type, str], bytes] = {}
"""Commands in all languages, as Discord gets them: the same of each bot, and a tenth of a test's time."""

STYLES = load_styles()
RULES = Rules((Limit(3, "hour"),), at_once=2, patience=Patience(5.0))


@dataclass
class World:
    """A server with a channel and three people, and everything behind the bot."""

    env: Any
    channel: Any
    ada: Any
    ben: Any
    mo: Any
    engine: FakeEngine
    clock: FakeClock
    database: Database
    speaks: dict[int, str]
    """Members by id and Discord's locale of each; the others' is en-US."""

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.database)

    @property
    def message(self) -> Any:
        return self.channel.last_message

    async def messages(self) -> list[Any]:
        """Return the channel's messages, newest first."""
        return [message async for message in self.env.bot.get_channel(self.channel.id).history(limit=50)]

    async def used(self, actor: Any) -> int:
        uses = await Ledger(self.database).uses(actor.id, self.env.guild.id, 0.0)
        return sum(use.images for use in uses)

    @property
    def bot(self) -> LimnerBot:
        """The bot as it runs now: a restart makes another."""
        found: LimnerBot = self.env.bot
        return found

    async def find(self, job: Job) -> Any:
        """Return the job's message."""
        return next(message for message in await self.messages() if message.id == job.message_id)

    async def pictures(self) -> list[Any]:
        """Return the bot's messages, newest first."""
        return [message for message in await self.messages() if message.author.id == self.env.bot.user.id]

    def hold(self) -> asyncio.Event:
        """Let the engine wait before it paints, until the returned event is set."""
        painted = asyncio.Event()
        self.engine.hold = lambda: self.env.external_wait(painted.wait(), reason="the engine paints")
        return painted

    async def restart(self) -> None:
        self.engine.hold = None
        await self.env.restart_bot(make_bot(self.engine, self.database, self.clock))

    def labels(self) -> list[str]:
        return [button.label for row in self.message.components for button in row.children]


async def under_more(actor: Any, picture: Any, label: str) -> Any:
    """Press a button under More of one picture."""
    shown = await actor.click(picture, label="More")
    return await actor.click(shown.response, label=label)


class SimCordCdn:
    """SimCord keeps files in memory, under addresses that lead nowhere, and hands them out by its client alone."""

    client: LimnerBot

    async def read(self, url: str, most: int) -> bytes:
        data = await self.client.http.get_from_cdn(url)
        assert len(data) <= most
        return data


def make_bot(engine: FakeEngine, database: Database, clock: FakeClock) -> LimnerBot:
    cdn = SimCordCdn()
    cdn.client = LimnerBot(adapters(engine, database, clock, cdn))
    cdn.client.shard_count = 1  # SimCord must be told
    return cdn.client


def adapters(engine: Engine, database: Database, clock: FakeClock, cdn: Cdn | None = None) -> Adapters:
    return Adapters(
        engine=engine, database=database, rules=RULES, clock=clock, styles=STYLES,
        pixels=FakePixels(), charts=FakeCharts(), meters=Meters(), cdn=cdn,
        cannot_load=lambda: isinstance(engine, FakeEngine) and engine.broken,
    )  # fmt: skip


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "limner.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the real pauses that nearly each step of each test would sleep through.

    SimCord takes its own as an argument of `settle` alone; what settles after each action has no public way to set it.
    """
    monkeypatch.setitem(Env._settle_internal.__kwdefaults__, "idle", SETTLED_EACH_S)
    monkeypatch.setattr(channel_editor, "FIRST_INTERVAL_S", BETWEEN_EDITS_S)
    for kind in (Command, ContextMenu, Group):
        monkeypatch.setattr(kind, "get_translated_payload", translated_once(kind.get_translated_payload))


def translated_once(translate: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def payload(command: Any, tree: Any, translator: Any) -> Any:
        key = type(command), command.qualified_name
        if key not in PAYLOADS:
            PAYLOADS[key] = pickle.dumps(await translate(command, tree, translator))
        return pickle.loads(PAYLOADS[key])

    return payload


@pytest_asyncio.fixture
async def simcord_bot(engine: FakeEngine, database: Database, clock: FakeClock, swift: None) -> LimnerBot:
    return make_bot(engine, database, clock)


@pytest.fixture
def world(
    simcord_env: Any, engine: FakeEngine, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    guild = simcord_env.create_guild()
    channel = guild.create_text_channel("drawing")
    moderators = guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))
    ada, ben = (guild.add_member(simcord_env.create_user(name)) for name in ("Ada", "Ben"))
    mo = guild.add_member(simcord_env.create_user("Mo"), roles=[moderators])
    speaks: dict[int, str] = {}
    payload = interactions.base_payload

    def in_their_language(backend: Any, *, user_id: int, **asked: Any) -> Any:
        record, sent = payload(backend, user_id=user_id, **asked)
        return record, sent | {"locale": speaks.get(user_id, "en-US")}

    monkeypatch.setattr(interactions, "base_payload", in_their_language)  # SimCord's members all speak English
    yield World(simcord_env, channel, ada, ben, mo, engine, clock, database, speaks)
    check_requests(simcord_env.backend.http_requests)
