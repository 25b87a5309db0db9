"""A sandbox with a real discord.py client on it: the test says what the bot does, and then acts as a member."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.sandbox.connect import point_discord_at
from bot.sandbox.guild import ADA, BACK_ROOM, BEN, BOT, DRAWING, GUILD, MO, READ_ONLY
from bot.sandbox.server import Sandbox
from tests.sandbox.judge import API, Exchange, check, recorder

__all__ = ["ADA", "ADA_DM", "BACK_ROOM", "BEN", "BOT", "DRAWING", "GUILD", "MO", "PNG", "READ_ONLY", "Stage", "TinyBot"]
ADA_DM = ADA + 30
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000003000000020802000000121654f80000000c4944415478da63fccf8007"
    "0000280001b0b4a7620000000049454e44ae426082"
)


def plain_intents() -> discord.Intents:
    """What Limner asks for: nothing privileged."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


class TinyBot(discord.Client):
    """Notes what it hears; a test gives it commands and may replace `heard`."""

    def __init__(self, define: Callable[[TinyBot], None], exchanges: list[Exchange], intents: discord.Intents) -> None:
        # Discord sends guilds one by one after READY, and discord.py waits for more of them; here is one.
        super().__init__(intents=intents, guild_ready_timeout=0.02, http_trace=recorder(exchanges))
        self.tree = app_commands.CommandTree(self)
        self.messages: list[discord.Message] = []
        self.log: list[str] = []
        self.errors: list[BaseException] = []
        self.tree.error(self.on_tree_error)
        self.heard: Callable[[discord.Message], Any] | None = None
        define(self)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_tree_error(self, _: discord.Interaction, error: app_commands.AppCommandError) -> None:
        self.errors.append(error)

    async def on_error(self, event: str, /, *_: Any, **__: Any) -> None:
        error = sys.exc_info()[1]
        assert error is not None, event
        self.errors.append(error)

    async def on_message(self, message: discord.Message) -> None:
        self.messages.append(message)
        if self.heard is not None and message.author != self.user:
            await self.heard(message)

    async def on_resumed(self) -> None:
        self.log.append("resumed")

    async def on_message_edit(self, _: discord.Message, after: discord.Message) -> None:
        self.log.append(f"edited: {after.content}")

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.log.append(f"deleted: {event.message_id}")


class Stage:
    """The sandbox, its bot, and the test's own hands."""

    def __init__(self, sandbox: Sandbox, bot: TinyBot, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self.session = session

    @property
    def drawing(self) -> discord.TextChannel:
        channel = self.bot.get_channel(DRAWING)
        assert isinstance(channel, discord.TextChannel)
        return channel

    async def act(self, what: str, who: str = "Ada", channel: int = DRAWING, **body: Any) -> Any:
        """Do something as a member; the answer must be a success."""
        status, answer = await self.try_to(what, who, channel, **body)
        assert status == 200, answer
        return answer

    async def try_to(self, what: str, who: str = "Ada", channel: int = DRAWING, **body: Any) -> tuple[int, Any]:
        async with self.session.post(f"/page/{what}", json={"as": who, "channel_id": str(channel), **body}) as response:
            return response.status, await response.json()

    async def command(self, name: str, who: str = "Ada", channel: int = DRAWING, **options: Any) -> Any:
        return await self.act("command", who, channel, name=name, options=options)

    async def seen(self, who: str = "Ada") -> list[Any]:
        """The messages that a member sees, oldest first, in Discord's JSON."""
        async with self.session.get("/page/state", params={"as": who}) as response:
            messages: list[Any] = (await response.json())["messages"]
            return messages

    async def texts(self, who: str = "Ada") -> list[str]:
        return [message["content"] for message in await self.seen(who)]

    async def rest(self, method: str, path: str, **asked: Any) -> tuple[int, Any]:
        """One REST call in the bot's name, without discord.py's own checks; the answer is judged by the document."""
        headers = {"Authorization": f"Bot {self.sandbox.token}", **asked.pop("headers", {})}
        async with self.session.request(method, API + path, headers=headers, **asked) as response:
            body = await response.read()
            check(Exchange(method, API + path, status=response.status, answer=bytearray(body)))
            return response.status, await response.json() if body else None

    async def until(self, true: Callable[[], Any], seconds: float = 3.0) -> None:
        """Wait for what the bot does in its own time."""
        async with asyncio.timeout(seconds):
            while not true():
                if self.bot.errors:
                    raise self.bot.errors[0]
                await asyncio.sleep(0.01)


def note(interaction: discord.Interaction, text: str) -> None:
    """Write into the bot's log from inside a command."""
    assert isinstance(interaction.client, TinyBot)
    interaction.client.log.append(text)


def picture(name: str = "a.png", description: str | None = None) -> discord.File:
    return discord.File(io.BytesIO(PNG), name, description=description)


@asynccontextmanager
async def stage(
    define: Callable[[TinyBot], None] = lambda bot: None,
    *,
    intents: discord.Intents | None = None,
    kind: type[TinyBot] = TinyBot,
) -> AsyncIterator[Stage]:
    """Sandbox and bot, ready; at the end, every REST exchange of the bot is judged by Discord's document."""
    exchanges: list[Exchange] = []
    async with Sandbox(0) as sandbox:
        point_discord_at(sandbox.url)
        if intents is not None and intents.message_content:
            sandbox.world.may_read_text = True
        bot = kind(define, exchanges, intents or plain_intents())
        async with bot, aiohttp.ClientSession(sandbox.url) as session:
            await bot.login(sandbox.token)
            running = asyncio.create_task(bot.connect())
            try:
                await asyncio.wait_for(bot.wait_until_ready(), 5)
                yield Stage(sandbox, bot, session)
            finally:
                await bot.close()
                await asyncio.wait([running], timeout=5)
        if bot.errors:
            raise bot.errors[0]
    for exchange in exchanges:
        check(exchange)
