"""Gateway events that cannot be parsed are logged and skipped, where discord.py's client would end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
import structlog

log = structlog.get_logger(__name__)

Parser = Callable[[Any], None]


def forgive(client: discord.Client) -> None:
    """Wrap the client's parsers of events. READY is left: without it there is no session to go on with."""
    parsers: dict[str, Parser] = client._connection.parsers  # discord.py 2.7.1 has no other place for this
    for name, parse in parsers.items():
        if name != "READY":
            parsers[name] = _forgiving(name, parse)


def _forgiving(name: str, parse: Parser) -> Parser:
    def read(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:  # whatever the event lacks
            log.warning("discord.event_unreadable", event_name=name, detail=type(error).__name__)

    return read
