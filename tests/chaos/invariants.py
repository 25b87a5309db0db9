"""What must be true once a system had quiet time to recover, whatever happened to it before."""

from __future__ import annotations

import getpass
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from tests.chaos.witness import Seen

Sort = Literal["lost", "doubled", "unbalanced", "orphaned", "exceeded", "shown", "mistold"]
"""The last three are of histories: a limit was exceeded, what must not be seen was shown, people were told wrongly."""
SORTS: tuple[Sort, ...] = get_args(Sort)
Told = Literal["accepted", "refused", "nothing"]
Row = dict[str, Any]

LEFT = {"cache", f"torchinductor_{getpass.getuser()}", "limner.lock", "limner.secret", "limner.sqlite3"}
"""What a bot that has ended leaves in LIMNER_HOME."""
KEEPS = {"done": "spent", "failed": "released", "cancelled": "released"}


@dataclass(frozen=True)
class Violation:
    sort: Sort
    what: str

    def __str__(self) -> str:
        return f"{self.sort}: {self.what}"


@dataclass(frozen=True)
class Asked:
    """A request that a member made, and what they were told: accepted, refused, or nothing."""

    words: str
    count: int
    told: Told
    member: str = ""


@dataclass(frozen=True)
class Found:
    """What the database holds in the end."""

    jobs: list[Row]
    reservations: dict[str, Row]
    ends: dict[str, list[str]]
    tallies: dict[tuple[int, int, int], int]
    counted: dict[tuple[int, int, int], int]
    strays: list[str]


def read(file: Path) -> Found:
    """Read the database of a bot that has ended."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row

        def rows(sql: str) -> list[Row]:
            return [dict(row) for row in connection.execute(sql)]

        ends: dict[str, list[str]] = {}
        for row in rows("SELECT job_id, state FROM ends_seen ORDER BY rowid"):
            ends.setdefault(row["job_id"], []).append(row["state"])
        slot = "CAST(reserved_at AS INTEGER) / 1200"
        counted = f"SELECT user_id, guild_id, {slot} AS slot, sum(images) AS images FROM reservations"
        counted += " WHERE state <> 'released' GROUP BY user_id, guild_id, slot"
        strays = [f"{table} of {row['job_id']}" for table, sql in STRAYS.items() for row in rows(sql)]
        strays += [str(row) for row in rows("PRAGMA foreign_key_check")]
        strays += [str(row) for row in rows("PRAGMA integrity_check") if row != {"integrity_check": "ok"}]
        return Found(
            rows("SELECT * FROM jobs ORDER BY created_at"),
            {row["job_id"]: row for row in rows("SELECT * FROM reservations")},
            ends,
            _by_slot(rows("SELECT * FROM tallies")),
            _by_slot(rows(counted)),
            strays,
        )


STRAYS = {
    "reservations": "SELECT job_id FROM reservations WHERE job_id NOT IN (SELECT id FROM jobs)",
    "job_starts": "SELECT job_id FROM job_starts WHERE job_id NOT IN (SELECT id FROM jobs WHERE state = 'done')",
    "start_pictures": "SELECT digest FROM start_pictures WHERE id NOT IN (SELECT picture_id FROM job_starts)",
    "held_pictures": "SELECT job_id FROM held_pictures",
}


def check(
    asked: Iterable[Asked],
    found: Found,
    seen: Mapping[str, Seen],
    digest: Callable[[str], str],
    removed: Collection[str] = (),
) -> list[Violation]:
    """Return all that is wrong; `digest` gives a picture's hash by its address; jobs of `removed` may show less."""
    pictures = _pictures(found, seen, digest, removed)
    return [*_ends(asked, found), *_ledger(found), *pictures, *_strays(found, seen)]


def _ends(asked: Iterable[Asked], found: Found) -> Iterable[Violation]:
    """What was accepted became one job, what was refused none, and every job ended once."""
    by_words = Counter(job["words"] for job in found.jobs if job.get("parent_id") is None)
    for request in asked:
        jobs = by_words[request.words]
        if request.told == "accepted" and jobs == 0:
            yield Violation("lost", f"“{request.words}” was accepted, and there is no job")
        if request.told == "refused" and jobs:
            yield Violation("unbalanced", f"“{request.words}” was refused, and there is a job")
        if jobs > 1:
            yield Violation("doubled", f"“{request.words}” became {jobs} jobs")
    for job in found.jobs:
        if job.get("picked") is not None:  # it is done from the first
            continue
        ends = found.ends.get(job["id"], [])
        if job["ended_at"] is None:
            yield Violation("lost", f"{_name(job)} never ended, it is {job['state']}")
        elif len(ends) != 1:
            yield Violation("doubled", f"{_name(job)} ended {len(ends)} times: {ends}")


