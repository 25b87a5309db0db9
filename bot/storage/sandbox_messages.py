"""The tables of what stands in the sandbox's channels: its newest messages with their files, within a budget.

Invariant: neither budget is exceeded, and a file goes with the message that shows it.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from bot.domain.personal_data import Record, iso
from bot.storage.database import Database
from bot.storage.sealing import Seal, SealBroken

MOST_MESSAGES = 500
MOST_BYTES = 64_000_000
"""Of all messages and their files; the oldest message goes first."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a message; `data` is None where the table has it already."""

    id: int
    name: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message: its id, whose it is (0: nobody's), when it was made, its JSON, and all its files."""

    id: int
    user_id: int
    made_at: float
    body: str
    files: tuple[KeptFile, ...] = ()


class SandboxMessages:
    """Keeps and gives back the messages."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def load(self) -> list[KeptMessage]:
        """Return what is kept, oldest first; what cannot be opened is passed over."""
        return await self.database.read_much(lambda connection: _load(connection, self.database.seal))

    async def keep(self, messages: list[KeptMessage], gone: list[int]) -> None:
        """Insert or change messages, and forget those that are gone. Raises StoreUnavailable."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM sandbox_messages WHERE id = ?", [(number,) for number in gone])
            for message in messages:
                _keep(connection, self.database.seal, message)
            _stay_within(connection)

        await self.database.write(work, alone=True)


def said_by(connection: sqlite3.Connection, seal: Seal, user_id: int) -> list[Record]:
    """Return what a person wrote in the sandbox's channels, and when; what cannot be opened is passed over."""
    found: list[Record] = []
    for row in connection.execute("SELECT * FROM sandbox_messages WHERE user_id = ? ORDER BY id", (user_id,)):
        try:
            body = json.loads(_body(row, seal))
            author, words = body["author"], body["content"]
        except (SealBroken, ValueError, KeyError, TypeError):
            continue
        if author == user_id:
            found.append({"at": iso(row["made_at"]), "words": words})
    return found


def _load(connection: sqlite3.Connection, seal: Seal) -> list[KeptMessage]:
    found = []
    for row in connection.execute("SELECT * FROM sandbox_messages ORDER BY id").fetchall():
        try:
            files = connection.execute("SELECT * FROM sandbox_files WHERE message_id = ?", (row["id"],))
            shown = tuple(_file(file, seal) for file in files)
            found.append(KeptMessage(row["id"], row["user_id"], row["made_at"], _body(row, seal), shown))
        except (SealBroken, ValueError):
            continue
    return found


def _body(row: sqlite3.Row, seal: Seal) -> str:
    return seal.open_text(row["body"], f"sandbox_messages.body:{row['id']}", row["sealed"])


def _file(row: sqlite3.Row, seal: Seal) -> KeptFile:
    place = f"sandbox_files.{{}}:{row['id']}"
    name = seal.open_text(row["name"], place.format("name"), row["sealed"])
    return KeptFile(row["id"], name, seal.open(bytes(row["data"]), place.format("data"), row["sealed"]))


def _keep(connection: sqlite3.Connection, seal: Seal, message: KeptMessage) -> None:
    body = seal.close_text(message.body, f"sandbox_messages.body:{message.id}")
    connection.execute(
        "INSERT INTO sandbox_messages (id, user_id, made_at, size, sealed, body) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, size = excluded.size, sealed = excluded.sealed,"
        " body = excluded.body",
        (message.id, message.user_id, message.made_at, len(body), int(seal.on), body),
    )
    shown = json.dumps([file.id for file in message.files])
    connection.execute(
        "DELETE FROM sandbox_files WHERE message_id = ? AND id NOT IN (SELECT value FROM json_each(?))",
        (message.id, shown),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO sandbox_files (id, message_id, size, sealed, name, data) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                file.id, message.id, len(file.data), int(seal.on),
                seal.close_text(file.name, f"sandbox_files.name:{file.id}"),
                seal.close(file.data, f"sandbox_files.data:{file.id}"),
            )
            for file in message.files
            if file.data is not None
        ],
    )  # fmt: skip


def _stay_within(connection: sqlite3.Connection) -> None:
    """Delete the oldest messages until the rest fit both budgets."""
    count = total = 0
    sizes = connection.execute(
        "SELECT id, size + coalesce((SELECT sum(size) FROM sandbox_files WHERE message_id = sandbox_messages.id), 0)"
        " AS size FROM sandbox_messages ORDER BY id DESC"
    ).fetchall()
    for row in sizes:
        count, total = count + 1, total + row["size"]
        if count > MOST_MESSAGES or total > MOST_BYTES:
            connection.execute("DELETE FROM sandbox_messages WHERE id <= ?", (row["id"],))
            return
