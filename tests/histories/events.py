"""What a history is made of: what members asked, were answered and saw, and what the ledger wrote, each with its time.

All times are of the system's clock, in seconds since 1970, whatever the bot takes for its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Asked:
    """`who` did something: `what` is the command, the button or the reply, or the words of an /imagine."""

    at: float
    who: str
    what: str


@dataclass(frozen=True)
class Answered:
    """What came of an /imagine with these words, as its member could read it."""

    at: float
    who: str
    words: str
    told: Literal["accepted", "refused", "nothing"]


@dataclass(frozen=True)
class Shown:
    """A message was posted or edited; `to` is the one member who sees it, None where the channel does."""

    at: float
    message: str
    to: str | None
    text: str
    pictures: int
    running: frozenset[str]
    """Jobs that it offers to cancel; its pictures, if any, are previews then."""
    done: frozenset[str]
    """Jobs whose finished pictures it shows."""
    jobs: frozenset[str]
    """Jobs of any of its buttons."""


@dataclass(frozen=True)
class Gone:
    """A message was deleted."""

    at: float
    message: str


@dataclass(frozen=True)
class Reserved:
    """A request was accepted, and so many pictures reserved; `made` is the bot's own time of it."""

    at: float
    job: str
    user: int
    guild: int
    images: int
    granted: int
    made: float
    words: str | None = None
    """None where they cannot be read, or where it came of another request."""
    photos: bool = False
    """Whether it starts from a photo."""
    model: str = ""
    """The one that paints, empty where that was not known yet."""


@dataclass(frozen=True)
class Settled:
    """A reservation's state was written: `spent` or `released`."""

    at: float
    job: str
    state: str


@dataclass(frozen=True)
class Held:
    """A job's pictures wait for a moderator."""

    at: float
    job: str


@dataclass(frozen=True)
class Decided:
    """A line of the moderators' log, with the values of bot.domain.moderation."""

    at: float
    guild: int
    action: str
    target: int | None = None
    kind: str = ""
    after: str = ""


Event = Asked | Answered | Shown | Gone | Reserved | Settled | Held | Decided
