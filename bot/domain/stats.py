"""A server's figures by day: pictures, waits, refusals and failures, without names or words.

A day is one in UTC, as days since 1970. A request that was refused after it had been accepted, as for words that came
up only when it was understood, counts as refused, not as failed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bot.domain.model_rules import ModelClosed
from bot.domain.moderation import Barred, Block, BlockedByHost, ChannelClosed, NotServed, Paused
from bot.domain.photos import PhotoNotShared, PhotosOff
from bot.domain.progress import Reason
from bot.domain.quota import AtOnce, Refusal

DAY_S = 86_400
MOST_DAYS = 90
USUAL_DAYS = 14


class Why(Enum):
    """For what a request was refused."""

    LIMIT = "limit"
    AT_ONCE = "at-once"
    BLOCKED = "blocked"
    PAUSED = "paused"
    CHANNEL = "channel"
    WORD = "word"
    PHOTO = "photo"
    MODEL = "model"
    UNDERSTOOD = "understood"
    BUSY = "busy"
    CONTENT = "content"
    CHECK = "check"
    REVIEW = "review"


LATER = {
    Reason.WORDS: Why.UNDERSTOOD,
    Reason.BUSY: Why.BUSY,
    Reason.BLOCKED: Why.CONTENT,
    Reason.PICTURE: Why.CHECK,
    Reason.ELSEWHERE: Why.CHECK,
    Reason.REMOVED: Why.REVIEW,
    Reason.UNREVIEWED: Why.REVIEW,
    Reason.FULL: Why.REVIEW,
}
"""Ends of accepted requests that are refusals."""


def why_barred(error: Barred) -> Why:
    match error.why:
        case Block() | BlockedByHost():
            return Why.BLOCKED
        case Paused():
            return Why.PAUSED
        case ChannelClosed() | NotServed():
            return Why.CHANNEL
        case PhotosOff() | PhotoNotShared():
            return Why.PHOTO
        case ModelClosed():
            return Why.MODEL
        case _:
            return Why.WORD


def why_refused(why: Refusal | AtOnce) -> Why:
    return Why.AT_ONCE if isinstance(why, AtOnce) else Why.LIMIT


def day_of(at: float) -> int:
    return int(at // DAY_S)


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended: when, how many pictures came of it (None: it failed), and after how many seconds."""

    at: float
    pictures: int | None
    wait_s: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day; the waits are None where nothing was finished, which is not a wait of no time."""

    number: int
    pictures: int = 0
    failed: int = 0
    refused: Mapping[Why, int] = field(default_factory=dict)
    median_s: float | None = None
    p90_s: float | None = None

    @property
    def refusals(self) -> int:
        return sum(self.refused.values())


@dataclass(frozen=True, slots=True)
class Report:
    """Each of the days, oldest first, the last being today, and the waits over all of them."""

    days: tuple[Day, ...]
    median_s: float | None = None
    p90_s: float | None = None

    @property
    def pictures(self) -> int:
        return sum(day.pictures for day in self.days)

    @property
    def failed(self) -> int:
        return sum(day.failed for day in self.days)

    @property
    def refused(self) -> dict[Why, int]:
        """How often for each reason that there was, the most frequent first."""
        counts = {why: sum(day.refused.get(why, 0) for day in self.days) for why in Why}
        return dict(sorted(((why, n) for why, n in counts.items() if n), key=lambda pair: -pair[1]))


def report(first: int, last: int, ended: Iterable[Ended], refused: Iterable[tuple[int, Why, int]]) -> Report:
    """Return the report of the days `first` to `last`, given the jobs that ended in them, and (day, why, count)."""
    jobs: dict[int, list[Ended]] = {number: [] for number in range(first, last + 1)}
    for job in ended:
        jobs[day_of(job.at)].append(job)
    counts: dict[int, dict[Why, int]] = {number: {} for number in jobs}
    for number, why, count in refused:
        counts[number][why] = count
    waits = [job.wait_s for found in jobs.values() for job in found if job.pictures is not None]
    return Report(tuple(_day(number, jobs[number], counts[number]) for number in jobs), *_waits(waits))


def _day(number: int, jobs: Sequence[Ended], refused: dict[Why, int]) -> Day:
    waits = [job.wait_s for job in jobs if job.pictures is not None]
    later = sum(refused.get(why, 0) for why in set(LATER.values()))
    failed = max(0, len(jobs) - len(waits) - later)
    return Day(number, sum(job.pictures or 0 for job in jobs), failed, refused, *_waits(waits))


def _waits(waits: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the median and the 90th percentile by nearest rank."""
    if not waits:
        return None, None
    ordered, middle = sorted(waits), len(waits) // 2
    return (ordered[middle] + ordered[~middle]) / 2, ordered[math.ceil(0.9 * len(waits)) - 1]
