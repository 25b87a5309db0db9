"""Blocks, blocked words, channels, pauses and the log of a server; each use case checks that its actor moderates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bot.domain.actor import Actor, check_moderator
from bot.domain.expiry import parse_expiry
from bot.domain.invisible_characters import one_line
from bot.domain.jobs import Job, Place
from bot.domain.limit_rules import Kind
from bot.domain.model_rules import ModelRef, RoleRule, RoleRules
from bot.domain.moderation import Action, Barred, Block, ChannelRule, Channels, Door, Entry, Paused
from bot.domain.photo_uses import photo_uses
from bot.domain.photos import PhotoMode
from bot.domain.wordfilter.blocked_words import can_be_blocked
from bot.services.audited import AuditedChanges
from bot.services.orders import Orders
from bot.services.ports.clock import Clock
from bot.services.ports.moderation import AuditLog, DecisionStore
from bot.services.ports.storage import JobStore
from bot.services.retry import written

REASON_CHARS = 300
MAX_WORDS = 500
MAX_MODEL_RULES = 200
LOG_PAGE = 8


class WordUnfit(Exception):
    """Nothing of the word could be looked for, or it is too long."""


class WordsFull(Exception):
    """The server has MAX_WORDS blocked words."""


class ModelRulesFull(Exception):
    """The server has MAX_MODEL_RULES rules on models and LoRAs."""


class NothingToLift(Exception):
    """There is no such block, word or pause."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries newest first; `number` counts from 0."""

    entries: list[Entry]
    number: int
    pages: int
    total: int


