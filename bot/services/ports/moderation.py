"""What limits and moderation need of the world, as protocols: stored decisions, the log, Discord's settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.domain.delegation import Overwrites
from bot.domain.jobs import Order, Place
from bot.domain.limit_rules import Rule, Target
from bot.domain.model_rules import ModelClosed, ModelRef, RoleRule, RoleRules
from bot.domain.moderation import Block, ChannelRule, Channels, Closed, Entry, Paused
from bot.domain.photos import PhotoBar, PhotoMode
from bot.domain.prompt import PromptSpec

Noted = Callable[[Sequence[Rule], int], Entry]
"""Returns the entry of a change, given the rules that the target had before it, and what was left of its grant."""


class LimitRules(Protocol):
    """Rules and grants of servers. Every change is one transaction, with its entry of the log that `noted` returns.

    Each returns all the rules that the target had before, and what was left of its grant.
    """

    async def rules(self, guild_id: int, now: float) -> list[Rule]:
        """Return the server's rules that count."""

    async def set(self, guild_id: int, rule: Rule, noted: Noted) -> tuple[list[Rule], int]:
        """Put the rule in place of the target's over the same window, of all models or of the same one."""

    async def reset(
        self, guild_id: int, target: Target, now: float, noted: Noted, model: str = ""
    ) -> tuple[list[Rule], int]:
        """Take away the target's rules, and what is left of a user's grant; no entry where there was neither.

        With `model`, take away the rules of that one alone; where there is none, return nothing.
        """

    async def grant(self, guild_id: int, user_id: int, images: int, noted: Noted) -> tuple[list[Rule], int]:
        """Add pictures to the user's grant."""


class Gate(Protocol):
    """What the host and a server's moderators let be drawn."""

    async def check(self, order: Order, place: Place, model: str = "") -> None:
        """Raises Barred where the order may not be taken as things stand; `model` is the one that paints, if known."""

    async def check_words(self, order: Order, place: Place, *, anew: bool = False) -> tuple[str, ...]:
        """Return the blocked words that the order was compared with.

        They are those that were read last, unless `anew`; whether they still count is for the ledger to say. Raises
        Barred where the order holds one, or where the host lets nobody, or not this member, draw there.
        """

    async def allows(self, spec: PromptSpec, place: Place) -> bool:
        """Whether what the words were understood as may be painted there."""


class DecisionStore(Protocol):
    """What moderators decided for a server; each change is written with its entry of the log, or not at all."""

    async def closed(self, place: Place, now: float) -> Closed | None:
        """Return why nobody, or not this member, may draw there; blocked words apart."""

    async def blocked(self, place: Place, now: float) -> Block | None:
        """Return the block that counts there: of the server, or in direct messages one of a server.

        In direct messages nobody is blocked who drew in another server that does not block them.
        """

    async def block_of(self, guild_id: int, user_id: int) -> Block | None: ...

    async def paused(self, guild_id: int) -> Paused | None: ...

    async def words(self, guild_id: int) -> tuple[str, ...]: ...

    async def channels(self, guild_id: int) -> Channels: ...

    async def log_channel(self, guild_id: int) -> int | None: ...

    async def replies_by_mention(self, guild_id: int) -> bool:
        """Whether replies count only when their text mentions the bot."""

    async def set_block(self, guild_id: int, user_id: int, block: Block | None, entry: Entry) -> None: ...

    async def set_word(self, guild_id: int, word: str, blocked: bool, entry: Entry) -> None: ...

    async def set_channel(self, guild_id: int, channel_id: int, rule: ChannelRule | None, entry: Entry) -> None: ...

    async def set_paused(self, guild_id: int, paused: Paused | None, entry: Entry) -> None: ...

    async def set_log_channel(self, guild_id: int, channel_id: int | None, entry: Entry) -> None: ...

    async def set_replies_by_mention(self, guild_id: int, mention: bool, entry: Entry) -> None: ...

    async def photo_mode(self, guild_id: int) -> PhotoMode: ...

    async def photo_bar(self, place: Place, authors: tuple[int, ...]) -> PhotoBar | None:
        """Return why the asker may not paint from photos of these authors there, None where they may."""

    async def set_photo_mode(self, guild_id: int, mode: PhotoMode, entry: Entry) -> None: ...

    async def model_rules(self, guild_id: int) -> dict[ModelRef, RoleRules]:
        """Return who may paint with the models and LoRAs that rules name."""

    async def model_bar(self, place: Place, order: Order, model: str) -> ModelClosed | None:
        """Return why the asker may not have the order painted by this model there; empty where it is not known."""

    async def set_model_rule(
        self, guild_id: int, ref: ModelRef, role_id: int, rule: RoleRule | None, entry: Entry
    ) -> None: ...

    async def note(self, guild_id: int, entry: Entry) -> None:
        """Add an entry to the server's log of what a member did."""


class AuditLog(Protocol):
    """Newest first; `about` is a user, as doer or as concerned, and None everyone."""

    async def entries(self, guild_id: int, about: int | None, offset: int, limit: int) -> list[Entry]: ...

    async def count(self, guild_id: int, about: int | None) -> int: ...


class OverwritesUnknown(Exception):
    """Discord does not tell now who may use a command."""


class CommandSettings(Protocol):
    """What servers' owners set about who may use which command."""

    async def overwrites(self, guild_id: int, command: str) -> Overwrites:
        """Raises OverwritesUnknown."""


class Mirror(Protocol):
    async def post(self, guild_id: int, channel_id: int, entry: Entry) -> None:
        """Show the entry in the channel. What goes wrong is logged, not raised."""
