"""Reads a reply, or a message to the bot, before anything comes of it: whether it wants a picture, or is chat.

Invariant: reading reserves nothing and writes nothing, so a crash before the order leaves no trace.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.invisible_characters import readable
from bot.domain.jobs import Job, Order
from bot.domain.outgoing import scrub
from bot.domain.prompt import PromptSpec, UnknownThing
from bot.domain.pseudonym import turn_name
from bot.services.catalog import Catalog
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine
from bot.services.ports.moderation import DecisionStore
from bot.services.ports.storage import JobStore
from bot.services.understanding_budget import TooManyUnderstandings, UnderstandingBudget
from bot.services.versions import line_of, versions_of
from bot.understanding.conversation import MAX_VERSIONS, Request, Version
from bot.understanding.prompt_spec import Kind
from bot.understanding.understand import understand
from engine.api.errors import Unavailable

WISH_S, PEOPLE_KEPT = 300.0, 1_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply asks for. `spec` is the picture to draw, None where the words are still to be understood.

    `picture` is the one of a set that the words name, counted from 1. For UNDO `version` is the job that is meant, None
    where there is none before the picture. `unknown` is the thing asked for, where a model of a small world does not
    know it.
    """

    kind: Kind
    spec: PromptSpec | None = None
    version: Job | None = None
    picture: int | None = None
    unknown: UnknownThing | None = None


class ReplyReader:
    """Asks the language model what a reply is; `secret` is the key of the names by which it takes turns."""

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobStore,
        catalog: Catalog,
        decisions: DecisionStore,
        understandings: UnderstandingBudget,
        clock: Clock,
        secret: bytes,
    ) -> None:
        self._engine, self._jobs, self._catalog = engine, jobs, catalog
        self._decisions, self._understandings, self._clock, self._secret = decisions, understandings, clock, secret
        self._wished_at: OrderedDict[int, float] = OrderedDict()
        """When words of each person were last taken for a wish; the newest last."""

    async def counts(self, guild_id: int | None, mentions: bool) -> bool:
        """Whether a reply is meant for Limner at all: a server may ask for a mention in its text."""
        return guild_id is None or mentions or not await self._decisions.replies_by_mention(guild_id)

    def begin(self, order: Order, user_id: int) -> bool:
        """Count a reply that `read` is to read; False for someone who chats too fast, and needs no word about it.

        Raises LanguageUnread, and TooManyUnderstandings for someone who lately asked for a picture.
        """
        self._catalog.facts.languages.check(order.words)
        try:
            self._understandings.spend(user_id)
        except TooManyUnderstandings:
            if self._clock.now() - self._wished_at.get(user_id, float("-inf")) < WISH_S:
                raise
            return False
        return True

    def _wished(self, user_id: int) -> None:
        self._wished_at[user_id] = self._clock.now()
        self._wished_at.move_to_end(user_id)
        if len(self._wished_at) > PEOPLE_KEPT:
            self._wished_at.popitem(last=False)

    async def read(self, parent: Job, order: Order, user_id: int) -> Reading:
        """Read the words of an order that refines the parent, after `begin`.

        Where the engine is away, the words are a change that is understood, and counted, later.
        """
        facts = self._catalog.facts
        words = scrub(order.words) if facts.sent_to else order.words
        ancestors = line_of([parent, *await self._jobs.ancestors(parent.id)])[1:]
        versions = versions_of(ancestors)
        if order.base is not None:
            versions.append(Version(parent.order.words, order.base))
        if not await self._engine.ready():
            self._understandings.give_back(user_id)
            return Reading(Kind.CHANGE)
        name, count = turn_name(self._secret, user_id), parent.order.count
        request = Request(
            readable(words) or words,
            versions,
            facts.painter,
            name,
            edits=facts.edits_by_instruction,
            pictures=count,
            references=order.references,
            attached=order.references > 0,
        )
        try:
            answer = await understand(self._engine, request)
        except Unavailable:
            return Reading(Kind.CHANGE)
        if answer.kind is Kind.UNDO:
            return Reading(Kind.UNDO, version=_meant([*reversed(ancestors), parent], answer.version))
        if answer.kind is not Kind.CHAT:
            self._wished(user_id)
        if answer.kind is Kind.CHAT and answer.spec and order.base and answer.spec.prompt == order.base.prompt:
            return Reading(Kind.CHAT, picture=answer.picture)
        unknown = None if facts.edits_by_instruction or not facts.words else answer.unknown
        return Reading(answer.kind, answer.spec, picture=answer.picture, unknown=unknown)

    async def read_order(self, order: Order, user_id: int, parent: Job | None) -> Reading:
        """Count and read the words of an order, which asks for a picture, or for a change of the parent's.

        Raises LanguageUnread and TooManyUnderstandings.
        """
        self._catalog.facts.languages.check(order.words)
        with self._understandings.spent(user_id):
            if parent is not None and order.base is not None:
                return await self.read(parent, order, user_id)
            return await self.read_first(order, user_id, addressed=False)

    async def read_first(self, order: Order, user_id: int, *, addressed: bool = True) -> Reading:
        """Read the words of a request, after `begin`; those of a message that is `addressed` to the bot may be chat.

        Where the engine is away, the words are a request that is understood, and counted, later.
        """
        facts = self._catalog.facts
        words = scrub(order.words) if facts.sent_to else order.words
        if not await self._engine.ready():
            self._understandings.give_back(user_id)
            return Reading(Kind.NEW)
        name, edits = turn_name(self._secret, user_id), facts.edits(order)
        request = Request(
            readable(words) or words,
            (),
            facts.painter,
            name,
            edits=edits,
            addressed=addressed,
            references=order.references,
            attached=order.from_picture,
        )
        try:
            answer = await understand(self._engine, request)
        except Unavailable:
            return Reading(Kind.NEW)
        if answer.kind is not Kind.CHAT:
            self._wished(user_id)
        return Reading(answer.kind, answer.spec, unknown=answer.unknown if facts.words and not edits else None)


def _meant(jobs: Sequence[Job], version: int | None) -> Job | None:
    """Return the version that is meant of those that the model saw, oldest first, the present one last.

    1 is the first, and negative numbers count back from the present one; without a number, the one before it is meant.
    """
    seen = [job for job in jobs if job.spec and job.purged_at is None]
    if len(seen) > MAX_VERSIONS:
        seen = [seen[0], *seen[1 - MAX_VERSIONS :]]
    back = version or -1
    index = len(seen) - 1 + back if back < 0 else back - 1
    if len(seen) < 2 or index >= len(seen) - 1:
        return None
    return seen[max(0, index)]
