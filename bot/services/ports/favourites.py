"""What the services need of the database for favourites, as a protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bot.domain.jobs import Job

MOST = 200
"""Favourites of one person: so many requests' words at most outlive the host's retention for them."""


class FavouritesFull(Exception):
    """The person has MOST favourites already; nothing was changed."""


class Favourites(Protocol):
    async def toggle(self, user_id: int, job_id: str, at: float) -> bool:
        """Keep the picture as a favourite, or no longer; return whether it is one now.

        One whose message is gone, or that was erased, cannot become one. Raises FavouritesFull, StoreUnavailable.
        """

    async def of_user(self, user_id: int) -> list[Job]:
        """Return the finished pictures that this person keeps and whose message is not known to be gone, newest first.

        They may be another's.
        """

    async def among(self, user_id: int, job_ids: Iterable[str]) -> set[str]:
        """Return which of these pictures the person keeps."""
