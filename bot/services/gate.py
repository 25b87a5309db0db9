"""Whether the host and moderators let an order be drawn: who, where, pause, photos, models, blocked words."""

from __future__ import annotations

import asyncio

from bot.domain.jobs import Order, Place, texts_of
from bot.domain.moderation import Barred, Door, WordBlocked
from bot.domain.prompt import PromptSpec
from bot.domain.wordfilter.blocked_words import BlockedWords
from bot.services.ports.clock import Clock
from bot.services.ports.moderation import DecisionStore

LONG_CHARS = 500
Words = tuple[tuple[str, ...], BlockedWords]
"""Blocked words, and what finds them."""


class ServerGate:
    """Implements services.ports.moderation.Gate by what moderators decided; direct messages have no blocked words."""

    def __init__(self, decisions: DecisionStore, clock: Clock, door: Door) -> None:
        self._decisions, self._clock, self._door = decisions, clock, door
        self._read: dict[int, Words] = {}
        """Each server's words as they were read last."""

    async def check(self, order: Order, place: Place, model: str = "") -> None:
        why = self._door.closed(place.user_id, place.guild_id) or await self._decisions.closed(place, self._clock.now())
        if why:
            raise Barred(why)
        if order.photos_of and (bar := await self._decisions.photo_bar(place, order.photos_of)):
            raise Barred(bar)
        if closed := await self._decisions.model_bar(place, order, model):
            raise Barred(closed)
        await self.check_words(order, place, anew=True)

    async def check_words(self, order: Order, place: Place, *, anew: bool = False) -> tuple[str, ...]:
        if why := self._door.closed(place.user_id, place.guild_id):
            raise Barred(why)
        if place.guild_id is None:
            return ()
        texts, known = order.texts(), self._read.get(place.guild_id)
        if anew or known is None or await _hit(known, texts):  # nobody is refused for a word that counts no more
            known = await self._words(place.guild_id)
            if await _hit(known, texts):
                raise Barred(WordBlocked())
        return known[0]

    async def allows(self, spec: PromptSpec, place: Place) -> bool:
        return place.guild_id is None or not await _hit(await self._words(place.guild_id), texts_of(spec))

    async def _words(self, guild_id: int) -> Words:
        words, known = await self._decisions.words(guild_id), self._read.get(guild_id)
        if known is None or known[0] != words:
            self._read[guild_id] = known = (words, BlockedWords(words))
        return known


async def _hit(words: Words, texts: list[str]) -> bool:
    """Whether a text holds one of the words. Long texts, which may take tenths of a second, are read in a thread."""
    if not words[0]:
        return False
    if sum(map(len, texts)) < LONG_CHARS:
        return any(map(words[1].hit, texts))
    return await asyncio.to_thread(lambda: any(map(words[1].hit, texts)))
