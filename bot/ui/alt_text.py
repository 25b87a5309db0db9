"""The alt text of a picture, for those who cannot see it: what it shows, in the requester's language."""

from __future__ import annotations

from bot.domain.invisible_characters import without_mentions
from bot.domain.jobs import Job
from bot.ui.i18n import text

MAX_CHARS = 1_024
"""Discord's limit."""
AROUND_CHARS = 40
"""What the sentence around the description takes at most."""


def alt_text(job: Job, index: int, count: int) -> str:
    """Return the text of picture `index` of `count`, counted from 1."""
    shows = without_mentions(job.shows)
    key = "alt-asked-for" if job.shows_unknown else "alt"
    return text(job.place.locale, key, understood=shows[: MAX_CHARS - AROUND_CHARS], index=index, count=count)
