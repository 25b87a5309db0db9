"""Edits progress into a channel's messages: the newest state of each, final ones at once, others each 1.5 s at most."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

import discord

from bot.ui.call_budget import NoRoom, Weight, weighing
from bot.ui.cards import Card
from bot.ui.discord_retry import DISCORD_FAILURES, repeated
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

FIRST_INTERVAL_S = 0.3
INTERVAL_S = 1.5
"""Seconds between two edits: short at first, so that a quick picture shows its progress too, then doubling."""

FINISHED_KEPT = 1_000
"""Messages of which late news are known as late: far more than can be on their way in a channel."""

Edit = Callable[[int, Card], Awaitable[None]]
HasRoom = Callable[[], bool]
"""Whether Discord's limits leave room for progress: the first to go where they do not."""
Make = Callable[[], Card]
"""A card is made when it is shown: where hundreds wait in line, most are replaced before."""


class ChannelEditor:
    """Shows progress by `edit(message_id, card)`, one edit at a time, until nothing is left to show."""

    def __init__(self, edit: Edit, interval_s: float = INTERVAL_S, has_room: HasRoom = lambda: True) -> None:
        self._edit, self._interval_s, self._has_room = edit, interval_s, has_room
        self._waiting: dict[int, tuple[Make, Make | None]] = {}
        self._shown: dict[int, Card] = {}
        self._finished: OrderedDict[int, None] = OrderedDict()
        self._pictured = set[int]()
        self._editing = asyncio.Lock()
        self._rest: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def show(self, message_id: int, make: Make, *, preview: bool = False) -> None:
        """Show the card soon; it replaces one that is still waiting. After the final card nothing is shown any more.

        `preview`: the card brings a picture, which is not lost to the next step where it is not yet shown; the first
        one of a message waits for no more than the shortest interval, however long the others have become.
        """
        if message_id in self._finished:
            return
        _, picture = self._waiting.get(message_id, (None, None))
        self._waiting[message_id] = make, make if preview else picture
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="channel-editor")
        if preview and message_id not in self._pictured:
            self._pictured.add(message_id)
            if self._rest is not None:
                asyncio.get_running_loop().call_later(min(FIRST_INTERVAL_S, self._interval_s), self._rest.cancel)

    async def finish(self, message_id: int, card: Card) -> None:
        """Show the final card now, and again after a failure that passes. Raises what `edit` raises at last."""
        self._end(message_id)
        await repeated(lambda: self._edit_alone(message_id, card))

    @property
    def idle(self) -> bool:
        return not self._waiting and (self._task is None or self._task.done())

    def _end(self, message_id: int) -> None:
        """Show nothing more of this message. A busy channel is never idle: it forgets the oldest."""
        self._finished[message_id] = None
        if len(self._finished) > FINISHED_KEPT:
            self._finished.popitem(last=False)
        self._waiting.pop(message_id, None)
        self._shown.pop(message_id, None)
        self._pictured.discard(message_id)

    async def _edit_alone(self, message_id: int, card: Card) -> None:
        with weighing(Weight.END):
            async with self._editing:
                await self._edit(message_id, card)

    async def _drain(self) -> None:
        pause = min(FIRST_INTERVAL_S, self._interval_s)
        while self._waiting:
            if self._has_room():
                with weighing(Weight.PROGRESS):
                    await self._show_next()
            self._rest = asyncio.create_task(asyncio.sleep(pause), name="channel-editor-rest")
            await asyncio.wait([self._rest])
            pause = min(self._interval_s, pause * 2)
        self._shown.clear()
        self._pictured.clear()

    async def _show_next(self) -> None:
        async with self._editing:
            if not self._waiting:
                return
            message_id, makers = next(iter(self._waiting.items()))
            card = self._made(message_id)
            if card is None or self._same(message_id, card):
                return
            try:
                await self._edit(message_id, card)
                if message_id not in self._finished:  # else nothing takes it out again in a busy channel
                    self._shown[message_id] = card
            except NoRoom:
                if message_id not in self._finished:
                    self._waiting.setdefault(message_id, makers)
            except discord.NotFound:
                self._end(message_id)
            except DISCORD_FAILURES as error:  # progress is worth no retry: the next state follows
                log.info("progress.edit_failed", message_id=message_id, detail=str(error))

    def _made(self, message_id: int) -> Card | None:
        """Make the card that waits; None where it was finished meanwhile."""
        make, picture = self._waiting.pop(message_id, (None, None))
        card = make() if make else None
        if card is None or card.files is not None or picture is None:
            return card
        return replace(card, files=picture().files)

    def _same(self, message_id: int, card: Card) -> bool:
        shown = self._shown.get(message_id)
        return shown is not None and shown.content == card.content and card.files is None
