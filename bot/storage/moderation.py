"""The tables of moderators' decisions: blocks, blocked words, channels, pauses.

Invariant: each change and its row of the audit log are one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from bot.domain.jobs import Order, Place
from bot.domain.model_rules import ModelClosed, ModelRef, RoleRule, RoleRules
from bot.domain.moderation import Block, ChannelRule, Channels, Closed, Entry, Paused
from bot.domain.photos import PhotoBar, PhotoMode
from bot.storage import model_rules, photos
from bot.storage.audit import record
from bot.storage.database import Database

BLOCKED_EVERYWHERE = (
    "WITH closed (guild_id, until, reason) AS ("
    " SELECT guild_id, until, reason FROM blocks WHERE user_id = ?1 AND (until IS NULL OR until > ?2)"
    " UNION ALL SELECT guild_id, expires_at, reason FROM rules"
    " WHERE target_id = ?1 AND kind = 'user' AND images = 0 AND model = '' AND (expires_at IS NULL OR expires_at > ?2))"
    " SELECT until, reason FROM closed WHERE NOT EXISTS (SELECT 1 FROM jobs"
    " WHERE user_id = ?1 AND guild_id IS NOT NULL AND guild_id NOT IN (SELECT guild_id FROM closed))"
    " ORDER BY coalesce(until, 9e99) DESC LIMIT 1"
)
"""Finds the block, or the limit of no picture, of someone who drew in no other server."""


class Decisions:
    """Implements services.ports.moderation.DecisionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed(self, place: Place, now: float) -> Closed | None:
        return await self._database.read(lambda connection: closed(connection, place, now))

    async def blocked(self, place: Place, now: float) -> Block | None:
        return await self._database.read(lambda connection: _blocked(connection, place, now))

    async def block_of(self, guild_id: int, user_id: int) -> Block | None:
        return await self._database.read(lambda connection: _block(connection, guild_id, user_id))

    async def paused(self, guild_id: int) -> Paused | None:
        return await self._database.read(lambda connection: _paused(connection, guild_id))

    async def words(self, guild_id: int) -> tuple[str, ...]:
        return await self._database.read(lambda connection: blocked_words(connection, guild_id))

    async def channels(self, guild_id: int) -> Channels:
        return await self._database.read(lambda connection: _channels(connection, guild_id))

    async def log_channel(self, guild_id: int) -> int | None:
        row = await self._row("SELECT log_channel_id FROM guilds WHERE guild_id = ?", guild_id)
        return None if row is None else row["log_channel_id"]

    async def replies_by_mention(self, guild_id: int) -> bool:
        row = await self._row("SELECT replies_by_mention FROM guilds WHERE guild_id = ?", guild_id)
        return row is not None and bool(row["replies_by_mention"])

    async def set_block(self, guild_id: int, user_id: int, block: Block | None, entry: Entry) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM blocks WHERE guild_id = ? AND user_id = ?", (guild_id, user_id))
            if block is not None:
                values = (guild_id, user_id, block.until, block.reason)
                connection.execute("INSERT INTO blocks (guild_id, user_id, until, reason) VALUES (?, ?, ?, ?)", values)

        await self._change(guild_id, entry, work)

    async def set_word(self, guild_id: int, word: str, blocked: bool, entry: Entry) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM blocked_words WHERE guild_id = ? AND word = ?", (guild_id, word))
            if blocked:
                connection.execute("INSERT INTO blocked_words (guild_id, word) VALUES (?, ?)", (guild_id, word))

        await self._change(guild_id, entry, work)

    async def set_channel(self, guild_id: int, channel_id: int, rule: ChannelRule | None, entry: Entry) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM channel_rules WHERE guild_id = ? AND channel_id = ?", (guild_id, channel_id)
            )
            if rule is not None:
                values = (guild_id, channel_id, rule.value)
                connection.execute("INSERT INTO channel_rules (guild_id, channel_id, rule) VALUES (?, ?, ?)", values)

        await self._change(guild_id, entry, work)

    async def set_paused(self, guild_id: int, paused: Paused | None, entry: Entry) -> None:
        values = (int(paused is not None), paused.reason if paused else "", guild_id)
        sql = "UPDATE guilds SET paused = ?, pause_reason = ? WHERE guild_id = ?"
        await self._change(guild_id, entry, lambda connection: connection.execute(sql, values))

    async def set_log_channel(self, guild_id: int, channel_id: int | None, entry: Entry) -> None:
        sql = "UPDATE guilds SET log_channel_id = ? WHERE guild_id = ?"
        await self._change(guild_id, entry, lambda connection: connection.execute(sql, (channel_id, guild_id)))

    async def set_replies_by_mention(self, guild_id: int, mention: bool, entry: Entry) -> None:
        sql = "UPDATE guilds SET replies_by_mention = ? WHERE guild_id = ?"
        await self._change(guild_id, entry, lambda connection: connection.execute(sql, (int(mention), guild_id)))

    async def photo_mode(self, guild_id: int) -> PhotoMode:
        return await self._database.read(lambda connection: photos.mode(connection, guild_id))

    async def photo_bar(self, place: Place, authors: tuple[int, ...]) -> PhotoBar | None:
        return await self._database.read(lambda connection: photos.barred(connection, place, authors))

    async def set_photo_mode(self, guild_id: int, mode: PhotoMode, entry: Entry) -> None:
        sql = "UPDATE guilds SET photos = ? WHERE guild_id = ?"
        await self._change(guild_id, entry, lambda connection: connection.execute(sql, (mode.value, guild_id)))

    async def model_rules(self, guild_id: int) -> dict[ModelRef, RoleRules]:
        return await self._database.read(lambda connection: model_rules.standing(connection, guild_id))

    async def model_bar(self, place: Place, order: Order, model: str) -> ModelClosed | None:
        return await self._database.read(lambda connection: model_rules.barred(connection, place, order, model))

    async def set_model_rule(
        self, guild_id: int, ref: ModelRef, role_id: int, rule: RoleRule | None, entry: Entry
    ) -> None:
        def work(connection: sqlite3.Connection) -> None:
            model_rules.change(connection, guild_id, ref, role_id, rule)

        await self._change(guild_id, entry, work)

    async def note(self, guild_id: int, entry: Entry) -> None:
        await self._change(guild_id, entry, lambda connection: None)

    async def _change(self, guild_id: int, entry: Entry, work: Callable[[sqlite3.Connection], object]) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR IGNORE INTO guilds (guild_id) VALUES (?)", (guild_id,))
            work(connection)
            record(connection, guild_id, entry)

        await self._database.write(unit)

    async def _row(self, sql: str, *values: int) -> sqlite3.Row | None:
        row: sqlite3.Row | None = await self._database.read(
            lambda connection: connection.execute(sql, values).fetchone()
        )
        return row


