"""The records of an export, and the outcomes of an export or erase, as values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import to_builtins

from bot.domain.jobs import Job

Record = dict[str, Any]
"""JSON-able values by the names that docs/privacy.md documents."""

GONE, UNREACHABLE, LARGE, MANY, UNREADABLE = "gone", "unreachable", "large", "many", "unreadable"
"""Why a picture is not in an export: its message was deleted, cannot be read by the bot, is over Discord's limit for a
file, comes after as many files as one export has, or was kept under a key that is lost."""
FORBIDDEN, PRIVATE, UNWELL = "forbidden", "private", "unwell"
"""Why a message stays: the bot may not delete it there, only its reader can, or Discord was unwell for too long."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """Where a message stands; with a token it answers an interaction, and can be reached for 15 minutes."""

    channel_id: int
    message_id: int
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What is gone from the database: how many requests, and the messages, which Discord still shows.

    Where it is not `whole`, some of it is left.
    """

    requests: int
    posted: list[PostedMessage]
    whole: bool


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erase did: requests and messages that went, and messages that stay, by why."""

    requests: int
    messages: int
    left: Counter[str] = field(default_factory=Counter)
    pseudonymous: int = 0


def iso(at: float | None) -> str | None:
    """Return a time in UTC as ISO 8601 writes it."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def job_record(job: Job) -> Record:
    """Return all that is kept of a request."""
    order, place, painted = job.order, job.place, job.painted
    written = to_builtins(order)
    written["photos_of"] = [_id(author) for author in order.photos_of]
    return {
        "id": job.id,
        "state": job.state.value,
        "asked_at": iso(job.created_at),
        "ended_at": iso(job.ended_at),
        "message_deleted_at": iso(job.deleted_at),
        "words_deleted_at": iso(job.purged_at),
        "words": written.pop("words"),
        "understood_as": written.pop("spec"),
        "changes": written.pop("base"),
        "options": written,
        "seed": job.seed,
        "parent_id": job.parent_id,
        "server_id": _id(place.guild_id),
        "channel_id": _id(place.channel_id),
        "message_id": _id(job.message_id),
        "link": job.link or None,
        "locale": place.locale,
        "painted": to_builtins(painted) if painted else None,
    }


def _id(snowflake: int | None) -> str | None:
    """Ids are texts, as in Discord's API: they are too large for JavaScript's numbers."""
    return None if snowflake is None else str(snowflake)
