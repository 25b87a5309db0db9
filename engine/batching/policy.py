"""The batch policy as pure functions: which job computes next, which jobs share its step, which waiting job begins.

Invariant: nothing here knows models, threads or clocks. The step loop and the forecast call the same functions on the
same values, so the times that people are told follow from the rules that the engine works by.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

CHAT_DEBT = 2.0
"""Seconds of other users' denoising steps that a second of chat owes, before its user's next chat begins."""
MAX_PICTURES = 32
"""Picture requests that have begun at one time; each holds its prompt's embeddings and its latents, or at last its
pictures: some megabytes."""


class Begun(Protocol):
    """A begun job that has a denoising step to compute."""

    @property
    def rank(self) -> int:
        """Its priority, as `rank` computes it; the smallest goes first."""

    @property
    def group(self) -> Hashable:
        """What jobs must have in common to share a forward, as far as a job tells before it begins: size and LoRAs."""

    @property
    def rows(self) -> int:
        """The rows of its next forward."""

    @property
    def key(self) -> Hashable:
        """Equal for jobs whose next forwards can be computed as one batch."""

    @property
    def interruptible(self) -> bool:
        """Whether it stops at each step, so that another job's step can come between."""


B = TypeVar("B", bound=Begun)


@dataclass(frozen=True, slots=True)
class Lead:
    """The begun job that computes next, as far as a waiting job is concerned."""

    rank: int
    group: Hashable
    rows: int
    """The rows of all begun jobs that can share its forward, its own included."""
    interruptible: bool
    """Whether every begun job stops at each step."""


def rank(step_cost: int, steps_left: int, passed: int) -> int:
    """Return a job's priority, in pixels: the work that is left, less its aging; the smallest goes first.

    Shortest remaining work first, which keeps the mean wait short; `passed` keeps long jobs from starving.
    """
    return step_cost * steps_left - passed


def aging(step_cost: int, users: int) -> int:
    """Return what one step adds to `passed` of each job that was passed over, where so many users have jobs.

    It is the step's work shared out among the users: a job that needs W pixels comes before every new one after W
    pixels for each user. In whole pixels, so that many steps at once age a job exactly as they do one by one.
    """
    return max(1, step_cost // users)


def lead_of(ranked: Sequence[Begun]) -> Lead | None:
    """Return what a waiting job is compared with, given the begun jobs in order of rank; None where none has begun."""
    if not ranked:
        return None
    first = ranked[0]
    rows = sum(job.rows for job in ranked if job.key == first.key)
    return Lead(first.rank, first.group, rows, all(job.interruptible for job in ranked))


def may_begin(rank: int, group: Hashable, rows: int, lead: Lead | None, cap: Callable[[], int]) -> bool:
    """Tell whether a waiting job begins now: it goes before the lead, or fits into the lead's batch.

    `cap` returns how many rows that batch may have; it is called only where the answer depends on it, since for a new
    size it measures.
    """
    if lead is None:
        return True
    if not lead.interruptible:
        return False
    return rank < lead.rank or (group == lead.group and lead.rows + rows <= cap())


def chat_may_begin(chatting: int, slots: int, chats: bool, others_paint: bool, debt_s: float) -> bool:
    """Tell whether a waiting chat begins now, where `chatting` of the language model's `slots` are taken.

    While other users paint, a user has one chat at a time, and none while in debt; `chats` tells that one has begun.
    Begun chats take turns of equal time with the pictures. The debt is `CHAT_DEBT` times the seconds of the user's last
    chat, less the seconds of the steps since, so that a flood of chats takes a quarter of the time at most.
    """
    return chatting < slots and not (others_paint and (chats or debt_s > 0))


def batch(ranked: Sequence[B], cap: Callable[[B], int]) -> list[B]:
    """Return the jobs that compute the next step together: the first in order of rank, and those that fit beside it.

    A job that is larger than the cap is computed alone. `cap(job)` is called only where there is a choice.
    """
    first, *others = [job for job in ranked if job.key == ranked[0].key]
    if not others:
        return [first]
    chosen, rows, limit = [first], first.rows, cap(first)
    for job in others:
        if rows + job.rows <= limit:
            chosen.append(job)
            rows += job.rows
    return chosen