def closed(connection: sqlite3.Connection, place: Place, now: float) -> Closed | None:
    """Return why nobody, or not this member, may draw there; the words of an order are another matter."""
    if place.guild_id is None:
        return _blocked(connection, place, now)
    if paused := _paused(connection, place.guild_id):
        return paused
    if block := _blocked(connection, place, now):
        return block
    return _channels(connection, place.guild_id).closed([place.channel_id, place.thread_of or place.channel_id])


def blocked_words(connection: sqlite3.Connection, guild_id: int | None) -> tuple[str, ...]:
    """Return the server's blocked words, sorted; there are none in direct messages."""
    rows = connection.execute("SELECT word FROM blocked_words WHERE guild_id = ? ORDER BY word", (guild_id,))
    return tuple(row["word"] for row in rows)


def _paused(connection: sqlite3.Connection, guild_id: int) -> Paused | None:
    sql = "SELECT pause_reason FROM guilds WHERE guild_id = ? AND paused"
    row = connection.execute(sql, (guild_id,)).fetchone()
    return None if row is None else Paused(row["pause_reason"])


def _block(connection: sqlite3.Connection, guild_id: int, user_id: int) -> Block | None:
    sql = "SELECT until, reason FROM blocks WHERE guild_id = ? AND user_id = ?"
    row = connection.execute(sql, (guild_id, user_id)).fetchone()
    return None if row is None else Block(row["until"], row["reason"])


def _blocked(connection: sqlite3.Connection, place: Place, now: float) -> Block | None:
    if place.guild_id is not None:
        block = _block(connection, place.guild_id, place.user_id)
        return block if block and block.counts(now) else None
    row = connection.execute(BLOCKED_EVERYWHERE, (place.user_id, now)).fetchone()
    return None if row is None else Block(row["until"], row["reason"])


def _channels(connection: sqlite3.Connection, guild_id: int) -> Channels:
    rows = connection.execute("SELECT channel_id, rule FROM channel_rules WHERE guild_id = ?", (guild_id,))
    return Channels({row["channel_id"]: ChannelRule(row["rule"]) for row in rows})
