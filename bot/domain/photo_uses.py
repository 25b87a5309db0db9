"""The log's entries about other members' photos that a job starts from."""

from __future__ import annotations

from bot.domain.jobs import Job
from bot.domain.moderation import Action, Entry


def photo_uses(job: Job) -> list[Entry]:
    """Return an entry for each photo of someone else's, with both names."""
    others = [author for author in job.order.photos_of if author != job.place.user_id]
    return [Entry(job.place.user_id, Action.PHOTO_USE, job.created_at, author) for author in others]
