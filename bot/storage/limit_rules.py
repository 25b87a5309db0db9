"""The tables of rules and grants; every change is one transaction and returns the rules and grant before it.

The functions that take a connection run inside the transactions of others, such as the ledger's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.quota import Limit
from bot.services.ports.moderation import Noted
from bot.storage.audit import record
from bot.storage.database import Database

KINDS = {kind.value: kind for kind in Kind}
COLUMNS = "target_id, kind, per, images, model, at_once, reason, expires_at, set_by, set_at"
COUNTS = "guild_id = ? AND (expires_at IS NULL OR expires_at > ?)"


class LimitRules:
    """Implements services.ports.moderation.LimitRules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules(self, guild_id: int, now: float) -> list[Rule]:
        sql = f"SELECT {COLUMNS} FROM rules WHERE {COUNTS} ORDER BY kind, target_id, model, per"  # noqa: S608 - own text

        def work(connection: sqlite3.Connection) -> list[Rule]:
            return [_rule(row) for row in connection.execute(sql, (guild_id, now))]

        return await self._database.read(work)

    async def set(self, guild_id: int, rule: Rule, noted: Noted) -> tuple[list[Rule], int]:
        def work(connection: sqlite3.Connection) -> tuple[list[Rule], int]:
            connection.execute("DELETE FROM rules WHERE guild_id = ? AND expires_at <= ?", (guild_id, rule.set_at))
            before = _of_target(connection, guild_id, rule.target)
            if rule.at_once is not None:
                connection.execute(
                    "UPDATE rules SET at_once = NULL WHERE guild_id = ? AND target_id = ? AND kind = ?",
                    (guild_id, rule.target.id, rule.target.kind.value),
                )
            kept = rule.at_once
            if kept is None:  # the window set anew keeps the target's number
                kept = next((old.at_once for old in before if old.limit.window == rule.limit.window), None)
            connection.execute(
                f"INSERT OR REPLACE INTO rules (guild_id, {COLUMNS}) VALUES ({', '.join('?' * 11)})",  # noqa: S608 - own text
                (
                    guild_id,
                    rule.target.id,
                    rule.target.kind.value,
                    rule.limit.per,
                    rule.limit.images,
                    rule.limit.model,
                    kept,
                    rule.reason,
                    rule.expires_at,
                    rule.set_by,
                    rule.set_at,
                ),
            )
            record(connection, guild_id, noted(before, 0))
            return before, 0

        return await self._database.write(work)

    async def reset(
        self, guild_id: int, target: Target, now: float, noted: Noted, model: str = ""
    ) -> tuple[list[Rule], int]:
        if model:
            return await self._reset_model(guild_id, target, now, noted, model)

        def work(connection: sqlite3.Connection) -> tuple[list[Rule], int]:
            before = _counting(connection, guild_id, target, now)
            connection.execute(
                "DELETE FROM rules WHERE guild_id = ? AND target_id = ? AND kind = ?",
                (guild_id, target.id, target.kind.value),
            )
            left = 0
            if target.kind is Kind.USER:
                _, left = grant_left(connection, guild_id, target.id)
                connection.execute("DELETE FROM grants WHERE guild_id = ? AND user_id = ?", (guild_id, target.id))
            if before or left:
                record(connection, guild_id, noted(before, left))
            return before, left

        return await self._database.write(work)

    async def _reset_model(
        self, guild_id: int, target: Target, now: float, noted: Noted, model: str
    ) -> tuple[list[Rule], int]:
        def work(connection: sqlite3.Connection) -> tuple[list[Rule], int]:
            before = _counting(connection, guild_id, target, now)
            gone = connection.execute(
                "DELETE FROM rules WHERE guild_id = ? AND target_id = ? AND kind = ? AND model = ?"
                " AND (expires_at IS NULL OR expires_at > ?)",
                (guild_id, target.id, target.kind.value, model, now),
            )
            if gone.rowcount == 0:
                return [], 0
            record(connection, guild_id, noted(before, 0))
            return before, 0

        return await self._database.write(work)

    async def grant(self, guild_id: int, user_id: int, images: int, noted: Noted) -> tuple[list[Rule], int]:
        def work(connection: sqlite3.Connection) -> tuple[list[Rule], int]:
            _, before = grant_left(connection, guild_id, user_id)
            connection.execute(
                "INSERT INTO grants (guild_id, user_id, images) VALUES (?, ?, ?)"
                " ON CONFLICT (guild_id, user_id) DO UPDATE SET images = images + excluded.images",
                (guild_id, user_id, images),
            )
            record(connection, guild_id, noted([], before))
            return [], before

        return await self._database.write(work)


def rules_for(
    connection: sqlite3.Connection, guild_id: int, user_id: int, roles: Sequence[int], now: float
) -> tuple[Rule, ...]:
    """Return the rules that count for someone with these roles; everyone's has the server's own id."""
    sql = f"SELECT {COLUMNS} FROM rules WHERE {COUNTS} AND target_id IN (SELECT value FROM json_each(?))"  # noqa: S608
    targets = json.dumps([user_id, guild_id, *roles])
    return tuple(_rule(row) for row in connection.execute(sql, (guild_id, now, targets)))


def grant_left(connection: sqlite3.Connection, guild_id: int, user_id: int) -> tuple[int | None, int]:
    """Return the grant's id and how many of its pictures are left."""
    row = connection.execute(
        "SELECT id, images - (SELECT coalesce(sum(granted), 0) FROM reservations"
        " WHERE grant_id = grants.id AND state <> 'released') AS left"
        " FROM grants WHERE guild_id = ? AND user_id = ?",
        (guild_id, user_id),
    ).fetchone()
    return (None, 0) if row is None else (row["id"], row["left"])


def _of_target(connection: sqlite3.Connection, guild_id: int, target: Target) -> list[Rule]:
    sql = f"SELECT {COLUMNS} FROM rules WHERE guild_id = ? AND target_id = ? AND kind = ? ORDER BY model, per"  # noqa: S608
    return [_rule(row) for row in connection.execute(sql, (guild_id, target.id, target.kind.value))]


def _counting(connection: sqlite3.Connection, guild_id: int, target: Target, now: float) -> list[Rule]:
    return [rule for rule in _of_target(connection, guild_id, target) if rule.counts(now)]


def _rule(row: sqlite3.Row) -> Rule:
    target_id, kind, per, images, model, *rest = row
    return Rule(Target(KINDS[kind], target_id), Limit(images, per, model), *rest)
