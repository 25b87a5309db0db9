"""Limits over rolling windows: whether a request fits beside the uses in each window, and when it would.

A decision depends on its arguments alone, so that the ledger can take it inside a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WINDOWS = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0}
UNLIMITED = "none"
"""The word for no limit, where limits are written."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `images` pictures in any `per` (hour, day or week); with `model`, of those by that model alone."""

    images: int
    per: str
    model: str = ""

    @property
    def seconds(self) -> float:
        return WINDOWS[self.per]

    @property
    def window(self) -> tuple[str, str]:
        """What a target has one limit of: a window, and all models or one, of whose name case does not count."""
        return self.per, self.model.casefold()


@dataclass(frozen=True, slots=True)
class Use:
    """`images` pictures reserved at `at`, in seconds since the epoch; `granted` of them were drawn from a grant.

    `model` is the one that they are for, empty where that is not known.
    """

    at: float
    images: int
    granted: int = 0
    model: str = ""

    def may_be_by(self, model: str) -> bool:
        return self.model.casefold() in ("", model.casefold())


@dataclass(frozen=True, slots=True)
class Standing:
    """A limit and how much of it is used; `frees_at` is when more of it will be left (None: never).

    Where more is used than the limit has, which was lowered meanwhile, that is later than the oldest use's end.
    """

    limit: Limit
    used: int
    frees_at: float | None

    @property
    def left(self) -> int:
        return max(0, self.limit.images - self.used)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: which limit, how much of it is used, and from when on the request would fit (None: never).

    `granted` pictures are left on top of the limit; with `ceiling` it is the operator's, on top of which none come.
    """

    limit: Limit
    used: int
    asked: int
    free_at: float | None
    granted: int = 0
    ceiling: bool = False


@dataclass(frozen=True, slots=True)
class AtOnce:
    """`running` requests of this user are on their way and `allowed` may be; the first may end at `free_at`."""

    running: int
    allowed: int
    free_at: float


def parse_limits(text: str) -> tuple[Limit, ...]:
    """Read `20/hour,100/day`; `none` and the empty text mean no limit. Raises ValueError with a sentence."""
    if text.strip().lower() == UNLIMITED:
        return ()
    limits = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        images, _, per = part.partition("/")
        images, per = images.strip(), per.strip().lower()
        if not (images.isascii() and images.isdigit()) or len(images) > 9 or per not in WINDOWS:
            raise ValueError(f"{part!r} is not a limit; write a number and hour, day or week, such as 20/hour,100/day")
        limits.append(Limit(int(images), per))
    return tuple(limits)


def written(limits: Sequence[Limit]) -> str:
    """Return limits as `parse_limits` reads them."""
    return ",".join(f"{limit.images}/{limit.per}" for limit in limits) or UNLIMITED


def standing(limit: Limit, uses: Sequence[Use], now: float) -> Standing:
    """Return how `limit` stands at `now` for someone with these uses, in any order."""
    there = remaining = used(limit.per, uses, now)
    for use in sorted(_inside(limit, uses, now), key=lambda use: use.at):
        remaining -= use.images
        if remaining < min(there, limit.images):
            return Standing(limit, there, use.at + limit.seconds)
    return Standing(limit, there, None)


def used(per: str, uses: Sequence[Use], now: float) -> int:
    """Return how many pictures of the uses are in the window, `per`, that ends now."""
    seconds = WINDOWS[per]
    return sum([use.images for use in uses if use.at + seconds > now])


def _inside(limit: Limit, uses: Sequence[Use], now: float) -> list[Use]:
    """Return the uses in the window. Written as a sum, as `free_at` is, so that both agree to the last bit."""
    return [use for use in uses if use.at + limit.seconds > now]


def decide(limits: Sequence[Limit], uses: Sequence[Use], asked: int, now: float) -> Refusal | None:
    """Return None when `asked` more pictures fit every limit, else the refusal that lasts longest."""
    refusals = [refusal for limit in limits if (refusal := _refuse(limit, uses, asked, now))]
    return max(refusals, key=lambda refusal: float("inf") if refusal.free_at is None else refusal.free_at, default=None)


def _refuse(limit: Limit, uses: Sequence[Use], asked: int, now: float) -> Refusal | None:
    there = used(limit.per, uses, now)
    if there + asked <= limit.images:
        return None
    if asked > limit.images:
        return Refusal(limit, there, asked, None)
    excess = there + asked - limit.images
    for use in sorted(_inside(limit, uses, now), key=lambda use: use.at):
        excess -= use.images
        if excess <= 0:
            return Refusal(limit, there, asked, use.at + limit.seconds)
    raise AssertionError("asked fits the limit alone, so freeing every use makes room")
