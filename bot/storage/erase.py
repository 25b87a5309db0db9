"""An erase of one person in steps of some milliseconds each, so that nobody waits for it however much there is.

Invariant: every step is one transaction, before which all that is left to erase can still be found: what others made of
a request forgets its words before the request goes, and the note in `erasing` goes last. So an erase that was cut off
is done by doing it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from bot.domain.jobs import Job, Kind
from bot.domain.personal_data import Erased, PostedMessage
from bot.domain.quota import WINDOWS
from bot.storage.database import Database
from bot.storage.erased_usage import keep_uses
from bot.storage.jobs import empty_words, from_row
from bot.storage.sealing import Seal
from bot.storage.start_pictures import drop_some

STEP, PICTURES_AT_ONCE = 50, 8
"""Requests, and start pictures or the sandbox's messages with their files, in one step."""
LONGEST = max(WINDOWS.values())
OF_A_JOB = ("job_starts", "starts", "held_pictures", "held")
"""Tables whose rows belong to a job, by job_id, and go with its words."""
OF_A_PERSON = ("job_photos", "start_pictures", "members", "sandbox_messages", "favourites", "erasing")
"""Tables whose rows are someone's own, by user_id. What moderators decided about someone is not."""
SOME = "(SELECT value FROM json_each(?1))"
"""The ids in ?1, a JSON array of jobs'."""
VERSIONS = (
    "WITH RECURSIVE line (id) AS (SELECT value FROM json_each(?1)"
    " UNION SELECT jobs.id FROM jobs JOIN line ON jobs.parent_id = line.id)"
    " SELECT jobs.id FROM line JOIN jobs USING (id) WHERE user_id <> ?2"
)
"""Of the jobs ?1, and what was made of them and of that: the ids of those that are not ?2's."""
REQUESTS = (
    "SELECT id FROM jobs WHERE user_id = ?1 AND created_at <= ?2 AND ended_at IS NOT NULL"
    " ORDER BY created_at DESC LIMIT ?3"
)
PHOTOS = (
    "SELECT job_id FROM job_photos JOIN jobs ON jobs.id = job_id"
    " WHERE job_photos.user_id = ?1 AND jobs.user_id <> ?1 AND created_at <= ?2 LIMIT ?3"
)
POSTED = (
    f"SELECT channel_id, message_id, token FROM jobs WHERE id IN {SOME} AND user_id = ?2"  # noqa: S608 - own text
    " AND message_id IS NOT NULL AND deleted_at IS NULL",
    "SELECT shown_channel_id, shown_message_id, NULL FROM held JOIN jobs ON jobs.id = held.job_id"  # noqa: S608
    f" WHERE jobs.id IN {SOME} AND user_id = ?2 AND shown_message_id IS NOT NULL",
    "SELECT channel_id, message_id, token FROM jobs JOIN job_photos ON job_id = jobs.id"  # noqa: S608
    f" WHERE jobs.id IN {SOME} AND job_photos.user_id = ?2 AND jobs.user_id <> ?2"
    " AND message_id IS NOT NULL AND deleted_at IS NULL",
)
"""Each finds messages of the jobs ?1 that show what ?2 asked for, or what was made of their photos."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did; there is `more` to do, and before that the words of the versions `first` must go."""

    requests: int = 0
    posted: list[PostedMessage] = field(default_factory=list)
    more: bool = True
    first: list[str] = field(default_factory=list)
    stuck: bool = False


