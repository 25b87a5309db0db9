"""Whose photos may be painted from, as tables: servers' modes, members' consents, and whose photos are in which job."""

from __future__ import annotations

import sqlite3

from bot.domain.jobs import Job, Kind, Place
from bot.domain.photo_uses import photo_uses
from bot.domain.photos import USUAL_MODE, PhotoBar, PhotoMode, photo_bar
from bot.storage.audit import record


def mode(connection: sqlite3.Connection, guild_id: int) -> PhotoMode:
    """Return the server's mode."""
    row = connection.execute("SELECT photos FROM guilds WHERE guild_id = ?", (guild_id,)).fetchone()
    return PhotoMode(row["photos"]) if row is not None and row["photos"] else USUAL_MODE


def barred(connection: sqlite3.Connection, place: Place, authors: tuple[int, ...]) -> PhotoBar | None:
    """Return why the asker may not paint from photos of these authors there."""
    if not authors:
        return None
    allowed = USUAL_MODE if place.guild_id is None else mode(connection, place.guild_id)
    consents: dict[int, bool | None] = {}
    for author in authors:
        row = connection.execute("SELECT photos FROM members WHERE user_id = ?", (author,)).fetchone()
        consents[author] = None if row is None or row["photos"] is None else bool(row["photos"])
    return photo_bar(allowed, place.user_id, authors, consents)


def keep(connection: sqlite3.Connection, job: Job) -> None:
    """Keep whose photos a new job starts from; another member's use of them goes into the server's log."""
    for author in job.order.photos_of:
        connection.execute("INSERT INTO job_photos (job_id, user_id) VALUES (?, ?)", (job.id, author))
    if job.place.guild_id is not None and job.order.kind is not Kind.PICK:
        for entry in photo_uses(job):
            record(connection, job.place.guild_id, entry)
