"""The ledger's part of a history: triggers note each row as it is written, in the order of the commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.histories.events import Decided, Event, Held, Reserved, Settled

NOW = "(julianday('now') - 2440587.5) * 86400.0"
"""The system's clock, where the bot's may have been moved."""
ROW = "user_id, guild_id, images, granted, reserved_at, model"
NOTED = (
    "CREATE TABLE IF NOT EXISTS history_seen (id INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL,"
    " key TEXT NOT NULL, user_id INTEGER, guild_id INTEGER, images INTEGER, granted INTEGER, reserved_at REAL,"
    " model TEXT)",
    "CREATE TRIGGER IF NOT EXISTS reservations_are_seen AFTER INSERT ON reservations BEGIN"
    f" INSERT INTO history_seen (at, what, key, {ROW}) VALUES ({NOW}, 'reserved', NEW.job_id, NEW.user_id,"
    " NEW.guild_id, NEW.images, NEW.granted, NEW.reserved_at, NEW.model); END",
    "CREATE TRIGGER IF NOT EXISTS settlements_are_seen AFTER UPDATE OF state ON reservations BEGIN"
    f" INSERT INTO history_seen (at, what, key) VALUES ({NOW}, NEW.state, NEW.job_id); END",
    "CREATE TRIGGER IF NOT EXISTS holds_are_seen AFTER UPDATE OF held_at ON jobs WHEN NEW.held_at IS NOT NULL BEGIN"
    f" INSERT INTO history_seen (at, what, key) VALUES ({NOW}, 'held', NEW.id); END",
    "CREATE TRIGGER IF NOT EXISTS decisions_are_seen AFTER INSERT ON audit BEGIN"
    f" INSERT INTO history_seen (at, what, key) VALUES ({NOW}, 'decided', NEW.id); END",
)


def read_ledger(file: Path) -> list[Event]:
    """Return what NOTED noted in this database, in order."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        return list(_events(connection))


def _events(connection: sqlite3.Connection) -> Iterator[Event]:
    words = dict(connection.execute("SELECT id, words FROM jobs WHERE parent_id IS NULL AND sealed = 0"))
    photos = {job for (job,) in connection.execute("SELECT job_id FROM job_photos")}
    log = {str(row["id"]): row for row in connection.execute("SELECT * FROM audit")}
    at = 0.0
    for row in connection.execute("SELECT * FROM history_seen ORDER BY id"):
        at, what, key = max(at, row["at"]), row["what"], row["key"]
        if what == "reserved":
            facts = row["user_id"], row["guild_id"], row["images"], row["granted"], row["reserved_at"]
            yield Reserved(at, key, *facts, words.get(key) or None, key in photos, row["model"])
        elif what == "held":
            yield Held(at, key)
        elif what != "decided":
            yield Settled(at, key, what)
        elif line := log.get(key):
            decision = line["action"], line["target_id"], line["target_kind"], line["after"]
            yield Decided(at, line["guild_id"], *decision)
