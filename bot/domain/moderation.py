"""Moderators' decisions (blocks, pauses, channels, blocked words) and entries of the audit log, as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from bot.domain.model_rules import ModelClosed
from bot.domain.photos import PhotoBar


@dataclass(frozen=True, slots=True)
class Block:
    """Someone who may not draw; `until` is in seconds since 1970, None for good."""

    until: float | None = None
    reason: str = ""

    def counts(self, now: float) -> bool:
        return self.until is None or self.until > now


@dataclass(frozen=True, slots=True)
class Paused:
    """Nobody may draw in the server for now."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """Nobody may draw in this channel; `open_in` names those where one may, if they are listed."""

    open_in: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WordBlocked:
    """The request holds a blocked word."""


@dataclass(frozen=True, slots=True)
class BlockedByHost:
    """Someone whom the host lets draw nowhere."""


@dataclass(frozen=True, slots=True)
class NotServed:
    """The host lets Limner draw in some servers alone, and this place is in none of them."""


Closed = Block | Paused | ChannelClosed | BlockedByHost | NotServed


@dataclass(frozen=True, slots=True)
class Door:
    """Whom and where the host lets draw: not `blocked_users`; in `servers` alone, where any are named."""

    blocked_users: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()

    def closed(self, user_id: int, guild_id: int | None) -> BlockedByHost | NotServed | None:
        """Return why the person may not draw there; direct messages are in no server."""
        if user_id in self.blocked_users:
            return BlockedByHost()
        return None if self.serves(guild_id) else NotServed()

    def serves(self, guild_id: int | None) -> bool:
        """Whether people may draw in this server, or, for None, in direct messages."""
        return not self.servers or guild_id in self.servers


class Barred(Exception):
    """The server's moderators, or the host, do not let this be drawn; nothing was changed."""

    def __init__(self, why: Closed | WordBlocked | PhotoBar | ModelClosed) -> None:
        super().__init__(type(why).__name__)
        self.why = why


class ChannelRule(Enum):
    ALLOWED = "allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Channels:
    """Where one may draw: in none that is denied, and, once any is allowed, in the allowed ones alone."""

    rules: Mapping[int, ChannelRule]

    def having(self, rule: ChannelRule) -> tuple[int, ...]:
        return tuple(sorted(channel for channel, found in self.rules.items() if found is rule))

    def closed(self, channel_ids: Collection[int]) -> ChannelClosed | None:
        """Return why nobody may draw in a channel, given by its id and, for a thread, its parent's; None if one may."""
        found = {self.rules.get(channel) for channel in channel_ids}
        allowed = self.having(ChannelRule.ALLOWED)
        if ChannelRule.DENIED in found or (allowed and ChannelRule.ALLOWED not in found):
            return ChannelClosed(allowed)
        return None

    def changed(self, channel_id: int, rule: ChannelRule) -> ChannelRule | None:
        """Return the channel's rule after a change: to allow what was denied lifts that, and lists nothing."""
        lifted = rule is ChannelRule.ALLOWED and self.rules.get(channel_id) is ChannelRule.DENIED
        return None if lifted and not self.having(ChannelRule.ALLOWED) else rule


class Action(Enum):
    """What the log tells of; `UNKNOWN` stands for what another version of Limner wrote."""

    BLOCK = "block"
    UNBLOCK = "unblock"
    WORD_ADD = "word-add"
    WORD_REMOVE = "word-remove"
    CHANNEL_ALLOW = "channel-allow"
    CHANNEL_DENY = "channel-deny"
    LOG_CHANNEL = "log-channel"
    REPLIES = "replies"
    PHOTOS = "photos"
    MODEL_ALLOW = "model-allow"
    MODEL_DENY = "model-deny"
    PHOTO_USE = "photo-use"
    PHOTO_DELETE = "photo-delete"
    PAUSE = "pause"
    RESUME = "resume"
    LIMIT_SET = "limit-set"
    LIMIT_RESET = "limit-reset"
    LIMIT_GRANT = "limit-grant"
    NSFW_POLICY = "nsfw-policy"
    REVIEW_CHANNEL = "review-channel"
    REVIEW_RELEASE = "review-release"
    REVIEW_REMOVE = "review-remove"
    DELETE = "delete"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `target_id` is whom or what it concerns; `before` and `after` are empty for nothing.

    A time is written as seconds since 1970, a channel as its id, limits as in `allowance`. `target_kind` is `user`,
    `role` or `everyone` where the action alone does not tell.
    """

    actor_id: int
    action: Action
    at: float
    target_id: int | None = None
    before: str = ""
    after: str = ""
    reason: str = ""
    target_kind: str = ""
