"""Edits of one channel's messages: the newest card of each, finals at once, never more often than useful."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import discord
import structlog

from bot.ui.cards import Card
from bot.ui.retry import DISCORD_FAILURES, repeated

log = structlog.get_logger(__name__)

FIRST_INTERVAL_S = 0.3
INTERVAL_S = 1.5
"""Seconds between two edits: short at first, so that a quick picture shows its progress too, then doubling."""

Edit = Callable[[int, Card], Awaitable[None]]


class ChannelEditor:
    """Shows progress by `edit(message_id, card)`, one edit at a time, until nothing is left to show."""

    def __init__(self, edit: Edit, interval_s: float = INTERVAL_S) -> None:
        self._edit, self._interval_s = edit, interval_s
        self._waiting: dict[int, Card] = {}
        self._shown: dict[int, Card] = {}
        self._finished: set[int] = set()
        self._editing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def show(self, message_id: int, card: Card) -> None:
        """Show the card soon; it replaces one that is still waiting. After the final card nothing is shown any more."""
        if message_id in self._finished:
            return
        waiting = self._waiting.get(message_id)
        if waiting is not None and card.files is None:
            card = Card(card.content, card.view, waiting.files)  # a preview not yet shown is not lost to the next step
        self._waiting[message_id] = card
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="channel-editor")

    async def finish(self, message_id: int, card: Card) -> None:
        """Show the final card now, and again after a failure that passes. Raises what `edit` raises at last."""
        self._finished.add(message_id)
        self._waiting.pop(message_id, None)
        await repeated(lambda: self._edit_alone(message_id, card))

    @property
    def idle(self) -> bool:
        return not self._waiting and (self._task is None or self._task.done())

    async def _edit_alone(self, message_id: int, card: Card) -> None:
        async with self._editing:
            await self._edit(message_id, card)

    async def _drain(self) -> None:
        pause = min(FIRST_INTERVAL_S, self._interval_s)
        while self._waiting:
            message_id = next(iter(self._waiting))
            async with self._editing:
                card = self._waiting.pop(message_id, None)
                if card is not None and not self._same(message_id, card):
                    try:
                        await self._edit(message_id, card)
                        self._shown[message_id] = card
                    except discord.NotFound:
                        self._finished.add(message_id)
                    except DISCORD_FAILURES as error:  # progress is worth no retry: the next state follows
                        log.info("progress.edit_failed", message_id=message_id, detail=str(error))
            await asyncio.sleep(pause)
            pause = min(self._interval_s, pause * 2)
        self._shown.clear()

    def _same(self, message_id: int, card: Card) -> bool:
        shown = self._shown.get(message_id)
        return shown is not None and shown.content == card.content and card.files is None
