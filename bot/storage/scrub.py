"""Overwrites bytes of deleted rows in the unused places of a SQLite file, in steps, while others read and write.

`secure_delete` zeroes a row where it stands when it is deleted. But when SQLite splits or joins pages, copies of rows
may stay in the gap between a page's cell pointers and its cells (https://www.sqlite.org/fileformat2.html, 1.6), where
no later delete reaches them; VACUUM would, but keeps everybody from writing for as long as the whole file takes.

Invariant: only bytes that SQLite never reads are written (such gaps, the insides of free blocks, and free pages), and
only of pages whose newest content is in the file, while nobody else can commit.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

STEP_PAGES = 256
"""Pages overwritten in one step, while others cannot commit: 1 MiB."""
LOOK_PAGES = 2_048
PAUSE_S = 0.02
"""Between two steps, so that those who wait to write come first."""
LOOKS, ROUNDS = 2, 40
"""A look that came amid a checkpoint may see half a page, so there is a second one."""
ROUND_PAUSE_S = 0.25
BUSY_MS = 100
INTERIOR, LEAVES = (2, 5), (10, 13)
MOST_PAGES = 1 << 24
"""Beyond this an overflow page could begin like a page of a tree: its first byte is the high one of a page number."""
WAL_HEADER, FRAME_HEADER = 32, 24

Spans = list[tuple[int, int]]


class Scrub:
    """One pass over a file; `file` is a descriptor of it, open for reading and writing."""

    def __init__(self, path: Path, file: int) -> None:
        self._path, self._file, self._page = path, file, 4_096

    def run(self) -> None:
        """Raises sqlite3.OperationalError where another process keeps the WAL from being emptied."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            connection.execute("PRAGMA synchronous = FULL")
            self._page = connection.execute("PRAGMA page_size").fetchone()[0]
            if connection.execute("PRAGMA auto_vacuum").fetchone()[0]:
                raise sqlite3.OperationalError("auto_vacuum is on, which Limner never sets")
            _empty_wal(connection)
            for _ in range(LOOKS):
                left = self._candidates()
                for _ in range(ROUNDS):
                    left = self._pass(connection, left)
                    if not left:
                        break
                    time.sleep(ROUND_PAUSE_S)
                else:
                    raise sqlite3.OperationalError(f"{len(left)} pages are written all the time")
            _empty_wal(connection)

    def _pass(self, connection: sqlite3.Connection, pages: list[int]) -> list[int]:
        """Scrub the pages; return those whose newest content is in the WAL."""
        left: list[int] = []
        for start in range(0, len(pages), STEP_PAGES):
            _empty_wal(connection)
            connection.execute("BEGIN IMMEDIATE")
            try:
                in_wal = self._in_wal()
                free = {} if 1 in in_wal else self._free(in_wal)
                for number in pages[start : start + STEP_PAGES]:
                    if number in in_wal or 1 in in_wal:  # page 1 says where the free pages begin
                        left.append(number)
                    else:
                        self._zero(number, free)
                os.fsync(self._file)
                # A commit, so that no connection goes on with pages from its cache and writes them back.
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                connection.execute(f"PRAGMA user_version = {version}")
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            time.sleep(PAUSE_S)
        return left

    def _candidates(self) -> list[int]:
        """Return the pages that seem to hold something in unused places; the step itself looks again."""
        free, count = self._free(self._in_wal()), os.fstat(self._file).st_size // self._page
        if count > MOST_PAGES:
            raise sqlite3.OperationalError("the file is too large to be scrubbed")
        found: list[int] = []
        for first in range(2, count + 1, LOOK_PAGES):
            block = os.pread(self._file, LOOK_PAGES * self._page, (first - 1) * self._page)
            for offset in range(0, len(block) - self._page + 1, self._page):
                number, page = first + offset // self._page, block[offset : offset + self._page]
                if any(_holds(page, a, b) for a, b in self._unused(page, number, free)):
                    found.append(number)
            time.sleep(0)
        return found

    def _zero(self, number: int, free: dict[int, int]) -> None:
        at = (number - 1) * self._page
        page = os.pread(self._file, self._page, at)
        for a, b in self._unused(page, number, free):
            if _holds(page, a, b):
                os.pwrite(self._file, bytes(b - a), at + a)

    def _unused(self, page: bytes, number: int, free: dict[int, int]) -> Spans:
        """Return the parts of a page that SQLite does not read; `free` is what `_free` returns."""
        if number in free:
            return [(free[number], self._page)]
        if len(page) < self._page or page[0] not in (*INTERIOR, *LEAVES):
            return []  # overflow, whose bytes are all a row's, or zeroed with it
        cells = int.from_bytes(page[3:5])
        gap = (12 if page[0] in INTERIOR else 8) + 2 * cells
        content = int.from_bytes(page[5:7]) or 65_536
        if not gap <= content <= self._page:
            return []
        return [(gap, content), *_free_blocks(page, int.from_bytes(page[1:3]))]

    def _free(self, in_wal: set[int]) -> dict[int, int]:
        """Return the free pages by number, and how many bytes of each are used: none of a leaf, a trunk's list."""
        header, used = os.pread(self._file, 100, 0), dict[int, int]()
        trunk = int.from_bytes(header[32:36])
        while trunk and trunk not in used and trunk not in in_wal:
            page = os.pread(self._file, self._page, (trunk - 1) * self._page)
            count = min(int.from_bytes(page[4:8]), self._page // 4 - 2)
            used[trunk] = 8 + 4 * count
            for index in range(count):
                used[int.from_bytes(page[8 + 4 * index : 12 + 4 * index])] = 0
            trunk = int.from_bytes(page[:4])
        return used

    def _in_wal(self) -> set[int]:
        """Return all pages that stand in the WAL, also in frames that count no more."""
        try:
            wal = os.open(f"{self._path}-wal", os.O_RDONLY)
        except FileNotFoundError:
            return set()
        try:
            size, step = os.fstat(wal).st_size, FRAME_HEADER + self._page
            return {int.from_bytes(os.pread(wal, 4, at)) for at in range(WAL_HEADER, size - step + 1, step)}
        finally:
            os.close(wal)


def _holds(page: bytes, a: int, b: int) -> bool:
    """Whether any of the bytes is not zero."""
    return page.count(0, a, b) != b - a


def _free_blocks(page: bytes, first: int) -> Iterator[tuple[int, int]]:
    """Yield what is behind the four bytes of each free block's own header."""
    last = 0
    while last < first <= len(page) - 4:
        size = int.from_bytes(page[first + 2 : first + 4])
        if first + size > len(page):
            return
        yield first + 4, first + size
        last, first = first, int.from_bytes(page[first : first + 2])


def _empty_wal(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.OperationalError where somebody reads or writes each time."""
    for _ in range(ROUNDS):
        if not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            return
        time.sleep(ROUND_PAUSE_S)
    raise sqlite3.OperationalError("another process reads the database")
