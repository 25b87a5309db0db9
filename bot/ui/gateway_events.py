"""What discord.py gets of gateway events: none that it cannot parse, which would end it, and no more than is read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import discord

from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

Parser = Callable[[Any], None]
UNREAD = ("guild_scheduled_events", "soundboard_sounds", "stage_instances")
"""What the bot never looks at of a server; with its channels' topics, a quarter of the memory that a server takes."""

REMEMBERED = 1_000
"""Ids of events that are known again; what is told twice comes within a moment."""


def forgive(client: discord.Client) -> None:
    """Wrap the client's parsers of events. READY is left: without it there is no session to go on with."""
    parsers: dict[str, Parser] = client._connection.parsers  # discord.py 2.7.1 has no other place for this
    for name, parse in parsers.items():
        if name != "READY":
            parsers[name] = _forgiving(name, parse)


def slim(client: discord.Client) -> None:
    """Keep what is UNREAD of the client's servers, and their channels' topics, out of its memory."""
    parsers: dict[str, Parser] = client._connection.parsers
    parse = parsers["GUILD_CREATE"]

    def read(data: Any) -> None:
        for name in UNREAD:
            data.pop(name, None)
        for channel in data.get("channels") or ():
            channel.pop("topic", None)
        parse(data)

    parsers["GUILD_CREATE"] = read


def hear_once(client: discord.Client) -> None:
    """Wrap the client's parsers of what members do, so that what Discord tells twice is done once."""
    parsers: dict[str, Parser] = client._connection.parsers
    for name in ("INTERACTION_CREATE", "MESSAGE_CREATE"):
        parsers[name] = once(parsers[name])


def once(parse: Parser) -> Parser:
    """Return the parser, which passes over an event whose id is among the last REMEMBERED ones."""
    came: OrderedDict[str, None] = OrderedDict()

    def read(data: Any) -> None:
        if (key := data.get("id")) in came:
            log.info("discord.event_repeated", id=key)
            return
        if key is not None:
            came[key] = None
            if len(came) > REMEMBERED:
                came.popitem(last=False)
        parse(data)

    return read


def _forgiving(name: str, parse: Parser) -> Parser:
    def read(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:  # whatever the event lacks
            log.warning("discord.event_unreadable", event_name=name, detail=type(error).__name__)

    return read
