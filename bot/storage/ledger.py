"""The quota ledger: reservations of pictures, held, spent or released.

Invariant: deciding and reserving are one transaction; a job's end and that of its reservation are one, too.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.domain.account import Account, Host, Verdict
from bot.domain.jobs import Job, JobState, Painted, Place
from bot.domain.limit_rules import Rule
from bot.domain.moderation import Barred
from bot.domain.progress import Reason
from bot.domain.quota import WINDOWS, AtOnce, Refusal, Use
from bot.services.ports.storage import ADMIT_S, WordsChanged
from bot.storage import jobs, model_rules, photos, start_pictures
from bot.storage.database import Database
from bot.storage.erased_usage import erased_uses
from bot.storage.limit_rules import grant_left, rules_for
from bot.storage.moderation import blocked_words, closed
from bot.storage.sealing import Seal

DIRECT_MESSAGES = 0
"""Stands for the guild where there is none: limits count for each server, and for direct messages, by themselves."""
USUAL_SECONDS = 60.0
LONGEST = max(WINDOWS.values())
SLOT_S = 1_200
"""As in 0005_tallies.sql."""
HERE = "WITH places (id) AS (VALUES (?2)) "
"""Of ?1, the user, and ?2, the server: the server alone."""
EVERYWHERE = (
    "WITH RECURSIVE places (id) AS (SELECT min(guild_id) FROM tallies WHERE user_id = ?1 UNION ALL"
    " SELECT (SELECT min(guild_id) FROM tallies WHERE user_id = ?1 AND guild_id > places.id) FROM places"
    " WHERE places.id IS NOT NULL) "
)
"""All servers, and direct messages, that the user has tallies of: one look-up for each, however many rows."""


class Ledger:
    """Implements services.ports.storage.QuotaLedger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(
        self, job: Job, host: Host, starts: Sequence[bytes] = (), words: tuple[str, ...] = (), model: str = ""
    ) -> Account | Refusal | AtOnce:
        def work(connection: sqlite3.Connection) -> Account | Refusal | AtOnce:
            place, now, asked = job.place, job.created_at, job.order.count
            if why := closed(connection, place, now):
                raise Barred(why)
            if bar := photos.barred(connection, place, job.order.photos_of):
                raise Barred(bar)
            if closed_model := model_rules.barred(connection, place, job.order, model):
                raise Barred(closed_model)
            if blocked_words(connection, place.guild_id) != words:
                raise WordsChanged
            account, verdict, grant_id = self._decided(connection, place, asked, now, host, model)
            if verdict.refusal is not None:
                return verdict.refusal
            jobs.insert(connection, self._database, job, starts)
            photos.keep(connection, job)
            granted, guild_id = verdict.granted, place.guild_id or DIRECT_MESSAGES
            connection.execute(
                "INSERT INTO reservations"
                " (job_id, user_id, guild_id, images, state, reserved_at, granted, grant_id, model)"
                " VALUES (?, ?, ?, ?, 'held', ?, ?, ?, ?)",
                (job.id, place.user_id, guild_id, asked, now, granted, grant_id if granted else None, model),
            )
            return account.taken(Use(now, asked, granted, model))

        return await self._database.write(work, ADMIT_S)

    async def refusal(
        self, place: Place, asked: int, now: float, host: Host, model: str = ""
    ) -> Refusal | AtOnce | None:
        def work(connection: sqlite3.Connection) -> Refusal | AtOnce | None:
            return self._decided(connection, place, asked, now, host, model)[1].refusal

        return await self._database.read(work)

    async def settle(
        self, job_id: str, end: JobState, at: float, painted: Painted | None = None, untold: Reason | None = None
    ) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            return end_job(connection, self._database.seal, job_id, end, at, painted, untold)

        return await self._database.write(work)

    async def account(self, place: Place, now: float) -> Account:
        return await self._database.read(lambda connection: self._account(connection, place, now)[0])

    async def uses(self, user_id: int, guild_id: int | None, since: float) -> list[Use]:
        def work(connection: sqlite3.Connection) -> list[Use]:
            owner = user_id, guild_id or DIRECT_MESSAGES
            erased = erased_uses(connection, self._database, user_id, since)
            return [*_uses(connection, HERE, owner, since), *(use for there, use in erased if there == owner[1])]

        return await self._database.read(work)

    def _decided(
        self, connection: sqlite3.Connection, place: Place, asked: int, now: float, host: Host, model: str
    ) -> tuple[Account, Verdict, int | None]:
        """Return the account, whether so many pictures fit now, and the id of the grant that may pay for some."""
        account, grant_id = self._account(connection, place, now, host)
        verdict = account.decide(host, asked, now, now, model)
        if verdict.refusal is not None:  # which tells times, and for these each single use is needed
            account, grant_id = self._account(connection, place, now)
            verdict = account.decide(host, asked, now, _ready_at(connection, place.user_id, now), model)
        return account, verdict, grant_id

    def _account(
        self, connection: sqlite3.Connection, place: Place, now: float, summed: Host | None = None
    ) -> tuple[Account, int | None]:
        """Return the account with what counts from before an erase, too."""
        account, grant_id = _account(connection, place, now, summed)
        erased = erased_uses(connection, self._database, place.user_id, now - LONGEST)
        here = [use for guild_id, use in erased if guild_id == (place.guild_id or DIRECT_MESSAGES)]
        everywhere = (*account.everywhere, *(use for _, use in erased))
        by_model = (*account.by_model, *here)
        return replace(account, uses=(*account.uses, *here), everywhere=everywhere, by_model=by_model), grant_id


