"""Writes a database as an older Limner left it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.storage.migrate import migrations
from tests.fakes import PNG

STARTS, START_PICTURES = 2, 11
"""The versions that brought an order's further options and start pictures, and start pictures kept once by content."""
SPEC = '{"understood":"a red boat","keywords":["red","boat"],"prompt":"a red boat on a calm lake","negative":""}'
STARTING = (
    '{"kind":"imagine","base":null,"style":"","negative":"","steps":null,"guidance":null,"model":"","size":"",'
    '"from_picture":true,"strength":0.5}'
)
"""A spec, and options without what orders got later."""


def write_old(path: Path, version: int, found: dict[str, list[dict[str, Any]]]) -> None:
    """Write a database as that version of Limner left it: these rows, as far as it had their columns, and starts."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for number, sql in migrations()[:version]:
            connection.executescript(f"{sql}\nPRAGMA user_version = {number};")
        for table in ("jobs", "reservations"):
            for row in found[table]:
                insert(connection, table, row | ({"options": STARTING, "spec": SPEC} if table == "jobs" else {}))
        if version >= START_PICTURES:
            picture = {"id": 1, "user_id": found["jobs"][0]["user_id"], "digest": "d", "used_at": 1.0, "sealed": 0}
            insert(connection, "start_pictures", picture | {"size": len(PNG), "image": PNG})
        for job in found["jobs"] if version >= STARTS else []:
            new = version >= START_PICTURES
            values = {"picture_id": 1} if new else {"image": PNG, "sealed": 0}
            insert(connection, "job_starts" if new else "starts", {"job_id": job["id"], **values})


def insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    """Insert a row as far as the table has its columns."""
    columns = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}
    values = {name: value for name, value in row.items() if name in columns}
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [*values.values()])
