"""Pictures that the safety check held for a moderator, undecided or decided."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.jobs import Job

WAITING_S = 7 * 86_400.0
"""Nobody decided for so long: the pictures are removed, and the request refunded."""


@dataclass(frozen=True, slots=True)
class Held:
    """`score` is the highest of the request's pictures; `shown_at` is the channel and message that moderators see."""

    job: Job
    score: float
    held_at: float
    released_by: int | None = None
    shown_at: tuple[int, int] | None = None

    @property
    def waits(self) -> bool:
        return self.released_by is None and not self.job.state.ended