def end_job(
    connection: sqlite3.Connection,
    seal: Seal,
    job_id: str,
    end: JobState,
    at: float,
    painted: Painted | None = None,
    untold: Reason | None = None,
) -> bool:
    """End the job and spend or release what it held; to be called inside a transaction. False when it had ended."""
    if not end.ended:
        raise ValueError(f"{end} is no end")
    kept = "spent" if end is JobState.DONE else "released"
    if painted:
        jobs.set_painted(connection, job_id, painted)
    changed = connection.execute(
        "UPDATE jobs SET state = ?, ended_at = ?, untold = ? WHERE id = ? AND ended_at IS NULL",
        (end.value, at, untold.value if untold else None, job_id),
    )
    if changed.rowcount == 0:
        return False
    if end is not JobState.DONE:
        start_pictures.drop(connection, "SELECT ?", job_id)
        jobs.forget_old_failures(connection, seal, job_id, at)
    connection.execute("UPDATE reservations SET state = ? WHERE job_id = ? AND state = 'held'", (kept, job_id))
    return True


def _account(
    connection: sqlite3.Connection, place: Place, now: float, summed: Host | None = None
) -> tuple[Account, int | None]:
    """Return what the member holds and under which rules, and the id of their grant.

    With `summed`, the uses are those of `_summed` for the rules and this host, which decide as the single uses do.
    """
    user_id, guild_id = place.user_id, place.guild_id
    owner = user_id, guild_id or DIRECT_MESSAGES
    rules: tuple[Rule, ...] = ()
    grant_id, granted = None, 0
    if guild_id is not None:
        rules = rules_for(connection, guild_id, user_id, place.roles, now)
        grant_id, granted = grant_left(connection, guild_id, user_id)
    running, here = connection.execute(
        "SELECT count(*), coalesce(sum(guild_id IS ?), 0) FROM jobs"
        " WHERE user_id = ? AND ended_at IS NULL AND held_at IS NULL",  # what is held waits for others
        (guild_id, user_id),
    ).fetchone()
    if summed is None:
        uses, everywhere = (_uses(connection, places, owner, now - LONGEST) for places in (HERE, EVERYWHERE))
    else:
        windows = {limit.seconds for limit in summed.limits}
        windows |= {rule.limit.seconds for rule in rules if not rule.limit.model}
        ceiling, together = {limit.seconds for limit in summed.ceiling}, summed.ceiling_per == "user"
        uses = _summed(connection, HERE, owner, windows if together else windows | ceiling, now)
        everywhere = _summed(connection, EVERYWHERE, owner, ceiling, now) if together else []
    by_model = _by_model(connection, owner, rules, now)
    return Account(rules, tuple(uses), granted, running, here, tuple(everywhere), tuple(by_model)), grant_id


