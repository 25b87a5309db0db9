"""Whether a server's moderators let an order be drawn: pause, block of its requester, channel, blocked words."""

from __future__ import annotations

from bot.domain.jobs import Order, Place
from bot.domain.moderation import Barred, WordBlocked
from bot.domain.prompt import PromptSpec
from bot.domain.wordfilter.blocked_words import BlockedWords
from bot.services.ports.clock import Clock
from bot.services.ports.moderation import DecisionStore


class ServerGate:
    """Implements services.ports.moderation.Gate by what moderators decided; direct messages are no server's."""

    def __init__(self, decisions: DecisionStore, clock: Clock) -> None:
        self._decisions, self._clock = decisions, clock
        self._ready: dict[int, tuple[tuple[str, ...], BlockedWords]] = {}

    async def check(self, order: Order, place: Place) -> None:
        if place.guild_id is None:
            return
        if paused := await self._decisions.paused(place.guild_id):
            raise Barred(paused)
        block = await self._decisions.block_of(place.guild_id, place.user_id)
        if block and block.counts(self._clock.now()):
            raise Barred(block)
        channels = await self._decisions.channels(place.guild_id)
        if closed := channels.closed([place.channel_id, place.thread_of or place.channel_id]):
            raise Barred(closed)
        written = [order.words, *_texts(order.spec), *_texts(order.base)]
        if await self._hit(place.guild_id, written):
            raise Barred(WordBlocked())

    async def allows(self, spec: PromptSpec, place: Place) -> bool:
        return place.guild_id is None or not await self._hit(place.guild_id, _texts(spec))

    async def _hit(self, guild_id: int, texts: list[str]) -> bool:
        words = await self._decisions.words(guild_id)
        if not words:
            return False
        kept = self._ready.get(guild_id)
        if kept is None or kept[0] != words:
            self._ready[guild_id] = kept = (words, BlockedWords(words))
        return any(kept[1].hit(text) for text in texts)


def _texts(spec: PromptSpec | None) -> list[str]:
    return [] if spec is None else [spec.prompt, spec.understood, *spec.keywords]
