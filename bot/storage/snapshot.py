"""Copies a database that may be in use, and checks that a copy is whole.

Invariant: a database is copied and checked without a byte of it being changed.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from bot.storage.migrate import migrations

TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]"""  # texts and quoted names, as they are
    r"|(?P<nothing>--[^\n]*|/\*.*?(?:\*/|\Z)|\s+)|\w+|.",
    re.DOTALL,
)
"""One token of an SQL statement; comments and blanks are `nothing`."""
QUOTES = "'\"`["
STATISTICS = (("table", "sqlite_stat1"), ("table", "sqlite_stat4"))
"""What a host's ANALYZE leaves."""


class Damaged(Exception):
    """The file is no whole database of Limner's; `str()` says what SQLite found."""


def copy_database(source: Path, target: Path) -> None:
    """Write a consistent copy, one file without a WAL, while others read and write. Raises sqlite3.Error."""
    with closing(open_read_only(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)  # in one step: one read transaction, which writers need not wait for and cannot disturb
        copy.execute("PRAGMA journal_mode = DELETE")


def check_database(path: Path) -> int:
    """Return the version of a database that is whole. Raises Damaged or sqlite3.Error."""
    with closing(open_read_only(path)) as connection:
        try:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
            strays = connection.execute("PRAGMA foreign_key_check").fetchone()
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        except UnicodeDecodeError as error:  # what SQLite says of a damaged file may quote its bytes
            raise Damaged("file is not a database, or is damaged") from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise Damaged(str(error)) from error
    if found != ["ok"]:
        raise Damaged(str(found[0]))
    if strays is not None:
        raise Damaged(f"a row of {strays[0]} refers to nothing")
    if version < 1:
        raise Damaged("it is no database of Limner's")
    return version


def check_schema(path: Path, version: int) -> None:
    """Compare a database with a new one of its version: no foreign table or trigger may come in. Raises Damaged."""
    with closing(open_read_only(path)) as connection, closing(sqlite3.connect(":memory:")) as fresh:
        for _, sql in migrations()[:version]:
            fresh.executescript(sql)
        if connection.execute("PRAGMA auto_vacuum").fetchone()[0]:
            raise Damaged("it moves its pages, which Limner's never do: after an erase it could not be scrubbed")
        found, expected = _schema(connection), _schema(fresh)
    if foreign := sorted(found - expected):
        raise Damaged(f"it holds the {' '.join(foreign[0][:2])}, which is not Limner's")
    if missing := sorted(expected - found):
        raise Damaged(f"it lacks the {' '.join(missing[0][:2])}")


def _schema(connection: sqlite3.Connection) -> Counter[tuple[str, str, str]]:
    """Return each table, index, trigger and view: what it is, its name, and its meaning as `_tokens`.

    Whatever its name: SQLite makes none that begins with sqlite_, but takes one that a file brings.
    """
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return Counter((kind, name, _tokens(sql)) for kind, name, sql in rows if (kind, name) not in STATISTICS)


def _tokens(sql: str) -> str:
    """Return a statement's tokens with one blank between them; comments go, and the case of what is not quoted."""
    found = (token for token in TOKEN.finditer(sql) if token["nothing"] is None)
    return " ".join(token[0] if token[0][0] in QUOTES else token[0].casefold() for token in found)


def proof_of(path: Path) -> bytes | None:
    """Return what only the right data key opens; None where what people write is not sealed in this database."""
    with closing(open_untouched(path)) as connection:
        table = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sealing'").fetchone()
        row = connection.execute("SELECT proof FROM sealing").fetchone() if table else None
        return bytes(row[0]) if row else None


def newest_version() -> int:
    """Return the version of the database that this Limner writes."""
    return len(migrations())


def open_read_only(path: Path, timeout_s: float = 5.0) -> sqlite3.Connection:
    """Open a database to look at it. Raises sqlite3.Error."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=timeout_s)


def open_untouched(path: Path, timeout_s: float = 5.0) -> sqlite3.Connection:
    """The same, leaving no file beside one that nobody has open; with a WAL, SQLite needs its own files for that."""
    path = path.resolve()  # SQLite's own files stand beside what a link points to
    if path.with_name(f"{path.name}-wal").exists():
        return open_read_only(path, timeout_s)
    return sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, timeout=timeout_s)
