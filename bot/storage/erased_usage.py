"""Uses that go on counting against the limits of a person who had their data erased, kept under a pseudonym."""

from __future__ import annotations

import sqlite3

from bot.domain.pseudonym import pseudonym
from bot.domain.quota import Use
from bot.storage.database import Database


def erased_uses(
    connection: sqlite3.Connection, database: Database, user_id: int, since: float
) -> list[tuple[int, Use]]:
    """Return the uses from before an erase that count since that time, each with its server's id, 0 for none."""
    rows = connection.execute(
        "SELECT guild_id, reserved_at, images, granted, model FROM erased_uses WHERE pseudonym = ? AND reserved_at > ?",
        (pseudonym(database.secret, user_id), since),
    )
    return [(guild_id, Use(*use)) for guild_id, *use in rows]


def keep_uses(connection: sqlite3.Connection, database: Database, user_id: int, jobs: str, since: float) -> None:
    """Delete the reservations of someone's jobs; those since that time go on counting under the pseudonym.

    To be called within the transaction that erases; `jobs` is a JSON array of their ids. A grant loses what they used
    of it, so that it is not filled again.
    """
    these = "job_id IN (SELECT value FROM json_each(?))"
    connection.execute(
        "INSERT INTO erased_uses (pseudonym, guild_id, images, granted, reserved_at, model)"  # noqa: S608 - own text
        " SELECT ?, guild_id, images, granted, reserved_at, model FROM reservations"
        f" WHERE {these} AND reserved_at > ? AND state = 'spent'",
        (pseudonym(database.secret, user_id), jobs, since),
    )
    drop_reservations(connection, these, jobs)


def drop_reservations(connection: sqlite3.Connection, which: str, *values: float | str) -> int:
    """Delete the reservations and take what they used of grants from the grants; return how many went."""
    counts = f"grant_id IS NOT NULL AND state <> 'released' AND {which}"
    sums = f"SELECT grant_id, sum(granted) FROM reservations WHERE {counts} GROUP BY grant_id"  # noqa: S608 - own text
    used = connection.execute(sums, values).fetchall()
    gone = connection.execute(f"DELETE FROM reservations WHERE {which}", values).rowcount  # noqa: S608 - own text
    for grant_id, images in used:
        connection.execute("DELETE FROM grants WHERE id = ? AND images <= ?", (grant_id, images))
        connection.execute("UPDATE grants SET images = images - ? WHERE id = ?", (images, grant_id))
    return gone
