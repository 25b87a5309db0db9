"""Brings a database to the newest version: numbered SQL files, counted by PRAGMA user_version, each all or nothing."""

from __future__ import annotations

import sqlite3
from importlib.resources import files


class FromTheFuture(Exception):
    """The database was written by a newer Limner."""

    def __init__(self, found: int, newest: int) -> None:
        super().__init__(f"version {found}, known up to {newest}")
        self.found, self.newest = found, newest


def migrations() -> list[tuple[int, str]]:
    """Return (number, SQL) in order."""
    found = sorted(
        (int(file.name[:4]), file.read_text("utf-8"))
        for file in files("bot.storage").joinpath("migrations").iterdir()
        if file.name.endswith(".sql")
    )
    numbers = [number for number, _ in found]
    if numbers != list(range(1, len(found) + 1)):
        raise RuntimeError(f"migrations must be numbered without gaps, found {numbers}")
    return found


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing. Raises FromTheFuture, having changed nothing."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    known = migrations()
    if version > len(known):
        raise FromTheFuture(version, len(known))
    for number, sql in known[version:]:
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
