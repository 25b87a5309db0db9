"""Whether the host and a server's moderators let an order be drawn: who, where, pause, photos, blocked words."""

from __future__ import annotations

from bot.domain.jobs import Order, Place, texts_of
from bot.domain.moderation import Barred, Door, WordBlocked
from bot.domain.prompt import PromptSpec
from bot.domain.wordfilter.blocked_words import BlockedWords
from bot.services.ports.clock import Clock
from bot.services.ports.moderation import DecisionStore


class ServerGate:
    """Implements services.ports.moderation.Gate by what moderators decided; direct messages are no server's."""

    def __init__(self, decisions: DecisionStore, clock: Clock, door: Door) -> None:
        self._decisions, self._clock, self._door = decisions, clock, door
        self._ready: dict[int, tuple[tuple[str, ...], BlockedWords]] = {}

    async def check(self, order: Order, place: Place) -> None:
        why = self._door.closed(place.user_id, place.guild_id) or await self._decisions.closed(place, self._clock.now())
        if why:
            raise Barred(why)
        if order.photos_of and (bar := await self._decisions.photo_bar(place, order.photos_of)):
            raise Barred(bar)
        await self.check_words(order, place)

    async def check_words(self, order: Order, place: Place) -> tuple[str, ...]:
        if why := self._door.closed(place.user_id, place.guild_id):
            raise Barred(why)
        if place.guild_id is None:
            return ()
        words = await self._decisions.words(place.guild_id)
        if self._hit(place.guild_id, words, order.texts()):
            raise Barred(WordBlocked())
        return words

    async def allows(self, spec: PromptSpec, place: Place) -> bool:
        if place.guild_id is None:
            return True
        return not self._hit(place.guild_id, await self._decisions.words(place.guild_id), texts_of(spec))

    def _hit(self, guild_id: int, words: tuple[str, ...], texts: list[str]) -> bool:
        if not words:
            return False
        kept = self._ready.get(guild_id)
        if kept is None or kept[0] != words:
            self._ready[guild_id] = kept = (words, BlockedWords(words))
        return any(kept[1].hit(text) for text in texts)
