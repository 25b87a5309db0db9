"""Each rule of the histories sees a history that breaks it, and none sees anything in one that is right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.progress import Reason
from bot.domain.quota import Limit
from bot.storage.migrate import migrate
from bot.ui.i18n import text
from tests.histories.events import Answered, Decided, Event, Gone, Held, Reserved, Settled, Shown
from tests.histories.ledger import NOTED, read_ledger
from tests.histories.rules import REFUNDED, Terms, judge

TERMS = Terms((Limit(3, "hour"),), at_once=2)
ADA, GUILD = 1, 10
JOB, OTHER, THIRD = "a" * 32, "b" * 32, "c" * 32
NONE: frozenset[str] = frozenset()


def shown(at: float, message: str = "1", *, job: str = JOB, text: str = "", pictures: int = 0, to: str = "") -> Shown:
    """Return a message that works on the job, or with `text` one that offers nothing."""
    jobs = NONE if text else frozenset({job})
    return Shown(at, message, to or None, text, pictures, jobs, NONE, jobs)


def done(at: float, message: str = "1", *, job: str = JOB) -> Shown:
    return Shown(at, message, None, "a boat", 1, NONE, frozenset({job}), frozenset({job}))


def reserved(at: float, job: str = JOB, images: int = 1, **changes: object) -> Reserved:
    return replace(Reserved(at, job, ADA, GUILD, images, 0, at, f"words of {job[0]}"), **changes)  # type: ignore[arg-type]


def decided(at: float, action: str, after: str = "", target: int = ADA, kind: str = "") -> Decided:
    return Decided(at, GUILD, action, target, kind, after)


REFUND = (Settled(3.0, JOB, "released"), shown(3.1, text="Cancelled and refunded."))
WHOLE: list[Event] = [reserved(1.0), Answered(1.1, "Ada", "words of a", "accepted"), shown(1.2), done(2.0)]
WHOLE += [Settled(2.1, JOB, "spent")]
RIGHT: dict[str, list[Event]] = {
    "a picture": WHOLE,
    "its deletion": [*WHOLE, Gone(5.0, "1")],
    "a refund": [reserved(1.0), shown(1.2), *REFUND],
    "a refund of a picture that someone deleted before its end was noted": [
        *WHOLE[:4], Gone(2.5, "1"), Settled(3.0, JOB, "released"),
    ],
    "a full hour": [reserved(1.0, images=3), Settled(2.0, JOB, "spent"), reserved(3_602.0, OTHER, images=3)],
    "room after a refund": [reserved(1.0, images=3), *REFUND, reserved(4.0, OTHER, images=3)],
    "a raised limit": [decided(0.0, "limit-set", "9/hour", kind="user"), reserved(1.0, images=9)],
    "a model's limit, and another model": [
        decided(0.0, "limit-set", "1/hour with Big", kind="everyone"), reserved(1.0, model="big"),
        Settled(2.0, JOB, "spent"), reserved(3.0, OTHER, images=2, model="small"),
    ],
    "a person's limit of a model before everyone's, beside everyone's of all": [
        decided(0.0, "limit-set", "9/hour; 0/hour with big", kind="everyone"),
        decided(0.1, "limit-set", "2/hour with big", kind="user"), reserved(1.0, images=2, model="big"),
        Settled(2.0, JOB, "spent"), reserved(3.0, OTHER, images=7, model="small"),
    ],
    "a model's limit after a refund": [
        decided(0.0, "limit-set", "1/hour with big", kind="user"), reserved(1.0, model="big"), *REFUND,
        reserved(4.0, OTHER, model="big"),
    ],
    "a grant": [reserved(1.0, images=5, granted=5)],
    "a set of granted and usual ones": [reserved(1.0, images=5, granted=2)],
    "one more than at once, as one waits": [
        reserved(1.0), reserved(1.1, OTHER), Held(1.2, OTHER), reserved(1.3, THIRD),
    ],
    "a release": [reserved(1.0), shown(1.1), Held(2.0, JOB), decided(3.0, "review-release"), done(9_999.0)],
    "a block after the picture": [*WHOLE, decided(3.0, "block", "always"), done(9.0)],
    "a picture that was on its way": [reserved(1.0), shown(1.1), decided(1.9, "block", "always"), done(2.0)],
    "a block that was lifted": [decided(0.0, "block"), decided(0.5, "unblock"), *WHOLE],
    "a preview": [reserved(1.0), shown(1.2), shown(1.5, pictures=1), *WHOLE[3:]],
    "a preview that stays": [
        reserved(1.0), shown(1.5, pictures=1), decided(1.6, "nsfw-policy", "block"), shown(9.0, pictures=1),
    ],
    "previews under no policy": [
        decided(0.0, "nsfw-policy", "hold"), decided(0.1, "nsfw-policy", ""), reserved(1.0), shown(9.0, pictures=1),
    ],
    "a photo where photos are on": [
        decided(0.0, "photos", "off"), decided(0.1, "photos", "own"), reserved(1.0, photos=True),
    ],
}  # fmt: skip
WRONG: dict[str, tuple[list[Event], str]] = {
    "over the limit": ([reserved(1.0, images=2), reserved(2.0, OTHER, images=2)], "exceeded"),
    "over a lowered limit": ([decided(0.0, "limit-set", "1/hour", kind="user"), reserved(1.0, images=2)], "exceeded"),
    "over everyone's limit": (
        [decided(0.0, "limit-set", "0/day", kind="everyone"), reserved(1.0)], "exceeded",
    ),
    "over a model's limit, granted pictures or not": (
        [decided(0.0, "limit-set", "2/hour with big", kind="everyone"), reserved(1.0, images=2, model="big", granted=2),
         reserved(2.0, OTHER, model="BIG", granted=1)], "exceeded",
    ),
    "over the limit of all with a model's": (
        [decided(0.0, "limit-set", "9/hour with big", kind="user"), reserved(1.0, images=4, model="big")], "exceeded",
    ),
    "over the limit as long as a refund is not written": (
        [reserved(1.0, images=3), reserved(2.0, OTHER), *REFUND], "exceeded",
    ),
    "too many at once": ([reserved(1.0), reserved(1.1, OTHER), reserved(1.2, THIRD)], "exceeded"),
    "two messages": ([*WHOLE, done(3.0, "2")], "doubled"),
    "two messages, though the first is gone": ([*WHOLE, Gone(2.5, "1"), done(3.0, "2")], "doubled"),
    "worked on again": ([*WHOLE, shown(3.0)], "doubled"),
    "hours late": ([reserved(1.0), shown(1.2), done(9_999.0), Settled(9_999.0, JOB, "spent")], "mistold"),
    "a refunded picture": ([*WHOLE[:4], *REFUND], "shown"),
    "a picture that waits": ([reserved(1.0), Held(1.5, JOB), done(2.0)], "shown"),
    "a picture of someone blocked": ([reserved(1.0), decided(1.5, "block", "always"), done(4.0)], "shown"),
    "a forbidden preview": (
        [reserved(1.0), shown(1.1), decided(1.5, "nsfw-policy", "block"), shown(4.0, pictures=1)], "shown",
    ),
    "a forbidden photo": ([decided(0.0, "photos", "off", target=0), reserved(1.0, photos=True)], "shown"),
    "a refund twice": ([reserved(1.0), shown(1.2), *REFUND, Settled(4.0, JOB, "released")], "doubled"),
    "spent after its refund": ([reserved(1.0), shown(1.2), *REFUND, Settled(4.0, JOB, "spent")], "doubled"),
    "a refund that is told only": ([reserved(1.0), shown(1.2), REFUND[1]], "mistold"),
    "a refund that is told before it is written": (
        [reserved(1.0), shown(1.2), replace(REFUND[1], at=2.5), REFUND[0]], "mistold",
    ),
    "a refund that is not told": ([reserved(1.0), shown(1.2), REFUND[0], shown(4.0, text="On its way")], "mistold"),
    "refused and accepted": ([reserved(1.0), Answered(1.1, "Ada", "words of a", "refused")], "mistold"),
    "called accepted before it was": ([Answered(0.5, "Ada", "words of a", "accepted"), reserved(1.0)], "mistold"),
}  # fmt: skip


@pytest.mark.parametrize("events", RIGHT.values(), ids=RIGHT)
def test_nothing_is_wrong_with(events: list[Event]) -> None:
    assert judge(events, TERMS) == []


@pytest.mark.parametrize(("events", "sort"), WRONG.values(), ids=WRONG)
def test_it_sees(events: list[Event], sort: str) -> None:
    assert {violation.sort for violation in judge(events, TERMS)} == {sort}


def test_a_moved_clock_makes_nothing_late() -> None:
    assert judge(WRONG["hours late"][0], replace(TERMS, late_s=None)) == []


@pytest.mark.parametrize("reason", Reason)
def test_each_end_without_a_picture_tells_of_its_refund(reason: Reason) -> None:
    assert REFUNDED.search(text("en", f"failed-{reason.value}", detail="", where=""))


def test_what_may_yet_go_on_tells_of_no_refund() -> None:
    for told in (text("en", "waiting", when="soon"), text("en", "resting")):
        assert "refunded" in told
        assert not REFUNDED.search(told)


def test_the_ledger_is_noted_in_the_order_of_its_commits(tmp_path: Path) -> None:
    file = tmp_path / "limner.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        migrate(connection)
        for sql in (*NOTED, *NOTED):
            connection.execute(sql)
        connection.execute(
            "INSERT INTO jobs (id, state, user_id, channel_id, guild_id, locale, words, shape, count, seed, exact,"
            " options, created_at) VALUES (?, 'queued', 1, 2, 10, 'en-US', 'a boat', 'square', 1, 7, 0, '{}', 5.0)",
            (JOB,),
        )
        connection.execute(
            "INSERT INTO reservations (job_id, user_id, guild_id, images, state, reserved_at, model)"
            " VALUES (?, 1, 10, 1, 'held', 5.0, 'big')",
            (JOB,),
        )
        connection.execute(
            "INSERT INTO audit (guild_id, actor_id, action, target_id, before, after, reason, at)"
            " VALUES (10, 3, 'block', 1, '', 'always', '', 5.0)"
        )
        connection.execute("UPDATE jobs SET held_at = 6.0")
        connection.execute("UPDATE reservations SET state = 'released'")
    accepted, block, held, settled = read_ledger(file)
    assert isinstance(accepted, Reserved)
    assert (accepted.job, accepted.made, accepted.words, accepted.photos) == (JOB, 5.0, "a boat", False)
    assert accepted.model == "big"
    assert isinstance(block, Decided)
    assert (block.guild, block.action, block.target, block.after) == (10, "block", 1, "always")
    assert isinstance(held, Held)
    assert isinstance(settled, Settled)
    assert settled.state == "released"