class Moderation:
    """All raise NotModerator, with nothing changed, but those that anyone may ask, `deleted` and those of photos."""

    def __init__(
        self, *, decisions: DecisionStore, audit: AuditLog, changes: AuditedChanges, orders: Orders, jobs: JobStore,
        clock: Clock, door: Door,
    ) -> None:  # fmt: skip
        self._decisions, self._audit, self._changes = decisions, audit, changes
        self._orders, self._jobs, self._clock, self._door = orders, jobs, clock, door

    async def block(self, actor: Actor, user_id: int, expires: str = "", reason: str = "") -> tuple[Block, int]:
        """Keep someone from drawing, and stop and refund what is on its way. Return how many requests that were.

        Raises ExpiryInvalid.
        """
        guild_id, stopped = check_moderator(actor, actor.guild_id), 0
        block = Block(parse_expiry(expires, self._clock.now()) if expires else None, one_line(reason, REASON_CHARS))

        async def write(entry: Entry) -> None:
            nonlocal stopped
            await self._decisions.set_block(guild_id, user_id, block, entry)
            stopped = await self._stop(guild_id, user_id)

        before = await self._decisions.block_of(guild_id, user_id)
        await self._changes.apply(
            actor, guild_id, Action.BLOCK, write,
            target=user_id, before=_until(before), after=_until(block), reason=block.reason,
        )  # fmt: skip
        return block, stopped

    async def _stop(self, guild_id: int, user_id: int) -> int:
        """Cancel the member's requests in the server; return how many had not ended.

        The block stands already, so that however long the disk takes nothing, none of them may come to its picture.
        """
        running = [job for job in await written(self._jobs.unfinished) if job.place.user_id == user_id]
        here = [job.id for job in running if job.place.guild_id == guild_id]
        return sum([await written(partial(self._orders.cancel, job_id)) for job_id in here])

    async def blocks(self, place: Place) -> bool:
        """Whether the person may not draw in that server, or in direct messages, now; anyone may ask."""
        if self._door.closed(place.user_id, place.guild_id):
            return True
        return await self._decisions.blocked(place, self._clock.now()) is not None

    def host_blocks(self, user_id: int) -> bool:
        """Whether the host blocks the person everywhere, which no moderator can lift."""
        return user_id in self._door.blocked_users

    async def unblock(self, actor: Actor, user_id: int) -> None:
        """Raises NothingToLift."""
        guild_id = check_moderator(actor, actor.guild_id)
        before = await self._decisions.block_of(guild_id, user_id)
        if before is None:
            raise NothingToLift
        write = partial(self._decisions.set_block, guild_id, user_id, None)
        await self._changes.apply(actor, guild_id, Action.UNBLOCK, write, target=user_id, before=_until(before))

    async def add_word(self, actor: Actor, word: str) -> str:
        """Return the word as it is kept. Raises WordUnfit, WordsFull."""
        guild_id, word = check_moderator(actor, actor.guild_id), _kept(word)
        if not can_be_blocked(word):
            raise WordUnfit
        words = await self._decisions.words(guild_id)
        if word in words:
            return word
        if len(words) >= MAX_WORDS:
            raise WordsFull
        write = partial(self._decisions.set_word, guild_id, word, True)
        await self._changes.apply(actor, guild_id, Action.WORD_ADD, write, after=word)
        return word

    async def remove_word(self, actor: Actor, word: str) -> str:
        """Return the word as it was kept. Raises NothingToLift."""
        guild_id, word = check_moderator(actor, actor.guild_id), _kept(word)
        if word not in await self._decisions.words(guild_id):
            raise NothingToLift
        write = partial(self._decisions.set_word, guild_id, word, False)
        await self._changes.apply(actor, guild_id, Action.WORD_REMOVE, write, before=word)
        return word

    async def words(self, actor: Actor) -> tuple[str, ...]:
        return await self._decisions.words(check_moderator(actor, actor.guild_id))

    async def set_channel(self, actor: Actor, channel_id: int, rule: ChannelRule) -> Channels:
        """Let people draw in a channel, or not; return how all channels stand then."""
        guild_id = check_moderator(actor, actor.guild_id)
        before = await self._decisions.channels(guild_id)
        after = before.changed(channel_id, rule)
        action = Action.CHANNEL_ALLOW if rule is ChannelRule.ALLOWED else Action.CHANNEL_DENY
        write = partial(self._decisions.set_channel, guild_id, channel_id, after)
        was = before.rules.get(channel_id)
        await self._changes.apply(
            actor, guild_id, action, write, target=channel_id, before=_value(was), after=_value(after)
        )
        return await self._decisions.channels(guild_id)

    async def channels(self, actor: Actor) -> Channels:
        return await self._decisions.channels(check_moderator(actor, actor.guild_id))

    async def set_log_channel(self, actor: Actor, channel_id: int | None) -> None:
        """Post every further entry there too; None ends that."""
        guild_id = check_moderator(actor, actor.guild_id)
        before, after = str(await self._decisions.log_channel(guild_id) or ""), str(channel_id or "")
        write = partial(self._decisions.set_log_channel, guild_id, channel_id)
        await self._changes.apply(
            actor, guild_id, Action.LOG_CHANNEL, write, target=channel_id, before=before, after=after
        )

    async def set_replies(self, actor: Actor, mention: bool) -> None:
        """Let replies count only when their text mentions the bot, or all of them."""
        guild_id = check_moderator(actor, actor.guild_id)
        before = await self._decisions.replies_by_mention(guild_id)
        write = partial(self._decisions.set_replies_by_mention, guild_id, mention)
        modes = {True: "mention", False: "any"}
        await self._changes.apply(actor, guild_id, Action.REPLIES, write, before=modes[before], after=modes[mention])

    async def set_photos(self, actor: Actor, mode: PhotoMode) -> None:
        """Let people paint from their own photos and shared ones, from everyone's, or from none."""
        guild_id = check_moderator(actor, actor.guild_id)
        before = await self._decisions.photo_mode(guild_id)
        write = partial(self._decisions.set_photo_mode, guild_id, mode)
        await self._changes.apply(actor, guild_id, Action.PHOTOS, write, before=before.value, after=mode.value)

    async def set_model_rule(self, actor: Actor, ref: ModelRef, role_id: int, rule: RoleRule) -> RoleRules:
        """Let a role paint with a model or LoRA, or not; return who may then. Raises ModelRulesFull.

        Discord's role @everyone has the server's id.
        """
        guild_id = check_moderator(actor, actor.guild_id)
        standing = await self._decisions.model_rules(guild_id)
        held = next((found for other, found in standing.items() if other.key == ref.key), RoleRules({}))
        if role_id not in held.rules and sum(len(each.rules) for each in standing.values()) >= MAX_MODEL_RULES:
            raise ModelRulesFull
        was, after = held.rules.get(role_id), held.changed(role_id, rule)
        action = Action.MODEL_ALLOW if rule is RoleRule.ALLOWED else Action.MODEL_DENY
        write = partial(self._decisions.set_model_rule, guild_id, ref, role_id, after)
        kind = Kind.EVERYONE if role_id == guild_id else Kind.ROLE
        await self._changes.apply(
            actor, guild_id, action, write,
            target=role_id, target_kind=kind.value, before=_model_value(ref, was), after=_model_value(ref, after),
        )  # fmt: skip
        rules = await self._decisions.model_rules(guild_id)
        return next((found for other, found in rules.items() if other.key == ref.key), RoleRules({}))

    async def model_rules(self, actor: Actor) -> dict[ModelRef, RoleRules]:
        return await self._decisions.model_rules(check_moderator(actor, actor.guild_id))

    async def closed_models(self, place: Place) -> frozenset[tuple[str, str]]:
        """Return the keys of the models and LoRAs that the person may not use there; anyone may ask."""
        if place.guild_id is None:
            return frozenset()
        rules, roles = await self._decisions.model_rules(place.guild_id), {*place.roles, place.guild_id}
        return frozenset(ref.key for ref, held in rules.items() if held.bar(roles))

    async def check_photos(self, place: Place, authors: tuple[int, ...]) -> None:
        """Raises Barred where the asker may not paint from photos of these authors; anyone may ask."""
        if authors and (bar := await self._decisions.photo_bar(place, authors)):
            raise Barred(bar)

    async def show_photo_uses(self, job: Job) -> None:
        """Show in the log's channel whose photos a job starts from, where they are others'."""
        if job.place.guild_id is not None:
            for entry in photo_uses(job):
                await self._changes.show(job.place.guild_id, entry)

    async def photo_deleted(self, job: Job, author: Actor) -> None:
        """Note that a photo's author deleted what someone else had made of it."""
        if job.place.guild_id is not None:
            write = partial(self._decisions.note, job.place.guild_id)
            await self._changes.apply(author, job.place.guild_id, Action.PHOTO_DELETE, write, target=job.place.user_id)

    async def pause(self, actor: Actor, reason: str = "") -> Paused:
        """Take no new orders in the server; those on their way go on."""
        guild_id, paused = check_moderator(actor, actor.guild_id), Paused(one_line(reason, REASON_CHARS))
        before = "paused" if await self._decisions.paused(guild_id) else ""
        write = partial(self._decisions.set_paused, guild_id, paused)
        await self._changes.apply(
            actor, guild_id, Action.PAUSE, write, before=before, after="paused", reason=paused.reason
        )
        return paused

    async def paused(self, guild_id: int | None) -> Paused | None:
        """Return how drawing is paused in the server, None where it is not; anyone may ask."""
        return None if guild_id is None else await self._decisions.paused(guild_id)

    async def resume(self, actor: Actor) -> None:
        """Raises NothingToLift."""
        guild_id = check_moderator(actor, actor.guild_id)
        if await self._decisions.paused(guild_id) is None:
            raise NothingToLift
        write = partial(self._decisions.set_paused, guild_id, None)
        await self._changes.apply(actor, guild_id, Action.RESUME, write, before="paused")

    async def deleted(
        self, deleter: Actor, guild_id: int, owner_id: int, reason: str, delete: Callable[[], Awaitable[None]]
    ) -> None:
        """Let `delete` take away someone's picture, and note that.

        The caller has asked Discord whether the deleter may delete others' messages there; more is not needed.
        """

        async def write(entry: Entry) -> None:
            await delete()
            await self._decisions.note(guild_id, entry)

        why = one_line(reason, REASON_CHARS)
        await self._changes.apply(deleter, guild_id, Action.DELETE, write, target=owner_id, reason=why)

    async def log(self, actor: Actor, about: int | None, number: int) -> LogPage:
        """Return a page of the log, or the last where there are fewer; `about` is a user, as doer or as concerned."""
        guild_id = check_moderator(actor, actor.guild_id)
        total = await self._audit.count(guild_id, about)
        pages = max(1, -(-total // LOG_PAGE))
        number = min(number, pages - 1)
        return LogPage(await self._audit.entries(guild_id, about, number * LOG_PAGE, LOG_PAGE), number, pages, total)


def _model_value(ref: ModelRef, rule: RoleRule | None) -> str:
    return f"{rule.value} {ref.kind.value} {ref.name}" if rule else ""


def _kept(word: str) -> str:
    return one_line(word, 2 * REASON_CHARS).casefold()


def _until(block: Block | None) -> str:
    if block is None:
        return ""
    return "always" if block.until is None else str(round(block.until))


def _value(rule: ChannelRule | None) -> str:
    return "" if rule is None else rule.value
