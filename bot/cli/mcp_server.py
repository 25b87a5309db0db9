"""`limner mcp`: tools of the Model Context Protocol on stdin and stdout, carried out by the running bot.

Invariant: this process opens neither Discord nor the database; whom it acts for was named when it was started, and no
call changes that.
"""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Annotated, Literal

import msgspec
from mcp.server.mcpserver import Image, MCPServer
from mcp_types import CallToolResult, ContentBlock, TextContent, ToolAnnotations
from pydantic import Field

from bot import settings as configuration
from bot.cli.complaints import complain_of_settings
from bot.cli.version import version
from bot.host.agent_door import CallLost, DoorClosed, ask
from bot.host.agent_wire import SOCKET, Answer, Change, Draw, LookUp, Request, Usage
from bot.host.undumpable import forbid_dumps
from bot.settings import Settings
from bot.ui.i18n import text
from engine.api.address import socket_path
from engine.api.env_settings import SettingsInvalid
from engine.api.messages import MAX_SEED

INSTRUCTIONS = """Draws pictures through Limner, for one member of a Discord server and under that member's limits.
Every picture is also posted in the server's channel. A picture's id is what change and look_up take."""
MAX_WORDS = 20_000
"""Far above what is drawn, whose refusal is the bot's own sentence."""

Words = Annotated[str, Field(max_length=MAX_WORDS, description="in any language, at most 2,000 characters")]
Shape = Literal["", "square", "portrait", "landscape", "wide", "tall"]
Seed = Annotated[int | None, Field(ge=0, le=MAX_SEED, description="the same words and seed give the same picture")]
Count = Annotated[int, Field(ge=1, le=4, description="how many pictures, each counted")]
PictureId = Annotated[str, Field(max_length=64, description="the id that draw or change gave")]
Number = Annotated[int, Field(ge=1, le=4, description="which picture of a set, counted from 1")]


def serve(options: Namespace) -> int:
    """Serve until stdin closes. Returns the exit code."""
    forbid_dumps()
    try:
        settings = configuration.load()
    except SettingsInvalid as error:
        return complain_of_settings(error)
    try:
        _server(settings, options.user, options.channel).run("stdio")
    except KeyboardInterrupt:
        return 130
    return 0


def _server(settings: Settings, user_id: int, channel_id: int) -> MCPServer:
    """Return the server with its tools for this member and channel."""
    server = MCPServer("limner", version=version(), instructions=INSTRUCTIONS, log_level="WARNING")
    who = {"user_id": user_id, "channel_id": channel_id}
    reads = ToolAnnotations(read_only_hint=True)

    async def call(request: Request) -> CallToolResult:
        try:
            return _result(await ask(socket_path(settings.home, SOCKET), request))
        except (DoorClosed, PermissionError):
            said = text(settings.locale, "agent-not-running", home=str(settings.home.resolve()))
        except CallLost:
            said = text(settings.locale, "agent-lost")
        return CallToolResult(content=[TextContent(text=said)], is_error=True)

    @server.tool()
    async def draw(
        words: Words, shape: Shape = "", count: Count = 1, seed: Seed = None, exact: bool = False
    ) -> CallToolResult:
        """Draw what the words say. exact: paint from the words as they are, without expanding them."""
        return await call(Draw(**who, words=words, shape=shape, count=count, seed=seed, exact=exact))

    @server.tool()
    async def change(picture: PictureId, words: Words, number: Number = 1) -> CallToolResult:
        """Change a picture of this member's: say what is to be different, and all else stays."""
        return await call(Change(**who, picture=picture, words=words, number=number))

    @server.tool(annotations=reads)
    async def look_up(picture: PictureId) -> CallToolResult:
        """Show a request of this member's: whether it is done, how it was made, and its pictures."""
        return await call(LookUp(**who, picture=picture))

    @server.tool(annotations=reads)
    async def usage() -> CallToolResult:
        """Say how many pictures this member has left, and until when."""
        return await call(Usage(**who))

    return server


def _result(answer: Answer) -> CallToolResult:
    """Return what was said, the facts as JSON, and the pictures as images."""
    content: list[ContentBlock] = [TextContent(text=answer.says)] if answer.says else []
    facts = msgspec.to_builtins(answer.picture) if answer.picture else None
    if facts:
        content.append(TextContent(text=json.dumps(facts, ensure_ascii=False)))
    content += [Image(data=file, format="webp").to_image_content() for file in answer.files]
    return CallToolResult(content=content, structured_content=facts, is_error=answer.refused)