def _ledger(found: Found) -> Iterable[Violation]:
    """Each job has its reservation, spent where it is done and else released; the tallies tell the same."""
    for job in found.jobs:
        if job.get("picked") is not None:  # one picture of a set, which counts nothing
            continue
        held = found.reservations.get(job["id"])
        if held is None:
            yield Violation("unbalanced", f"{_name(job)} has no reservation")
        elif job["ended_at"] is not None and held["state"] != KEEPS[job["state"]]:
            yield Violation("unbalanced", f"{_name(job)} is {job['state']} and its reservation {held['state']}")
        elif held["images"] != job["count"]:
            yield Violation("unbalanced", f"{_name(job)} holds {held['images']} for {job['count']} pictures")
    if found.tallies != found.counted:
        yield Violation("unbalanced", f"the tallies are {found.tallies}, the uses {found.counted}")


def _pictures(
    found: Found, seen: Mapping[str, Seen], digest: Callable[[str], str], removed: Collection[str]
) -> Iterable[Violation]:
    """A done job shows its pictures in one message, all of them, for good; any other shows none; none shows twice.

    Pictures whose message someone deleted before a bot that had died could note their end show no longer: a refund.
    """
    places: dict[str, Row] = {}
    for job in found.jobs:
        shown = [message for message in seen.values() if job["id"] in message.own]
        delivered = [message for message in shown if any(look.delivered for look in message.looks)]
        if len(delivered) > 1:
            yield Violation("doubled", f"{_name(job)} came in {len(delivered)} messages")
        if (
            len(shown) > 1 and not job["private"]
        ):  # a private one may go from its interaction's answer to a direct message
            yield Violation("doubled", f"{_name(job)} was posted {len(shown)} times")
        is_done = job["state"] == "done"
        now = [message for message in shown if message.now.delivered and (is_done or not message.deleted)]
        pictures = sum(len(message.now.files) for message in now)
        wanted = job["count"] if is_done else 0
        if pictures > wanted or (pictures < wanted and job["id"] not in removed):
            sort: Sort = "lost" if pictures < wanted else "unbalanced"
            yield Violation(sort, f"{_name(job)} is {job['state']} and shows {pictures} of {job['count']} pictures")
        for message in delivered:
            yield from _replayed(job, message)
        for address in (address for message in now for address in message.now.files):
            picture = digest(address)
            if picture in places and job.get("picked") is None and not _same_order(job, places[picture]):
                yield Violation("doubled", f"{_name(job)} shows the same picture as {_name(places[picture])}")
            places[picture] = job


def _same_order(one: Row, other: Row) -> bool:
    """Whether both may be the same change of the same picture, such as twice as large."""
    return one.get("parent_id") is not None and one["parent_id"] == other.get("parent_id")


def _replayed(job: Row, message: Seen) -> Iterable[Violation]:
    """From its pictures on, a done job's message shows nothing else any more."""
    first = next(index for index, look in enumerate(message.looks) if look.delivered)
    if job["state"] == "done" and not all(look.delivered for look in message.looks[first:]):
        yield Violation("doubled", f"{_name(job)} was delivered, and then worked on again")


def _strays(found: Found, seen: Mapping[str, Seen]) -> Iterable[Violation]:
    """No row without its job, and no message that still says that it is being worked on."""
    yield from (Violation("orphaned", f"row: {stray}") for stray in found.strays)
    known = {job["id"] for job in found.jobs}
    for message in seen.values():
        if message.now.running and not message.deleted:
            yield Violation("orphaned", f"a message still waits: {message.now.content!r} of {sorted(message.jobs)}")
        for job in set() if message.deleted else message.own - known:
            yield Violation("orphaned", f"a message of {job}, which is no job")


def _by_slot(rows: list[Row]) -> dict[tuple[int, int, int], int]:
    return {(row["user_id"], row["guild_id"], row["slot"]): row["images"] for row in rows}


def _name(job: Row) -> str:
    return f"{job['id'][:8]} (“{job['words']}”)"