def _summed(
    connection: sqlite3.Connection, places: str, owner: tuple[int, int], windows: Iterable[float], now: float
) -> list[Use]:
    """Return a use for each window, the shortest first; together they fill every window as the single uses do.

    A slot is twenty minutes, and its tally all that was used in it (0005_tallies.sql). A window holds whole slots, and
    a part of the one that it cuts, whose single uses are read; so the cost hardly depends on how many there are.
    """
    uses, before, inside = [], (0, 0), now
    sql = (
        f"{places}SELECT coalesce(sum(images), 0), coalesce(sum(granted), 0) FROM ("  # noqa: S608 - own text
        "SELECT images, granted FROM places CROSS JOIN tallies WHERE user_id = ?1 AND guild_id = places.id"
        " AND slot > ?3 UNION ALL SELECT images, granted FROM places CROSS JOIN reservations WHERE user_id = ?1"
        " AND guild_id = places.id AND reserved_at >= ?4 AND reserved_at < ?5 AND reserved_at + ?6 > ?7"
        " AND state <> 'released')"
    )
    for seconds in sorted(windows):
        cut = (int(now) - int(seconds)) // SLOT_S
        images, granted = connection.execute(
            sql, (*owner, cut, cut * SLOT_S, (cut + 1) * SLOT_S, seconds, now)
        ).fetchone()
        uses.append(Use(inside, images - before[0], granted - before[1]))
        before, inside = (images, granted), now - seconds - 1.0  # outside this window, inside the next
    return uses


def _uses(connection: sqlite3.Connection, places: str, owner: tuple[int, int], since: float) -> list[Use]:
    rows = connection.execute(
        f"{places}SELECT reserved_at, images, granted FROM places CROSS JOIN reservations"  # noqa: S608 - own text
        " WHERE user_id = ?1 AND guild_id = places.id AND reserved_at > ?3 AND state <> 'released'",
        (*owner, since),
    )
    return [Use(*row) for row in rows]


def _by_model(connection: sqlite3.Connection, owner: tuple[int, int], rules: Sequence[Rule], now: float) -> list[Use]:
    """Return each use that a rule of a model may count; these are few, since such a rule bounds them."""
    seconds = [rule.limit.seconds for rule in rules if rule.limit.model]
    if not seconds:
        return []
    names = json.dumps(["", *{rule.limit.model for rule in rules}])
    rows = connection.execute(
        "SELECT reserved_at, images, granted, model FROM reservations WHERE user_id = ?1 AND guild_id = ?2"
        " AND model IN (SELECT value FROM json_each(?3)) AND reserved_at > ?4 AND state <> 'released'",
        (*owner, names, now - max(seconds)),
    )
    return [Use(*row) for row in rows]


def _ready_at(connection: sqlite3.Connection, user_id: int, now: float) -> float:
    """Return a guess at when the first of the requests on their way ends."""
    (first,) = connection.execute(
        "SELECT min(created_at) FROM jobs WHERE user_id = ? AND ended_at IS NULL AND held_at IS NULL", (user_id,)
    ).fetchone()
    if first is None:
        return now
    (usual,) = connection.execute(
        "SELECT avg(ended_at - created_at) FROM"
        " (SELECT ended_at, created_at FROM jobs WHERE state = 'done' AND picked IS NULL"
        " ORDER BY ended_at DESC LIMIT 20)"
    ).fetchone()
    return float(max(now + 5.0, first + (usual or USUAL_SECONDS)))
