"""Seals a copy of a database with another key: every sealed value is opened with the old key and closed with the new.

Invariant: one transaction; a value that no key opens stays as it is, and is counted.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.storage.sealed_file import PROOF, PROOF_PLACE, TABLES, Sealed, place_of
from bot.storage.sealing import Seal, SealBroken


def reseal(path: Path, old: Seal, new: Seal) -> int:
    """Seal the file anew, and rewrite it so that nothing of before is left in it; nobody else may have it open.

    Returns how many rows could not be opened. Raises SealBroken where `old` is not its key, and sqlite3.Error.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        with connection:
            (proof,) = connection.execute("SELECT proof FROM sealing").fetchone()
            old.open(proof, PROOF_PLACE)
            broken = sum(_reseal_table(connection, table, old, new) for table in TABLES)
            connection.execute("UPDATE sealing SET proof = ?", (new.close(PROOF, PROOF_PLACE),))
        connection.execute("VACUUM")
    return broken


def _reseal_table(connection: sqlite3.Connection, table: Sealed, old: Seal, new: Seal) -> int:
    changes, broken = ", ".join(f"{column} = ?" for column in table.columns), 0
    numbers = connection.execute(f"SELECT rowid FROM {table.table} WHERE sealed = 1").fetchall()  # noqa: S608 - own names
    for (number,) in numbers:
        row = connection.execute(f"SELECT * FROM {table.table} WHERE rowid = ?", (number,)).fetchone()  # noqa: S608
        try:
            values = [_resealed(row[column], place_of(table, column, row), old, new) for column in table.columns]
        except (SealBroken, ValueError):
            broken += 1
            continue
        sql = f"UPDATE {table.table} SET {changes} WHERE rowid = ?"  # noqa: S608 - own names
        connection.execute(sql, (*values, number))
    return broken


def _resealed(value: str | bytes | None, place: str, old: Seal, new: Seal) -> str | bytes | None:
    if value is None:
        return None
    if isinstance(value, str):
        return new.close_text(old.open_text(value, place), place)
    return new.close(old.open(value, place), place)