class Erase:
    """One erase of what `user_id` has up to the time `until`; without that, of all there is when it begins."""

    def __init__(self, database: Database, user_id: int, now: float, until: float | None = None) -> None:
        self._database, self._user_id, self._now = database, user_id, now
        self._until = now if until is None else until
        self._is_new = until is None
        self._clean: set[str] = set()
        self._requests, self._posted = 0, list[PostedMessage]()

    async def run(self) -> Erased:
        """Erase; not all of it where a job is on its way, which has to end first. Raises StoreUnavailable."""
        self._until = await self._database.write(self._begin)
        while await self._database.write(self._drop_files, alone=True):
            pass
        step = Step()
        while step.more and not step.stuck:
            step = await self._take(self._delete)
            for at in range(0, len(step.first), STEP):
                some = step.first[at : at + STEP]
                if (await self._take(partial(self._forget, jobs=some))).stuck:
                    return Erased(self._requests, self._posted, whole=False)
                self._clean.update(some)
        return Erased(self._requests, self._posted, whole=not step.stuck)

    async def _take(self, work: Callable[[sqlite3.Connection], Step]) -> Step:
        step = await self._database.write(work, alone=True)
        self._requests += step.requests
        self._posted += step.posted
        return step

    def _begin(self, connection: sqlite3.Connection) -> float:
        """Note the erase, and delete settings and favourites; return the time up to which requests go."""
        until, newest = self._until, "SELECT coalesce(max(created_at), 0) FROM jobs WHERE user_id = ?"
        if self._is_new:  # requests may be of later than now, where the clock was set back
            until = max(until, connection.execute(newest, (self._user_id,)).fetchone()[0])
        with self._noted(connection):
            connection.execute("DELETE FROM members WHERE user_id = ?", (self._user_id,))
            kept = "DELETE FROM favourites WHERE user_id = ? AND kept_at <= ?"
            connection.execute(kept, (self._user_id, until))
        connection.execute("INSERT OR REPLACE INTO erasing (user_id, until) VALUES (?, ?)", (self._user_id, until))
        return until

    def _drop_files(self, connection: sqlite3.Connection) -> int:
        """Delete some start pictures and, of the sandbox, some messages with their files; return how many."""
        with self._noted(connection):
            pictures = drop_some(connection, self._user_id, self._until, PICTURES_AT_ONCE)
            return pictures + self._drop_sandbox_messages(connection)

    def _drop_sandbox_messages(self, connection: sqlite3.Connection) -> int:
        some = "SELECT id FROM sandbox_messages WHERE user_id = ? AND made_at <= ? LIMIT ?"
        values = (self._user_id, self._until, PICTURES_AT_ONCE)
        return connection.execute(f"DELETE FROM sandbox_messages WHERE id IN ({some})", values).rowcount  # noqa: S608

    def _delete(self, connection: sqlite3.Connection) -> Step:
        """Delete the newest requests; where none is left, that others used photos; at last the note of the erase."""
        jobs, delete = self._some(connection, REQUESTS), self._delete_requests
        if not jobs:
            jobs, delete = self._some(connection, PHOTOS), self._delete_photos
        if not jobs:
            return self._end(connection)
        ids = json.dumps(jobs)
        versions = [row[0] for row in connection.execute(VERSIONS, (ids, self._user_id))]
        if first := [version for version in versions if version not in self._clean]:
            return Step(first=first)
        with self._noted(connection):
            return delete(connection, ids)

    def _some(self, connection: sqlite3.Connection, sql: str) -> list[str]:
        return [row[0] for row in connection.execute(sql, (self._user_id, self._until, STEP))]

    def _forget(self, connection: sqlite3.Connection, jobs: list[str]) -> Step:
        """Take the words out of others' versions, and note the messages that show the person's photos."""
        ids = json.dumps(jobs)
        rows = connection.execute(f"SELECT * FROM jobs WHERE id IN {SOME}", (ids,)).fetchall()  # noqa: S608 - own text
        versions = [from_row(row, self._database.seal) for row in rows]
        if not all(version.state.ended for version in versions):
            return Step(stuck=True)
        with self._noted(connection):
            posted = self._note_posted(connection, ids)
            for job in versions:
                authors = tuple(author for author in job.order.photos_of if author != self._user_id)
                job = replace(job, order=replace(job.order, photos_of=authors))  # noqa: PLW2901 - the same job without them
                forget_words(connection, self._database.seal, job, job.purged_at or self._now, _own_words(job))
        return Step(posted=posted)

    def _delete_requests(self, connection: sqlite3.Connection, ids: str) -> Step:
        cut = connection.execute(
            "UPDATE jobs SET parent_id = NULL WHERE rowid IN (SELECT rowid FROM jobs"  # noqa: S608 - own text
            f" WHERE parent_id IN {SOME} AND id NOT IN {SOME} LIMIT ?2)",
            (ids, STEP),
        )
        if cut.rowcount == STEP:
            return Step()
        posted = self._note_posted(connection, ids)
        for table in (*OF_A_JOB, "job_photos"):
            connection.execute(f"DELETE FROM {table} WHERE job_id IN {SOME}", (ids,))  # noqa: S608 - own names
        keep_uses(connection, self._database, self._user_id, ids, self._now - LONGEST)
        gone = connection.execute(f"DELETE FROM jobs WHERE id IN {SOME}", (ids,)).rowcount  # noqa: S608 - own text
        return Step(gone, posted)

    def _delete_photos(self, connection: sqlite3.Connection, ids: str) -> Step:
        sql = f"DELETE FROM job_photos WHERE job_id IN {SOME} AND user_id = ?2"  # noqa: S608 - own text
        connection.execute(sql, (ids, self._user_id))
        return Step()

    def _end(self, connection: sqlite3.Connection) -> Step:
        left = "SELECT 1 FROM jobs WHERE user_id = ? AND created_at <= ? LIMIT 1"
        if connection.execute(left, (self._user_id, self._until)).fetchone():
            return Step(stuck=True)
        connection.execute("DELETE FROM erasing WHERE user_id = ?", (self._user_id,))
        return Step(more=False)

    def _note_posted(self, connection: sqlite3.Connection, ids: str) -> list[PostedMessage]:
        values = (ids, self._user_id)
        posted = [PostedMessage(*row) for sql in POSTED for row in connection.execute(sql, values)]
        connection.executemany(
            "INSERT OR IGNORE INTO erased_messages (channel_id, message_id, token) VALUES (?, ?, ?)",
            [(one.channel_id, one.message_id, one.token) for one in posted],
        )
        return posted

    @contextmanager
    def _noted(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Note that there is something to tidy up after, where anything changes meanwhile."""
        changes = connection.total_changes
        yield
        if connection.total_changes > changes:
            connection.execute("INSERT INTO untidy (erased_at) VALUES (?)", (self._now,))


def forget_words(connection: sqlite3.Connection, seal: Seal, job: Job, now: float, words: str = "") -> None:
    """Leave of a job where and when it was, and its seed; `words` are those that may stay."""
    empty_words(connection, seal, job, now, words)
    for table in OF_A_JOB:
        connection.execute(f"DELETE FROM {table} WHERE job_id = ?", (job.id,))  # noqa: S608 - own names


def _own_words(job: Job) -> str:
    """Return the words of a version that are its requester's own: those of a change by words, or to a photo."""
    order = job.order
    own = order.kind is Kind.START or (order.kind is Kind.REFINE and (order.base or job.purged_at))
    return order.words if own else ""
