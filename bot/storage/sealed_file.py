"""Brings a database under its key at start: what was plain is sealed before anyone is served, and the plain bytes go.

Invariant: a sealed database is never opened without its key, and nothing in it is changed by trying.
"""

from __future__ import annotations

import sqlite3

from bot.storage.database import Database
from bot.storage.sealing import Seal, SealBroken

PROOF, PROOF_PLACE = b"limner", "sealing.proof:1"
BATCH = 200
TEXTS = ("words", "spec", "options")
"""The sealed columns of a job."""


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
    while await database.write(lambda connection: _jobs(connection, seal) + _starts(connection, seal)):
        pass
    await database.tidy()
    await database.write(lambda connection: connection.execute("UPDATE sealing SET complete = 1"))


def _prove(seal: Seal, row: sqlite3.Row) -> None:
    if not seal.on:
        raise KeyMissing
    try:
        seal.open(row["proof"], PROOF_PLACE)
    except SealBroken as error:
        raise KeyWrong from error


def _jobs(connection: sqlite3.Connection, seal: Seal) -> int:
    """Seal some of the plain jobs; return how many."""
    rows = connection.execute("SELECT id, words, spec, options FROM jobs WHERE sealed = 0 LIMIT ?", (BATCH,)).fetchall()
    for row in rows:
        closed = [
            None if row[name] is None else seal.close_text(row[name], f"jobs.{name}:{row['id']}") for name in TEXTS
        ]
        connection.execute(
            "UPDATE jobs SET words = ?, spec = ?, options = ?, sealed = 1 WHERE id = ?", (*closed, row["id"])
        )
    return len(rows)


def _starts(connection: sqlite3.Connection, seal: Seal) -> int:
    rows = connection.execute("SELECT job_id, image FROM starts WHERE sealed = 0 LIMIT ?", (BATCH // 20,)).fetchall()
    for row in rows:
        image = seal.close(row["image"], f"starts.image:{row['job_id']}")
        connection.execute("UPDATE starts SET image = ?, sealed = 1 WHERE job_id = ?", (image, row["job_id"]))
    return len(rows)
