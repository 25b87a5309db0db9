"""The stages that a job's message shows, each a plain value; ui turns them into text and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bot.domain.jobs import Painted
from bot.domain.picture_policy import Rating
from bot.domain.styles import Style
from engine.api.messages import Lack

UNRATED = Rating()


@dataclass(frozen=True, slots=True)
class Fetching:
    """The engine fetches a model of `total` bytes, and has `percent` of it.

    In whole percents, so that a message is not edited for every second of a long fetch.
    """

    model: str
    percent: int
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The engine does not answer, or still loads; `until` is when waiting ends with a refund, in seconds since 1970."""

    until: float | None = None
    fetching: Fetching | None = None


@dataclass(frozen=True, slots=True)
class InLine:
    """`position` others come first; `ready_at` is when the picture is expected, in seconds since 1970."""

    position: int
    ready_at: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words that a model of a small world does not know, and what it can draw instead, by language."""

    words: tuple[str, ...]
    knows: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Remarks:
    """What the requester should know of how the models take the order.

    `unknown` names words that they do not know, `lacks` what an order may hold that they do not heed (as in
    ModelFacts), `sent_to` the service that the words, and if so a `picture_sent`, leave the host for. `as_written` says
    that no language model gave a usable answer. `no_loras` are LoRAs that the painter has not, so that the picture is
    painted without them.
    """

    style: Style | None = None
    unknown: Unknown | None = None
    lacks: frozenset[Lack] = frozenset()
    sent_to: str = ""
    picture_sent: bool = False
    as_written: bool = False
    no_loras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Painting:
    """`step` of `steps` are done; `preview` is a picture file."""

    step: int = 0
    steps: int | None = None
    remarks: Remarks = Remarks()
    preview: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """The pictures' files, and how they were made."""

    pictures: tuple[bytes, ...] = field(repr=False)
    painted: Painted
    remarks: Remarks = Remarks()
    rating: Rating = UNRATED


@dataclass(frozen=True, slots=True)
class HeldForReview:
    """The pictures are there, and nobody sees them before a moderator did."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """Limner is being stopped; the next start goes on with this."""


class Reason(Enum):
    """Why a job ended without a picture. Each has its sentence in the locale files."""

    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    UNLOADED = "unloaded"
    MEMORY = "memory"
    BLOCKED = "blocked"
    WORDS = "words"
    LANGUAGE = "language"
    THING = "thing"
    CHECK = "check"
    UNCHECKED = "unchecked"
    PICTURE = "picture"
    ELSEWHERE = "elsewhere"
    REMOVED = "removed"
    UNREVIEWED = "unreviewed"
    FULL = "full"
    KEY = "key"
    BUSY = "busy"
    REFUSED = "refused"
    INTERNAL = "internal"
    LATE = "late"
    LARGE = "large"
    UNDELIVERABLE = "undeliverable"
    UNWELL = "unwell"


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was painted and nothing counted; `detail` is the engine's own sentence, where it helps."""

    reason: Reason
    detail: str = ""


Stage = Waiting | InLine | Painting | HeldForReview | Suspended | Finished | Failed
