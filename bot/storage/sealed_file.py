"""Seals a database at start where a key is set: plain rows are encrypted, and their plain bytes overwritten.

Invariant: a sealed database is never opened without its key, and a wrong key changes nothing in it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import partial

from bot.storage.database import Database
from bot.storage.sealing import Seal, SealBroken

PROOF, PROOF_PLACE = b"limner", "sealing.proof:1"
BATCH = 200
PICTURES_BATCH = 10


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table with a column `sealed`, the columns that name a row, and those that are sealed: texts or bytes."""

    table: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    batch: int = BATCH


TABLES = (
    Sealed("jobs", ("id",), ("words", "spec", "options")),
    Sealed("starts", ("job_id",), ("image",), PICTURES_BATCH),
    Sealed("start_pictures", ("user_id", "digest"), ("image",), PICTURES_BATCH),
    Sealed("held", ("job_id",), ("remarks",)),
    Sealed("sandbox_messages", ("id",), ("body",)),
    Sealed("sandbox_files", ("id",), ("name", "data"), PICTURES_BATCH),
    Sealed("held_pictures", ("job_id", "number"), ("image",), PICTURES_BATCH),
)


class KeyMissing(Exception):
    """The database is sealed, and no key was given."""


class KeyWrong(Exception):
    """The database is sealed with another key."""


async def check_seal(database: Database) -> None:
    """Seal what is plain where a key is set. Raises KeyMissing or KeyWrong, having changed nothing."""
    seal = database.seal
    row = await database.read(lambda connection: connection.execute("SELECT * FROM sealing").fetchone())
    if row is None and not seal.on:
        return
    if row is not None:
        _prove(seal, row)
        if row["complete"]:
            return
    else:
        proof = seal.close(PROOF, PROOF_PLACE)
        await database.write(
            lambda connection: connection.execute(
                "INSERT INTO sealing (id, proof, complete) VALUES (1, ?, 0)", (proof,)
            )
        )
    for table in TABLES:
        while await database.write(partial(_seal_some, seal=seal, table=table)):
            pass
    await database.vacuum()
    await database.write(lambda connection: connection.execute("UPDATE sealing SET complete = 1"))


def _prove(seal: Seal, row: sqlite3.Row) -> None:
    if not seal.on:
        raise KeyMissing
    try:
        seal.open(row["proof"], PROOF_PLACE)
    except SealBroken as error:
        raise KeyWrong from error


def _seal_some(connection: sqlite3.Connection, seal: Seal, table: Sealed) -> int:
    """Seal some of a table's plain rows; return how many."""
    rows = connection.execute(
        f"SELECT rowid AS number, * FROM {table.table} WHERE sealed = 0 LIMIT ?",  # noqa: S608 - own names
        (table.batch,),
    ).fetchall()
    changes = ", ".join(f"{column} = ?" for column in table.columns)
    for row in rows:
        closed = [_closed(seal, row[column], place_of(table, column, row)) for column in table.columns]
        sql = f"UPDATE {table.table} SET {changes}, sealed = 1 WHERE rowid = ?"  # noqa: S608 - own names
        connection.execute(sql, (*closed, row["number"]))
    return len(rows)


def place_of(table: Sealed, column: str, row: sqlite3.Row) -> str:
    """Return the place that a value of the row is sealed for."""
    return f"{table.table}.{column}:{'/'.join(str(row[part]) for part in table.names)}"


def _closed(seal: Seal, value: str | bytes | None, place: str) -> str | bytes | None:
    if value is None:
        return None
    return seal.close_text(value, place) if isinstance(value, str) else seal.close(value, place)
